import { describe, expect, it } from 'vitest';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import type { Rule } from '../../src/datapath/netfilter/ruleset.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import { lookedAt } from '../../src/document/looked-at.ts';
import type { Miss, RuleStep } from '../../src/hop/rule-step.ts';
import type { Trail } from '../../src/hop/trail.ts';
import { render } from '../../src/index.ts';
import { inferred } from '../../src/source/origin.ts';
import { askIn, networkOf } from '../tracing.ts';

const ACCEPT: Target = { kind: 'ACCEPT' };
const jump = (chain: string): Target => ({ kind: 'jump', chain });
const MARKED: Match = { kind: 'mark', value: 1, mask: 1, negated: false };
const share = (probability: number): Match => ({ kind: 'statistic', probability });

const ruleOf = (matches: readonly Match[], target: Target): Rule => ({
  matches,
  target,
  comment: null,
  origin: inferred(null),
});
const step = (chain: string, target: Target): RuleStep => ({ chain, rule: ruleOf([], target) });
const miss = (chain: string, failed: Match): Miss => ({ chain, rule: ruleOf([failed], ACCEPT), failed });
const trailOf = (misses: readonly Miss[]) => misses.reduce<Trail<Miss> | null>((before, last) => ({ last, before }), null);

/** Steps, misses, and which of these are shown: the chain, and of how many rules the entry is the first. */
const ROWS: readonly (readonly [string, readonly RuleStep[], readonly Miss[], readonly string[]])[] = [
  ['no rule decided: all', [step('FORWARD', jump('A'))], [miss('A', MARKED), miss('FORWARD', MARKED)], ['A', 'FORWARD']],
  [
    'a chain that was left again without a verdict',
    [step('FORWARD', jump('A')), step('FORWARD', jump('B')), step('B', ACCEPT)],
    [miss('FORWARD', MARKED), miss('A', MARKED), miss('B', MARKED)],
    ['FORWARD', 'B'],
  ],
  [
    'shares, one after another',
    [],
    [miss('A', MARKED), miss('A', share(0.25)), miss('A', share(0.33)), miss('A', share(0.5))],
    ['A', 'A 3'],
  ],
  ['shares with another rule between', [], [miss('A', share(0.25)), miss('A', MARKED), miss('A', share(0.5))], ['A', 'A', 'A']],
  ['shares of two chains', [], [miss('A', share(0.25)), miss('B', share(0.5))], ['A', 'B']],
];

describe('the rules that were looked at', () => {
  it.each(ROWS)('%s', (_, steps, misses, shown) => {
    const found = lookedAt(steps, trailOf(misses));
    expect(found.map(({ chain, run }) => (run === undefined ? chain : `${chain} ${run}`))).toEqual(shown);
  });

  it('are few of a service with many endpoints, and with -v a line', () => {
    const pods = Array.from({ length: 40 }, (_, i) => `{ name: web-${i}, node: node-1, ip: 10.244.1.${i + 20}, labels: { app: web } }`);
    const network = networkOf(`apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }]
pods: [{ name: client, node: node-1, ip: 10.244.1.10 }, ${pods.join(', ')}]
services: [{ name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }]
`);
    const trace = askIn(network, 'client', 'svc/web:80');
    const looked = trace.paths.flatMap((p) => p.forward.hops.flatMap((h) => (h.kind === 'nat' ? [h.lookedAt] : [])));
    expect(Math.max(...looked.map((l) => l.length))).toBeLessThan(5);
    expect(Math.max(...looked.flatMap((l) => l.map((r) => r.run ?? 1)))).toBe(39);
    const text = render('table', trace, { width: 200, color: false, verbose: true, allPaths: true, reply: false });
    expect(text).toContain(', and 38 more that take a share');
  });
});
