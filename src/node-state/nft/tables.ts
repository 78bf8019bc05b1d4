import { chainMadeBy, chainOf, LONG } from '../../datapath/netfilter/indexed-chain.ts';
import type { BaseChainSpec, Chain, Hook, LinkChain, NftTable, Policy, Rule } from '../../datapath/netfilter/ruleset.ts';
import type { MapData, NamedSet, VerdictMap } from '../../datapath/netfilter/sets.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import { declaredAt, type StateText } from '../text.ts';
import { isOfIptables } from './iptables-nft.ts';
import type { Maps } from './maps.ts';
import { priorityOf } from './priority.ts';
import { type Context, ruleOf } from './rules.ts';
import { mapForPrinting, setOf } from './sets.ts';
import type { RuleSyntax, RulesetSyntax, TableSyntax } from './syntax.ts';

/** What of a listing is not understood, or cannot be looked at, and where. */
export interface Told {
  readonly line: number;
  readonly why: string;
}

const FAMILIES = ['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev'] as const;

/** Null: nft has no such family. */
export function tableOf(text: StateText, syntax: TableSyntax, { managed }: RulesetSyntax, tell: (told: Told) => void): NftTable | null {
  const { name, comment, line } = syntax;
  const family = FAMILIES.find((f) => f === syntax.family);
  if (family === undefined) {
    tell({ line, why: `"${syntax.family}" is no family of nft` });
    return null;
  }
  const declaredSets = new Map<string, NamedSet>();
  const maps: Maps = {
    family,
    made: new Map(),
    map: (called) => syntax.sets.find((s) => s.kind === 'map' && s.name === called),
    originAt: (at) => declaredAt(text, at, `Node/${text.node} nft ${family} ${name}`),
  };
  const sets: (NamedSet | VerdictMap)[] = [];
  for (const s of syntax.sets) {
    const made = s.kind === 'map' ? mapForPrinting(s, maps) : setOf(s, family);
    if (made === null)
      tell({ line: s.line, why: `of the ${s.kind} "${s.name}" not all elements are understood: what a rule finds there is unknown` });
    else sets.push(made);
    if (made?.kind === 'set') declaredSets.set(s.name, made);
  }
  const chains = new Map<string, Chain>();
  const add = (called: string, rules: readonly RuleSyntax[]) => {
    const make = () =>
      rules.map((r, i) =>
        ruleOf(r.statements(), scope, declaredAt(text, r.line, `Node/${text.node} nft ${family} ${name} ${called} ${i + 1}`)),
      );
    // Most packets come to a long one: the first does not wait for it.
    const chain = rules.length < LONG ? chainMadeBy(called, make) : chainOf(called, make());
    chains.set(called, chain);
    return chain;
  };
  const scope: Context = {
    ...maps,
    set: (called) => declaredSets.get(called),
    block: (rules, at) => add(nameOfBlock(chains, at), rules).name,
  };
  for (const { name: called, rules, comment: said } of syntax.chains) {
    const chain = add(called, rules);
    if (said !== null) chains.set(called, { ...chain, comment: said });
  }
  const { base, links } = basesOf(syntax, chains, maps, tell);
  let tracks: boolean | null = null;
  return {
    family,
    name,
    comment,
    sets,
    base,
    ...(links.length === 0 ? {} : { links }),
    ...(isOfIptables(syntax, managed) ? { isOfIptables: true as const } : {}),
    get tracksConnections() {
      tracks ??= asks(chains);
      return tracks;
    },
    chain: (called) => chains.get(called),
    chains: () => chains.values(),
  };
}

/**
 * The kernel calls a chain that stands in a rule `__chain` and a number that no listing shows (nf_tables_newchain): here it is that of its
 * line.
 */
function nameOfBlock(chains: ReadonlyMap<string, Chain>, line: number): string {
  const name = `__chain${line + 1}`;
  return chains.has(name) ? `${name}.${chains.size}` : name;
}

/** Reading a chain may bring those that stand in its rules, which come behind. */
function asks(chains: ReadonlyMap<string, Chain>): boolean {
  for (const chain of chains.values()) if (chain.rules().some(asksConntrack)) return true;
  return false;
}

const HOOKS: Readonly<Record<string, Hook>> = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
};

interface Bases {
  readonly base: readonly BaseChainSpec[];
  readonly links: readonly LinkChain[];
}

function basesOf(syntax: TableSyntax, chains: ReadonlyMap<string, Chain>, maps: Maps, tell: (told: Told) => void): Bases {
  const base: BaseChainSpec[] = [];
  const links: LinkChain[] = [];
  const isOfIp = syntax.family === 'ip' || syntax.family === 'ip6' || syntax.family === 'inet';
  for (const c of syntax.isDormant ? [] : syntax.chains) {
    const chain = chains.get(c.name);
    if (c.base === null || chain === undefined) continue;
    const { type, priority: words, devices } = c.base;
    const hook = HOOKS[c.base.hook];
    const policy: Policy = c.base.policy?.toLowerCase() === 'drop' ? 'DROP' : 'ACCEPT';
    const priority = priorityOf(words, syntax.family, c.base.hook);
    if (!isOfIp || c.base.hook === 'ingress' || c.base.hook === 'egress') {
      links.push({ chain, hook: c.base.hook, devices, policy, policyOrigin: maps.originAt(c.base.policyLine) });
    } else if (hook === undefined || priority === null || (type !== 'filter' && type !== 'nat' && type !== 'route'))
      tell({ line: c.line, why: `"type ${type} hook ${c.base.hook} priority ${words}" is no place that is known` });
    else base.push({ chain, type, hook, priority, policy, policyOrigin: maps.originAt(c.base.policyLine) });
  }
  return { base, links };
}

const TARGETS: ReadonlySet<Target['kind'] | MapData['kind']> = new Set<Target['kind']>([
  'DNAT',
  'DNAT-PORT',
  'REDIRECT',
  'SNAT',
  'MASQUERADE',
  'CONNMARK',
  'NETMAP',
]);

/** Connection tracking runs where a rule asks for it, wherever it stands. Source: nft_ct_get_init, nft_nat_init. */
function asksConntrack({ matches, target, then }: Rule): boolean {
  if (target !== null && (TARGETS.has(target.kind) || (target.kind === 'vmap' && target.key.some((k) => k.startsWith('ct '))))) return true;
  if (target?.kind === 'vmap' || target?.kind === 'numgen')
    for (const { verdict } of target.map.elements()) {
      if (TARGETS.has(verdict.kind)) return true;
      break;
    }
  for (const m of matches) {
    if (m.kind === 'ctstate' || m.kind === 'connmark') return true;
    if (m.kind === 'lookup' && m.key.some((k) => k.startsWith('ct '))) return true;
    if (m.kind === 'bits' && m.field.startsWith('ct ')) return true;
    if (m.kind === 'unknown' && m.text.includes('ct ')) return true;
  }
  return then !== undefined && asksConntrack(then);
}
