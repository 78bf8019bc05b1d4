import type { Cluster } from '../cluster.ts';
import { isControllerLabel } from '../controller-labels.ts';
import type { Pod } from '../pod.ts';

/** Labels by which people call a workload. */
const USUAL = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name'];

/**
 * Labels that select a pod with those of its namespace that have all of its labels, and no others: the fewest that do. Those of controllers
 * change with every roll-out, and are left out.
 */
export function workloadLabels({ pods }: Cluster, pod: Pod): ReadonlyMap<string, string> {
  const own = [...pod.labels].filter(([name]) => !isControllerLabel(name)).sort(([a], [b]) => rank(a) - rank(b));
  const near = [...pods.values()].filter((p) => p.namespace === pod.namespace && !p.hostNetwork);
  const selected = (labels: Labels) => near.filter((p) => labels.every(([k, v]) => p.labels.get(k) === v)).length;
  const fewest = selected(own);
  const pairs = own.flatMap((one, i) => own.slice(i + 1).map((other): Labels => [one, other]));
  return new Map([...own.map((one): Labels => [one]), ...pairs].find((some) => selected(some) === fewest) ?? own);
}

type Labels = readonly (readonly [name: string, value: string])[];

const rank = (name: string): number => {
  const i = USUAL.indexOf(name);
  return i === -1 ? USUAL.length : i;
};
