import { expect, it } from 'vitest';
import type { FoundTable } from '../../src/datapath/found-state.ts';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { nftRule, nftTable } from '../../src/datapath/netfilter/nft-table.ts';
import type { BaseChainSpec, NftTable, Rule, TableName } from '../../src/datapath/netfilter/ruleset.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import { failureSentence } from '../../src/hop/failure.ts';
import { ip } from '../../src/net/address.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import { twoHosts } from '../stage/two-hosts.ts';

/** A router on which tables of nft were found: each has one chain, and which of them came first is not known. */
const nft = (target: Target, ...matches: Match[]): Rule => nftRule(matches, target, inferred(null));
const tcp: Match = { kind: 'protocol', protocol: 'tcp', negated: false };
const ALL = 0xffffffff;
const marked = (value: number): Match => ({ kind: 'mark', value, mask: ALL, negated: false });
const mark = (value: number) => nft({ kind: 'MARK', value, mask: ALL });
const drop = nft({ kind: 'DROP' });
const accept = nft({ kind: 'ACCEPT' });
const reject = nft({ kind: 'REJECT', with: 'tcp-reset' }, tcp);
const dropMarked = nft({ kind: 'DROP' }, marked(1));
const to = (port: number) => nft({ kind: 'DNAT', address: ip('10.2.0.2'), port }, tcp);

type Base = Pick<BaseChainSpec, 'type' | 'hook' | 'priority'>;
const forward: Base = { type: 'filter', hook: 'FORWARD', priority: 0 };
const later: Base = { type: 'filter', hook: 'FORWARD', priority: 1 };
const dstnat: Base = { type: 'nat', hook: 'PREROUTING', priority: -100 };
const early: Base = { type: 'filter', hook: 'PREROUTING', priority: -100 };

type Chain = readonly [base: Base, ...rules: Rule[]];
type End = number | string;

const found = (tables: readonly NftTable[]) =>
  twoHosts((r) => r.found({ iptables: new Map(), nft: tables, ipvs: null, untold: [], tracks: false, beside: false, devices: new Map() }))
    .flow;

const tables = (chains: readonly Chain[]) =>
  chains.map(([base, ...rules], i) => nftTable({ family: 'ip', name: `t${i}`, chains: [{ name: 'c', base, rules }] }));

/** Each beside the port that it comes to, or the code. */
const rows: readonly (readonly [name: string, chains: readonly Chain[], ends: End])[] = [
  [
    'all let it through',
    [
      [forward, accept],
      [forward, accept],
      [forward, accept],
    ],
    80,
  ],
  [
    'one drops: another letting it through is no help',
    [
      [forward, accept],
      [forward, drop],
      [forward, accept],
    ],
    'FILTER_DROP',
  ],
  [
    'some drop',
    [
      [forward, drop],
      [forward, accept],
      [forward, drop],
    ],
    'FILTER_DROP',
  ],
  [
    'one drops, one refuses',
    [
      [forward, drop],
      [forward, reject],
    ],
    'FACT_MISSING',
  ],
  [
    'one refuses',
    [
      [forward, accept],
      [forward, reject],
    ],
    'FILTER_REJECT',
  ],
  [
    'at other priorities',
    [
      [forward, drop],
      [later, reject],
    ],
    'FILTER_DROP',
  ],
  [
    'one marks, and one drops the marked',
    [
      [forward, dropMarked],
      [forward, mark(1)],
    ],
    'FACT_MISSING',
  ],
  [
    'listed the other way round',
    [
      [forward, mark(1)],
      [forward, dropMarked],
    ],
    'FACT_MISSING',
  ],
  [
    'one marks, and one drops what has another mark',
    [
      [forward, nft({ kind: 'DROP' }, marked(2))],
      [forward, mark(1)],
    ],
    80,
  ],
  [
    'two marks, of which the last one stays, and nobody looks',
    [
      [forward, mark(1)],
      [forward, mark(2)],
    ],
    80,
  ],
  [
    'two marks, and a later priority drops one',
    [
      [forward, mark(1)],
      [forward, mark(2)],
      [later, dropMarked],
    ],
    'FACT_MISSING',
  ],
  [
    'two marks, and a later priority drops both',
    [
      [forward, mark(1)],
      [forward, mark(2)],
      [later, drop],
    ],
    'FILTER_DROP',
  ],
  // Only where the third is neither first nor last: neither the listed order nor its reverse shows it.
  [
    'a middle one of three',
    [
      [forward, nft({ kind: 'MARK', value: 2, mask: ALL }, marked(1))],
      [forward, nft({ kind: 'DROP' }, marked(2))],
      [forward, nft({ kind: 'MARK', value: 1, mask: ALL }, marked(0))],
    ],
    'FACT_MISSING',
  ],
  [
    'both translate',
    [
      [dstnat, to(8080)],
      [dstnat, to(9090)],
    ],
    'FACT_MISSING',
  ],
  [
    'both translate to the same',
    [
      [dstnat, to(8080)],
      [dstnat, to(8080)],
    ],
    8080,
  ],
  [
    'one translates',
    [
      [dstnat, accept],
      [dstnat, to(9090)],
    ],
    9090,
  ],
  [
    'a filter beside nat drops the port after, or not before',
    [
      [dstnat, to(8080)],
      [early, nft({ kind: 'DROP' }, port(8080))],
    ],
    'FACT_MISSING',
  ],
  [
    'a filter beside nat drops another port',
    [
      [dstnat, to(8080)],
      [early, nft({ kind: 'DROP' }, port(7))],
    ],
    8080,
  ],
  [
    'one drops another port',
    [
      [forward, accept],
      [forward, nft({ kind: 'DROP' }, port(7))],
      [forward, accept],
    ],
    80,
  ],
];

