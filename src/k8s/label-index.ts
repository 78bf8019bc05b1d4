import type { Pod } from './pod.ts';

/** Every pair of the selector is among the labels. An empty selector selects nothing: such a service has its endpoints stated. */
export function selects(selector: ReadonlyMap<string, string>, labels: ReadonlyMap<string, string>): boolean {
  if (selector.size === 0) return false;
  for (const [name, value] of selector) if (labels.get(name) !== value) return false;
  return true;
}

export interface LabelIndex {
  selected(namespace: string, selector: ReadonlyMap<string, string>): readonly Pod[];
}

/** Pods by each of their labels, so that a selector looks at the pods of its rarest pair only. */
export function indexLabels(pods: readonly Pod[]): LabelIndex {
  const byPair = new Map<string, Pod[]>();
  const keyOf = (namespace: string, name: string, value: string) => `${namespace}/${name}=${value}`;
  for (const pod of pods)
    for (const [name, value] of pod.labels) {
      const pair = keyOf(pod.namespace, name, value);
      const list = byPair.get(pair);
      if (list === undefined) byPair.set(pair, [pod]);
      else list.push(pod);
    }
  return {
    selected(namespace, selector) {
      let fewest: readonly Pod[] | null = null;
      for (const [name, value] of selector) {
        const list = byPair.get(keyOf(namespace, name, value)) ?? [];
        if (fewest === null || list.length < fewest.length) fewest = list;
      }
      return (fewest ?? []).filter((p) => selects(selector, p.labels));
    },
  };
}
