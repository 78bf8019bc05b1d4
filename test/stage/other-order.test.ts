import { expect, it } from 'vitest';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { nftRule, nftTable } from '../../src/datapath/netfilter/nft-table.ts';
import type { BaseChainSpec, Rule } from '../../src/datapath/netfilter/ruleset.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import { ip } from '../../src/net/address.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import { twoHosts } from './two-hosts.ts';

/** Two tables with one chain each at one place; of the one that came last nobody knows whether it came first. */
const nft = (target: Target, ...matches: Match[]): Rule => nftRule(matches, target, inferred(null));
const tcp: Match = { kind: 'protocol', protocol: 'tcp', negated: false };
const marked: Match = { kind: 'mark', value: 1, mask: 0xffffffff, negated: false };
const connmarked: Match = { kind: 'connmark', value: 1, mask: 0xffffffff, negated: false };
const drop = nft({ kind: 'DROP' });
const reject = nft({ kind: 'REJECT', with: 'tcp-reset' }, tcp);
const accept = nft({ kind: 'ACCEPT' });
const mark = nft({ kind: 'MARK', value: 1, mask: 0xffffffff });
const to = (port: number) => nft({ kind: 'DNAT', address: ip('10.2.0.2'), port }, tcp);

type Base = Pick<BaseChainSpec, 'type' | 'hook' | 'priority'>;
const forward: Base = { type: 'filter', hook: 'FORWARD', priority: 0 };
const later: Base = { type: 'filter', hook: 'FORWARD', priority: 1 };
const dstnat: Base = { type: 'nat', hook: 'PREROUTING', priority: -100 };

type Chain = readonly [base: Base, ...rules: Rule[]];

/** What it comes to, and in the other order: a port, or a code; null: the same. */
const rows: readonly (readonly [name: string, first: Chain, last: Chain, usual: number | string, otherwise: number | string | null])[] = [
  ['both let it through', [forward, accept], [forward, accept], 80, null],
  ['one drops it', [forward, accept], [forward, drop], 'FILTER_DROP', null],
  ['one drops it, and one refuses', [forward, drop], [forward, reject], 'FILTER_REJECT', 'FILTER_DROP'],
  ['at other priorities', [forward, drop], [later, reject], 'FILTER_DROP', null],
  [
    'the mark of the last one comes before the first one looks',
    [forward, nft({ kind: 'DROP' }, marked)],
    [forward, mark],
    'FILTER_DROP',
    80,
  ],
  ['nobody looks at the mark', [forward, mark], [forward, accept], 80, null],
  ['both translate', [dstnat, to(8080)], [dstnat, to(9090)], 9090, 8080],
  ['both translate to the same', [dstnat, to(8080)], [dstnat, to(8080)], 8080, null],
  ['one translates', [dstnat, accept], [dstnat, to(9090)], 9090, null],
  [
    'the mark of the connection',
    [forward, nft({ kind: 'DROP' }, connmarked)],
    [forward, nft({ kind: 'CONNMARK', action: 'set', value: 1, mask: 1 })],
    'FILTER_DROP',
    // Its first packet gets through; the answer does not.
    'FILTER_DROP',
  ],
];

const chainsOf = ([base, ...rules]: Chain) => [{ name: 'a', base, rules }];

it.each(rows)('%s', (_name, first, last, usual, otherwise) => {
  const ends = (isOpen: boolean) =>
    traceFlow(
      twoHosts((r) => {
        r.nft(nftTable({ family: 'ip', name: 'x', chains: chainsOf(first) }));
        r.nft(nftTable({ family: 'ip', name: 'y', chains: chainsOf(last) }));
        if (isOpen) r.lastMayBeFirst();
      }).flow,
    );
  const [path] = ends(true);
  const end = (p: typeof path) => p?.failure?.code ?? p?.forward.packet.destinationPort;
  expect(end(path)).toBe(usual);
  expect(path?.otherwise?.paths.map(end) ?? null).toEqual(otherwise === null ? null : [otherwise]);
  expect(ends(false)[0]?.otherwise).toBeUndefined();
});