function port(first: number): Match {
  return { kind: 'dport', protocol: 'tcp', first, last: first, negated: false };
}

it.each(rows)('%s', (_name, chains, end) => {
  const [path, ...others] = traceFlow(found(tables(chains)));
  expect(others).toEqual([]);
  expect(path?.failure?.code ?? path?.forward.packet.destinationPort).toBe(end);
  expect(path?.otherwise).toBeUndefined();
});

it.each(rows.filter(([, , end]) => end !== 'FACT_MISSING'))('%s, in whatever order', (_name, chains, end) => {
  const [path] = traceFlow(found(tables(chains).toReversed()));
  expect(path?.failure?.code ?? path?.forward.packet.destinationPort).toBe(end);
});

it('what works beside the tables comes before them all', () => {
  const filter: FoundTable = { policies: new Map(), chains: new Map(), origin: inferred(null) };
  const end = (beside: boolean, iptables: ReadonlyMap<TableName, FoundTable>) => {
    const { flow } = twoHosts((r) => {
      r.append('filter', 'FORWARD', mark(1));
      r.found({ iptables, nft: tables([[forward, dropMarked]]), ipvs: null, untold: [], tracks: false, beside, devices: new Map() });
    });
    return traceFlow(flow)[0]?.failure?.code;
  };
  const isFound = new Map([['filter', filter]] as const);
  expect(end(true, isFound)).toBe('FILTER_DROP');
  expect(end(false, isFound)).toBeUndefined();
  expect(end(false, new Map()), 'a table of iptables that was not found').toBe('FACT_MISSING');
});

it('chains of one table came in the order in which they are listed', () => {
  const both = nftTable({
    family: 'ip',
    name: 'x',
    chains: [
      { name: 'a', base: forward, rules: [dropMarked] },
      { name: 'b', base: forward, rules: [mark(1)] },
    ],
  });
  // The last one that came runs first: the packet is marked when the first one sees it.
  expect(traceFlow(found([both]))[0]?.failure?.code).toBe('FILTER_DROP');
});

it('more orders than are tried are not known, unless the chains only judge', () => {
  const end = (...chains: Chain[]) => traceFlow(found(tables(chains)))[0]?.failure?.code;
  const harmless = mark(7);
  expect(end(...Array<Chain>(4).fill([forward, harmless]))).toBeUndefined();
  expect(end(...Array<Chain>(5).fill([forward, harmless]))).toBe('FACT_MISSING');
  expect(end(...Array<Chain>(9).fill([forward, nft({ kind: 'DROP' }, port(7))]))).toBeUndefined();
});

it('the chains are named', () => {
  const [path] = traceFlow(
    found(
      tables([
        [forward, dropMarked],
        [forward, mark(1)],
      ]),
    ),
  );
  if (path?.failure == null) throw new Error('it is not known');
  expect(failureSentence(path.failure).text).toBe(
    "FORWARD of router has 2 base chains with one priority, c (table t1) and c (table t0); which of them came first, and so runs last, no listing shows, and the packet's way hangs on it",
  );
});
