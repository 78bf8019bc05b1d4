import type { FoundState, FoundTable, FoundText } from '../datapath/found-state.ts';
import { tableHead } from '../datapath/netfilter/iptables-save.ts';
import type { Rule, TableName } from '../datapath/netfilter/ruleset.ts';
import type { IpFamily } from '../net/address.ts';
import { type FoundLine, type Loader, refuseToLoad } from './found-line.ts';
import { foundNft } from './found-nft.ts';
import { LabError } from './machine.ts';

/** What was found on a machine, for the programs that load it: as it was printed, because the kernel is to be asked about that. */
export interface FoundInput {
  readonly loader: Loader;
  readonly lines: readonly FoundLine[];
}

/** In the order in which they are loaded: rules of iptables speak of sets. */
export function foundInputs(found: FoundState): readonly FoundInput[] {
  refuseUntold(found);
  const inputs: readonly FoundInput[] = [
    { loader: 'ipset restore', lines: onceEach(found.texts.filter(({ program }) => program === 'ipset').flatMap(plainLines)) },
    { loader: 'iptables-restore', lines: iptablesLines(found, 'IPv4') },
    { loader: 'ip6tables-restore', lines: iptablesLines(found, 'IPv6') },
    { loader: 'nft -f -', lines: foundNft(found, 'text') },
    { loader: 'nft -j -f -', lines: foundNft(found, 'json') },
  ];
  for (const { loader, lines } of inputs) for (const line of lines) refuseToLoad(loader, line);
  return inputs.filter(({ lines }) => lines.length > 0);
}

/** A kernel that has a part of the rules would answer for all of them. */
function refuseUntold({ iptables, untold, routes, rules }: FoundState): void {
  const tables = [...iptables.IPv4.values(), ...iptables.IPv6.values()];
  const ways = [...routes.IPv4.values(), ...routes.IPv6.values(), rules.IPv4 ?? [], rules.IPv6 ?? []]
    .flat()
    .flatMap((way) => way.untold ?? []);
  for (const { what, because, command } of [...tables.flatMap((t) => t.untold ?? t.beside?.untold ?? []), ...untold, ...ways])
    throw new LabError(`${what} is not known, so that no lab can have it: ${because}`, `collect all of it: ${command}`);
  if (tables.some(({ beside }) => beside !== undefined))
    throw new LabError(
      'iptables-legacy and iptables-nft are both in use there, and a lab has one of them',
      'the trace alone: k8s-trace SOURCE DESTINATION',
    );
}

const plainLines = ({ document, lines }: FoundText): readonly FoundLine[] =>
  lines.flatMap((text, i) => (/^(?:create|add) /.test(text) ? [{ text, locus: { document, path: [i], object: '' } }] : []));

/** Two texts may list one set. */
function onceEach(lines: readonly FoundLine[]): readonly FoundLine[] {
  const seen = new Set<string>();
  return lines.filter(({ text }) => !seen.has(text) && seen.add(text));
}

const iptablesLines = ({ iptables }: FoundState, family: IpFamily): readonly FoundLine[] =>
  [...iptables[family]].flatMap(([name, table]) => tableLines(name, table));

function tableLines(name: TableName, { policies, chains }: FoundTable): readonly FoundLine[] {
  const made = (text: string): FoundLine => ({ text, locus: null });
  return [
    ...tableHead(name, policies, [...chains.keys()]).map(made),
    ...[...chains.values()].flatMap((rules) => rules.flatMap((rule, i) => ruleLine(rule, rules[i - 1]))),
    made('COMMIT'),
  ];
}

const COUNTERS = /^\s*\[\d+:\d+\]\s*/;

/** A line that was read as several rules is one. */
function ruleLine({ origin: { locus } }: Rule, before: Rule | undefined): readonly FoundLine[] {
  if (locus === null) throw new Error('a rule that was found has a place');
  const { document, path } = locus;
  const previous = before?.origin.locus;
  if (previous?.document === document && previous.path[0] === path[0]) return [];
  return [{ text: document.line(document.position(path).line).replace(COUNTERS, ''), locus }];
}
