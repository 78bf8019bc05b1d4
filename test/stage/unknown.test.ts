import { describe, expect, it } from 'vitest';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { nftRule, nftTable } from '../../src/datapath/netfilter/nft-table.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import { failureSentence } from '../../src/hop/failure.ts';
import { ip } from '../../src/net/address.ts';
import { cidr } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import { drop, type Rules, rule, send, twoHosts } from './two-hosts.ts';

/** A match that is not modelled: whether it matches is not known, and matters only where the two ways differ. */
const unknown: Match = { kind: 'unknown', text: '-m u32 --u32 "0>>22&0x3C@12=1"' };
const other: Match = { kind: 'unknown', text: '-m time --timestart 08:00' };
const input = (name: string): Match => ({ kind: 'in-interface', name, negated: false });
const tcp: Match = { kind: 'protocol', protocol: 'tcp', negated: false };
const to = (port: number): Target => ({ kind: 'DNAT', address: ip('10.2.0.2'), port });
const jump = (chain: string): Target => ({ kind: 'jump', chain });
const forward = (...rules: (typeof drop extends (...m: Match[]) => infer R ? R : never)[]): Rules => [['filter', 'FORWARD', ...rules]];

const undecided = ['undetermined', 'FACT_MISSING'] as const;
const delivered = ['delivered', undefined] as const;
const dropped = ['dropped', 'FILTER_DROP'] as const;

const rows: readonly (readonly [name: string, rules: Rules, expected: readonly (readonly [string, string | undefined])[]])[] = [
  ['whether it is dropped', forward(drop(unknown)), [undecided]],
  ['dropped either way', forward(drop(unknown), drop()), [dropped]],
  ['dropped, or refused', forward(drop(unknown), rule([tcp], { kind: 'REJECT', with: 'tcp-reset' })), [undecided]],
  ['accepted either way', forward(rule([unknown], { kind: 'ACCEPT' })), [delivered]],
  ['accepted, or dropped by a later rule', forward(rule([unknown], { kind: 'ACCEPT' }), drop()), [undecided]],
  ['a mark that nobody looks at', forward(rule([unknown], { kind: 'MARK', value: 1, mask: 1 })), [delivered]],
  [
    'a mark that somebody looks at',
    forward(rule([unknown], { kind: 'MARK', value: 1, mask: 1 }), drop({ kind: 'mark', value: 1, mask: 1, negated: false })),
    [undecided],
  ],
  ['a rule that only counts', forward(rule([unknown], null)), [delivered]],
  [
    'another match keeps the packet out',
    forward(drop({ kind: 'source', prefix: cidr('10.9.0.0/16'), negated: false }, unknown)),
    [delivered],
  ],
  ['in either order', forward(drop(unknown, { kind: 'source', prefix: cidr('10.9.0.0/16'), negated: false })), [delivered]],
  [
    'the chain that it leads to objects to nothing',
    [...forward(rule([unknown], jump('A'))), ['filter', 'A', rule([], { kind: 'RETURN' })]],
    [delivered],
  ],
  ['the chain that it leads to drops', [...forward(rule([unknown], jump('A'))), ['filter', 'A', drop()]], [undecided]],
  ['where it is translated to', [['nat', 'PREROUTING', rule([tcp, unknown], to(8080)), rule([tcp], to(9090))]], [undecided]],
  ['translated to the same', [['nat', 'PREROUTING', rule([tcp, unknown], to(8080)), rule([tcp], to(8080))]], [delivered]],
  ['about the answer', forward(drop(input('eth1'), unknown)), [undecided]],
  [
    'one of two ways meets it',
    [
      ['nat', 'PREROUTING', rule([tcp, { kind: 'statistic', probability: 0.5 }], to(8080)), rule([tcp], to(9090))],
      ...forward(drop({ kind: 'dport', protocol: 'tcp', first: 8080, last: 8080, negated: false }, unknown)),
    ],
    [undecided, delivered],
  ],
  ['two of them that do not matter', forward(rule([unknown], { kind: 'ACCEPT' }), rule([other], { kind: 'ACCEPT' })), [delivered]],
  ['two, of which the second matters', forward(rule([unknown], null), drop(other)), [undecided]],
  ['two that end alike only together', forward(drop(unknown), drop(other), drop()), [dropped]],
];

describe('a match that is not modelled', () => {
  it.each(rows)('%s', (_name, rules, expected) => {
    expect(send(rules).map((p) => [p.outcome, p.failure?.code])).toEqual(expected);
  });
  it('names the rule and its place', () => {
    const [path] = send(forward(drop(input('eth0'), unknown)));
    const text = path?.failure == null ? '' : failureSentence(path.failure).text;
    expect(text).toContain('-i eth0 -m u32 --u32 "0>>22&0x3C@12=1" -j DROP');
    expect(text).toContain('chain FORWARD (table filter) on router');
    expect(path?.client).toBe('unknown');
    expect(path?.failure?.walk).toBe('forward');
  });
  it('is said to be about the answer', () => {
    expect(send(forward(drop(input('eth1'), unknown)))[0]?.failure?.walk).toBe('reply');
  });
  it('of nft is in its words', () => {
    const xt: Match = { kind: 'unknown', text: 'osf name "Linux"' };
    const chains = [
      {
        name: 'a',
        base: { type: 'filter', hook: 'FORWARD', priority: 0 },
        rules: [nftRule([xt], { kind: 'DROP' }, inferred(null))],
      } as const,
    ];
    const [path] = traceFlow(twoHosts((r) => r.nft(nftTable({ family: 'ip', name: 'x', chains }))).flow);
    expect(path?.failure == null ? '' : failureSentence(path.failure).text).toContain(
      'osf name "Linux" drop of chain a (table x) on router',
    );
  });
  it('is left open where there are too many of them', () => {
    const many = Array.from({ length: 12 }, (_, i) =>
      rule([{ kind: 'unknown', text: `-m unknown${i}` }], { kind: 'MARK', value: i, mask: 0xff }),
    );
    expect(send(forward(...many))[0]?.outcome).toBe('undetermined');
  });
});

it('whether a refusal is told is not known: neither is what the client sees', () => {
  const rules: Rules = [
    ['filter', 'INPUT', rule([tcp], { kind: 'REJECT', with: 'tcp-reset' })],
    ['filter', 'OUTPUT', drop(unknown)],
  ];
  const [path] = send(rules, { destination: ip('10.2.0.1') });
  expect([path?.outcome, path?.client, path?.failure?.walk]).toEqual(['undetermined', 'unknown', 'reply']);
});
