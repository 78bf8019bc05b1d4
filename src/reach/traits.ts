import type { LabelSelector } from '../k8s/label-selector.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Policy, PolicyPeer } from '../k8s/policy/policy.ts';

/** The labels of peers that some policies ask for, with the values that they name. */
export interface Asked {
  readonly ofPods: Values;
  readonly ofNodes: Values;
}

export type Values = ReadonlyMap<string, ReadonlySet<string>>;

export function askedBy(policies: readonly Policy[], direction: 'ingress' | 'egress'): Asked {
  const ofPods = new Map<string, Set<string>>();
  const ofNodes = new Map<string, Set<string>>();
  for (const policy of policies)
    for (const { peers } of policy[direction] ?? []) for (const peer of peers ?? []) addPeer({ ofPods, ofNodes }, peer);
  return { ofPods, ofNodes };
}

/** Those that any policy asks for, of its peers and of whom it is about. */
export function askedByAny(policies: readonly Policy[]): Asked {
  const ofPods = new Map<string, Set<string>>();
  const ofNodes = new Map<string, Set<string>>();
  for (const { subject, ingress, egress } of policies) {
    addTo(ofPods, subject.pods);
    for (const { peers } of [...(ingress ?? []), ...(egress ?? [])]) for (const peer of peers ?? []) addPeer({ ofPods, ofNodes }, peer);
  }
  return { ofPods, ofNodes };
}

function addPeer({ ofPods, ofNodes }: Record<'ofPods' | 'ofNodes', Map<string, Set<string>>>, peer: PolicyPeer): void {
  if (peer.kind === 'pods') addTo(ofPods, peer.pods);
  if (peer.kind === 'nodes') addTo(ofNodes, peer.nodes);
}

function addTo(values: Map<string, Set<string>>, { matchLabels, matchExpressions }: LabelSelector): void {
  const named = [...[...matchLabels].map(([key, value]) => ({ key, values: [value] })), ...matchExpressions];
  for (const { key, values: some } of named) {
    const known = values.get(key) ?? new Set();
    values.set(key, known);
    for (const value of some) known.add(value);
  }
}

/** What selectors see of labels: values that none of them names are all the same to them. */
export const labelTraits = (labels: ReadonlyMap<string, string>, asked: Values): string =>
  JSON.stringify(
    [...asked].map(([key, values]) => {
      const value = labels.get(key);
      return value === undefined || values.has(value) ? value : 0;
    }),
  );

/** The names that ports of a pod have. */
export const portTraits = ({ containers }: Pod): string =>
  containers
    .flatMap((c) => c.ports)
    .flatMap((p) => (p.name === null ? [] : [`${p.name}=${p.port}/${p.protocol}`]))
    .join();

const NUMBERS = new WeakMap<object, number>();
let numbered = 0;

/** The same for the same object, in this run of the program. */
export function numberOf(object: object): number {
  const number = NUMBERS.get(object) ?? ++numbered;
  NUMBERS.set(object, number);
  return number;
}
