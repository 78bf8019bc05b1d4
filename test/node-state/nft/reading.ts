import type { Match } from '../../../src/datapath/netfilter/match.ts';
import type { NftTable, Rule } from '../../../src/datapath/netfilter/ruleset.ts';
import type { NamedSet, VerdictMap } from '../../../src/datapath/netfilter/sets.ts';
import { readNft } from '../../../src/node-state/nft/read.ts';
import { type Reading, stateText } from '../../../src/node-state/text.ts';

export const readText = (text: string): Reading => readNft(stateText('node-1', 'nft.txt', text));

/** The tables of a listing that is understood in full. */
export function tablesOf(text: string): readonly NftTable[] {
  const { pieces, faults } = readText(text);
  if (faults.length > 0) throw new Error(faults.map((f) => f.message).join('; '));
  return pieces.flatMap((p) => (p.kind === 'nft' ? p.tables : []));
}

const elementsOf = (set: NamedSet | VerdictMap) =>
  [...set.elements()].map((e) => plain('verdict' in e ? [e.key, e.verdict] : e.key)).sort();

const plain = (value: unknown): string => JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v));

/** What is not modelled stands there in other words in each form. */
const matchWords = (m: Match): unknown => {
  if (m.kind === 'unknown') return 'unknown';
  if (m.kind === 'statistic') return ['statistic', m.probability];
  if (m.kind === 'lookup') return ['lookup', m.key, m.negated, m.set.name, elementsOf(m.set)];
  return m.kind === 'update' ? ['update', m.key, m.set.name] : m;
};

function ruleWords({ matches, target, then, comment }: Rule): unknown {
  const what = target?.kind === 'vmap' || target?.kind === 'numgen' ? { ...target, map: elementsOf(target.map) } : target;
  return [
    matches.map(matchWords),
    what?.kind === 'unmodelled' ? 'unmodelled' : what,
    comment,
    ...(then === undefined ? [] : [ruleWords(then)]),
  ];
}

/** All that a walk sees of tables, as lines that can be compared. A chain that stands in a rule is called after its line. */
export const meaning = (tables: readonly NftTable[]): readonly string[] =>
  linesOf(tables).map((line) => line.replace(/__chain[\d.]+/g, '__chain'));

const linesOf = (tables: readonly NftTable[]): readonly string[] =>
  tables.flatMap((t) => [
    `${t.family} ${t.name} ${t.isOfIptables === true} ${t.tracksConnections === true}`,
    ...t.base.map((b) => `base ${b.chain.name} ${b.type} ${b.hook} ${b.priority} ${b.policy}`),
    // nft 1.0.6 leaves the devices out of its JSON.
    ...(t.links ?? []).map((l) => `link ${l.chain.name} ${l.hook} ${l.policy}`),
    ...[...t.chains()].flatMap((c) => c.rules().map((r, i) => `${c.name} ${i + 1} ${plain(ruleWords(r))}`)),
  ]);
