import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { nftRule, nftTable } from '../../src/datapath/netfilter/nft-table.ts';
import type { Rule } from '../../src/datapath/netfilter/ruleset.ts';
import { verdictMap } from '../../src/datapath/netfilter/sets.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import { ip } from '../../src/net/address.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import { twoHosts } from './two-hosts.ts';

const origin = inferred(null);
const tcp: Match = { kind: 'protocol', protocol: 'tcp', negated: false };
const nft = (target: Target): Rule => nftRule([tcp], target, origin);
const to = (port: number): Target => ({ kind: 'DNAT', address: ip('10.2.0.2'), port });

/** Entries of one or of several numbers, up to `modulus`, which need not have all of them. */
const draws = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }))
  .map(([most, sizes]) => {
    const entries: { readonly first: number; readonly last: number }[] = [];
    let next = 0;
    for (const size of sizes) {
      entries.push({ first: next, last: next + size - 1 });
      next += size;
    }
    return { modulus: Math.max(most, next), entries };
  });

it('numgen is one fork of many ways, each as likely as it has numbers; a number without an entry goes on to the next rule', () => {
  fc.assert(
    fc.property(draws, ({ modulus, entries }) => {
      const map = verdictMap({
        name: null,
        type: ['integer'],
        elements: entries.map((e, i) => ({
          key: [e.first === e.last ? e.first : e],
          comment: null,
          verdict: { kind: 'goto', chain: `c${i}` },
          origin,
        })),
      });
      const base = { type: 'nat', hook: 'PREROUTING', priority: -100 } as const;
      const chains = [
        { name: 'a', base, rules: [nft({ kind: 'numgen', modulus, map }), nft(to(7000))] },
        ...entries.map((_, i) => ({ name: `c${i}`, rules: [nft(to(8000 + i))] })),
      ];
      const paths = traceFlow(twoHosts((r) => r.nft(nftTable({ family: 'ip', name: 'x', chains }))).flow);
      const shares = new Map(paths.map((p) => [p.forward.packet.destinationPort, p.probability]));
      const numbers = ({ first, last }: { readonly first: number; readonly last: number }) => last - first + 1;
      const left = modulus - entries.reduce((sum, e) => sum + numbers(e), 0);
      for (const [i, e] of entries.entries()) expect(shares.get(8000 + i)).toBeCloseTo(numbers(e) / modulus, 12);
      expect(shares.get(7000) ?? 0).toBeCloseTo(left / modulus, 12);
      expect(paths.reduce((sum, p) => sum + p.probability, 0)).toBeCloseTo(1, 12);
      // One look at the rule, however many entries it has.
      const steps = paths.flatMap((p) => p.forward.hops.flatMap((h) => (h.kind === 'nat' ? [h.steps.length] : [])));
      expect(new Set(steps.slice(0, paths.length))).toEqual(new Set(left > 0 ? [1, 2] : [2]));
    }),
    { numRuns: 60 },
  );
});
