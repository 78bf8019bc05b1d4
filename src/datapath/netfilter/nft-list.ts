import { printNftRule } from './nft-rule.ts';
import { printElements, quoted } from './nft-set.ts';
import type { BaseChainSpec, Chain, Hook, NftTable, Ruleset } from './ruleset.ts';
import type { KeyType, NamedSet, VerdictMap } from './sets.ts';

/**
 * Tables as `nft list ruleset` prints them, counters and handles left out, and as `nft -f` reads them. Verified with nftables 1.0.6: what is
 * loaded is listed byte for byte as it was (test/kernel-lab/nft.kernel.ts).
 */
export const nftList = (tables: readonly NftTable[]): string => tables.map((t) => `${printTable(t)}\n`).join('');

/** The nft tables of a machine, in the order in which they came; one for both families is there once. */
export const nftTables = (rulesets: Readonly<Record<'IPv4' | 'IPv6', Ruleset>>): readonly NftTable[] => [
  ...new Set([...rulesets.IPv4.nft, ...rulesets.IPv6.nft]),
];

function printTable(table: NftTable): string {
  const { family, name, comment, sets } = table;
  const base = new Map(table.base.map((b) => [b.chain.name, b]));
  const parts = [...sets.map(printSet), ...[...table.chains()].map((c) => printChain(c, base.get(c.name)))];
  const about = comment === null ? [] : [`\tcomment ${quoted(comment)}`];
  return [`table ${family} ${name} {`, ...about, parts.join('\n\n'), '}'].join('\n');
}

const block = (head: string, lines: readonly string[]) => [`\t${head} {`, ...lines.map((l) => `\t\t${l}`), '\t}'].join('\n');

/** The size that the kernel is given for a set that packets fill (NFT_SET_MAX_DYNAMIC, as nft has it). */
const DYNAMIC_SIZE = 65535;

function printSet(set: NamedSet | VerdictMap): string {
  const { kind, name, type, flags, timeout, comment, listed } = set;
  if (listed !== undefined) return listed;
  const elements = printElements(set);
  return block(`${kind} ${name}`, [
    `type ${type.join(' . ')}${kind === 'map' ? ' : verdict' : ''}`,
    ...(flags.includes('dynamic') ? [`size ${DYNAMIC_SIZE}`] : []),
    ...(flags.length === 0 ? [] : [`flags ${flags.join(',')}`]),
    ...(timeout === null ? [] : [`timeout ${duration(timeout)}`]),
    ...(comment === null ? [] : [`comment ${quoted(comment)}`]),
    ...(elements.length === 0 ? [] : [`elements = { ${inLines(elements, perLine(type))} }`]),
  ]);
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** 10800 seconds are `3h`. */
function duration(seconds: number): string {
  let rest = seconds;
  let text = '';
  for (const [unit, size] of UNITS) {
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text;
}

/** Source: calculate_delim, src/expression.c. */
function perLine([first = 'integer', ...more]: readonly KeyType[]): number {
  if (more.length > 0 || first === 'ipv6_addr' || first === 'ifname') return 1;
  return first === 'ipv4_addr' ? 2 : 5;
}

function inLines(elements: readonly string[], count: number): string {
  const lines: string[] = [];
  for (let i = 0; i < elements.length; i += count) lines.push(elements.slice(i, i + count).join(', '));
  return lines.join(',\n\t\t\t     ');
}

function printChain(chain: Chain, base: BaseChainSpec | undefined): string {
  const about = base === undefined ? [] : [baseLine(base)];
  const comment = chain.comment === undefined ? [] : [`comment ${quoted(chain.comment)}`];
  return block(`chain ${chain.name}`, [...comment, ...about, ...chain.rules().map(printNftRule)]);
}

function baseLine({ type, hook, priority, policy }: BaseChainSpec): string {
  return `type ${type} hook ${hook.toLowerCase()} priority ${priorityText(priority, hook)}; policy ${policy.toLowerCase()};`;
}

const NAMED: readonly (readonly [name: string, priority: number, only: Hook | null])[] = [
  ['raw', -300, null],
  ['mangle', -150, null],
  ['dstnat', -100, 'PREROUTING'],
  ['filter', 0, null],
  ['security', 50, null],
  ['srcnat', 100, 'POSTROUTING'],
];
/** A priority this near to one that has a name is printed as its distance. */
const NEAR = 10;

/** `dstnat - 10`. Source: prio2str, src/rule.c. */
function priorityText(priority: number, hook: Hook): string {
  const named = NAMED.find(([, p, only]) => Math.abs(priority - p) <= NEAR && (only === null || only === hook));
  if (named === undefined) return String(priority);
  const [name, p] = named;
  if (priority === p) return name;
  return `${name} ${priority < p ? '-' : '+'} ${Math.abs(priority - p)}`;
}
