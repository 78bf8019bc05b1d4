import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chainOf } from '../../src/datapath/netfilter/indexed-chain.ts';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import type { Rule } from '../../src/datapath/netfilter/ruleset.ts';
import { ip } from '../../src/net/address.ts';
import { cidr } from '../../src/net/prefix.ts';
import { accept, drop, rule, send } from './two-hosts.ts';

const prefixes = ['10.2.0.2/32', '10.2.0.3/32', '10.2.0.0/24', '10.9.0.0/16', '10.2.0.2/31'].map(cidr);
const matches: fc.Arbitrary<Match> = fc.oneof(
  fc.record({ kind: fc.constant('destination' as const), prefix: fc.constantFrom(...prefixes), negated: fc.boolean() }),
  fc
    .record({ port: fc.constantFrom(80, 81, 443), more: fc.integer({ min: 0, max: 2 }), negated: fc.boolean() })
    .map(({ port, more, negated }) => ({ kind: 'dport', protocol: 'tcp', first: port, last: port + more, negated }) as const),
);
const rules: fc.Arbitrary<Rule> = fc
  .tuple(fc.array(matches, { maxLength: 2 }), fc.boolean())
  .map(([list, isDrop]) => (isDrop ? drop(...list) : accept(...list)));

it('a long chain decides as the same rules do one by one', () => {
  const outcome = (list: readonly Rule[]) => send([['filter', 'FORWARD', ...list]])[0]?.outcome;
  // Each rule in a chain of its own: none of them is long.
  const oneByOne = (list: readonly Rule[]) =>
    send([
      ['filter', 'FORWARD', ...list.map((_, i) => rule([], { kind: 'jump', chain: `c${i}` }))],
      ...list.map((r, i) => ['filter', `c${i}`, r] as const),
    ])[0]?.outcome;
  fc.assert(
    fc.property(fc.array(rules, { minLength: 32, maxLength: 48 }), (list) => {
      expect(outcome(list)).toBe(oneByOne(list));
    }),
    { numRuns: 100 },
  );
});

it('and looks only at those that may match, in their order', () => {
  const about = (address: string) => drop({ kind: 'destination', prefix: cidr(`${address}/32`), negated: false });
  const list = [...Array.from({ length: 40 }, (_, i) => about(`10.3.0.${i}`)), accept(), about('10.3.0.7')];
  const found = chainOf('FORWARD', list).candidates({ protocol: 'tcp', destination: ip('10.3.0.7'), destinationPort: 80 });
  expect(found).toEqual([list[7], list[40], list[41]]);
});
