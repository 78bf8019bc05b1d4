import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/k8s/pod.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { type NaiveCluster, selects } from './naive.ts';
import { addresses, cluster, networkPolicies, type PolicyObject, policies, type Question, questions, topologyOf } from './random.ts';
import { decide, type World, worldOf } from './world.ts';

/** What holds of NetworkPolicies whatever they say, on random ones. */
const RUNS = { numRuns: 100 };

const worldWith = (c: NaiveCluster, objects: readonly PolicyObject[]): World =>
  worldOf([topologyOf(c), ...objects.map((o) => JSON.stringify(o))].join('\n---\n'));

/** What each end says of each question. */
function answers(c: NaiveCluster, world: World, asked: readonly Question[]): readonly (readonly [string, string | undefined])[] {
  const ends = addresses(c);
  return asked.flatMap(({ from, to, protocol, port }) => {
    const [source, destination] = [ends[from % ends.length] ?? '', ends[to % ends.length] ?? ''];
    if (source === destination) return [];
    const question = `${source} > ${destination} ${protocol.toLowerCase()}${port === null ? '' : ` ${port}`}`;
    return (['egress', 'ingress'] as const).map(
      (direction) => [`${question} ${direction}`, decide(world, question, direction)?.verdict] as const,
    );
  });
}

const openRule = fc.constantFrom(
  { ingress: [{}] },
  { egress: [{}] },
  { ingress: [{ from: [{ podSelector: {} }] }] },
  { egress: [{ ports: [{ port: 80 }] }] },
);

describe('NetworkPolicies', () => {
  it('a rule more never closes a path', () => {
    let opened = 0;
    fc.assert(
      fc.property(cluster, networkPolicies, questions, openRule, fc.nat(), (c, objects, asked, rule, pick) => {
        const target = pick % Math.max(objects.length, 1);
        const more = objects.map((o, i) => (i === target ? withRule(o, rule) : o));
        const before = new Map(answers(c, worldWith(c, objects), asked));
        for (const [question, verdict] of answers(c, worldWith(c, more), asked)) {
          if (before.get(question) === 'allow') expect([question, verdict]).toEqual([question, 'allow']);
          if (before.get(question) === 'deny' && verdict === 'allow') opened++;
        }
      }),
      RUNS,
    );
    expect(opened).toBeGreaterThan(0);
  });

  it('the order of objects and of rules never matters', () => {
    fc.assert(
      fc.property(cluster, networkPolicies, questions, (c, objects, asked) => {
        const turned = objects.toReversed().map((o) => ({ ...o, spec: turnedRound(o.spec) }));
        expect(answers(c, worldWith(c, turned), asked)).toEqual(answers(c, worldWith(c, objects), asked));
      }),
      RUNS,
    );
  });

  it('a policy changes nothing for pods that it does not select', () => {
    let alone = 0;
    fc.assert(
      fc.property(cluster, networkPolicies, questions, (c, [first, ...others], asked) => {
        if (first === undefined) return;
        const [without, withIt] = [worldWith(c, others), worldWith(c, [first, ...others])];
        const before = new Map(answers(c, without, asked));
        for (const [question, verdict] of answers(c, withIt, asked)) {
          const pod = judged(withIt, question);
          if (pod === null || isAbout(first, pod)) continue;
          alone++;
          expect([question, verdict]).toEqual([question, before.get(question)]);
        }
      }),
      RUNS,
    );
    expect(alone).toBeGreaterThan(0);
  });
});

describe('policies of all kinds', () => {
  it('the order of objects never matters', () => {
    fc.assert(
      fc.property(cluster, policies, questions, (c, objects, asked) => {
        expect(answers(c, worldWith(c, objects.toReversed()), asked)).toEqual(answers(c, worldWith(c, objects), asked));
      }),
      RUNS,
    );
  });
});

type Spec = {
  readonly podSelector?: object;
  readonly ingress?: readonly object[];
  readonly egress?: readonly object[];
  readonly policyTypes?: readonly string[];
};

const isAbout = ({ metadata, spec }: PolicyObject, { namespace, labels }: Pod): boolean =>
  metadata.namespace === namespace && selects((spec as Spec).podSelector, Object.fromEntries(labels));

/** In a direction that the policy has already: another one would isolate. */
function withRule(object: PolicyObject, rule: Spec): PolicyObject {
  const spec = object.spec as Spec;
  const types =
    (spec.policyTypes ?? []).length > 0 ? (spec.policyTypes ?? []) : ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])];
  const [direction] = rule.ingress === undefined ? (['egress'] as const) : (['ingress'] as const);
  if (!types.some((t) => t.toLowerCase() === direction)) return object;
  return { ...object, spec: { ...spec, policyTypes: types, [direction]: [...(spec[direction] ?? []), ...(rule[direction] ?? [])] } };
}

/** Rules, and each list in them, the other way round. */
const turnedRound = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).map(([k, v]) => [
      k,
      Array.isArray(v) && k !== 'policyTypes'
        ? v.toReversed().map((i: unknown) => (typeof i === 'object' && i !== null ? turnedRound(i) : i))
        : v,
    ]),
  );

/** The pod whose policies an answer is of. */
function judged({ cluster: { podsByNode } }: World, question: string) {
  const [source, , destination, ...rest] = question.split(' ');
  const address = rest.at(-1) === 'egress' ? source : destination;
  return [...podsByNode.values()].flat().find((p) => p.ips.some((i) => formatAddress(i.address) === address)) ?? null;
}
