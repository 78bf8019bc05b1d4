import type { LabelSelector } from '../k8s/label-selector.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Policy } from '../k8s/policy/policy.ts';

/** The labels of peers that some policies ask for, with the values that they name. */
export interface Asked {
  readonly ofPods: Values;
  readonly ofNodes: Values;
}

type Values = ReadonlyMap<string, ReadonlySet<string>>;

export function askedBy(policies: readonly Policy[], direction: 'ingress' | 'egress'): Asked {
  const ofPods = new Map<string, Set<string>>();
  const ofNodes = new Map<string, Set<string>>();
  for (const policy of policies)
    for (const { peers } of policy[direction] ?? [])
      for (const peer of peers ?? []) {
        if (peer.kind === 'pods') addTo(ofPods, peer.pods);
        if (peer.kind === 'nodes') addTo(ofNodes, peer.nodes);
      }
  return { ofPods, ofNodes };
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
