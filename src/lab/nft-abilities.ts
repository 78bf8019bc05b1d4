import type { Ability } from './rule-abilities.ts';

/** A rule for each expression of nft that a datapath may use and a kernel may lack, and its module, by the words that it is known by. */
const EXPRESSIONS: readonly (readonly [words: RegExp, rule: string, module: string])[] = [
  [/\bnumgen /, 'numgen random mod 2 vmap { 0 : drop, 1 : accept }', 'nft_numgen'],
  [/\bfib /, 'fib daddr type local drop', 'nft_fib_FAMILY'],
  [/\bct (?:state|status|mark) /, 'ct state new drop', 'nft_ct'],
  [/\breject\b/, 'reject', 'nft_reject_FAMILY'],
  [/\b[ds]nat (?:ip6? )?to /, 'dnat', 'nft_nat'],
  [/\bmasquerade\b/, 'masquerade', 'nft_masq'],
];

const FAMILIES = {
  ip: { family: 'ipv4', dnat: 'dnat to 192.0.2.1' },
  ip6: { family: 'ipv6', dnat: 'dnat to 2001:db8::1' },
  inet: { family: 'inet', dnat: 'dnat ip to 192.0.2.1' },
} as const;

/** The input of `nft -f -`. */
const LOADED = /nft -f - <<'END'\n([\s\S]*?)\nEND$/gm;

const isFamily = (word: string | undefined): word is keyof typeof FAMILIES => word !== undefined && word in FAMILIES;

/** The abilities that the nft rules of a script need; the script is without comments. */
export function nftAbilities(script: string): readonly Ability[] {
  const needed = new Map<string, Ability>();
  for (const [, text = ''] of script.matchAll(LOADED))
    for (const table of text.split(/^(?=table )/m)) {
      const family = table.split(' ')[1];
      if (!isFamily(family)) continue;
      for (const [words, rule, module] of EXPRESSIONS)
        if (words.test(table)) needed.set(`${family} ${rule}`, expressionAbility(family, rule, module));
    }
  return [...needed.values()];
}

/** `nft -c` asks the kernel, which then forgets it again. */
function expressionAbility(table: keyof typeof FAMILIES, rule: string, module: string): Ability {
  const { family, dnat } = FAMILIES[table];
  const name = module.replace('FAMILY', family);
  const tried = rule === 'dnat' ? dnat : rule;
  return {
    probe: `nft -c 'add table ${table} probe; add chain ${table} probe c; add rule ${table} probe c ${tried}'`,
    name: `nft's ${rule.split(' ')[0]} (${name})`,
    remedy: `modprobe ${name}`,
    without: 'kubeProxy: { mode: iptables }',
  };
}
