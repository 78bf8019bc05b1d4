import type { Locus } from '../source/origin.ts';
import { selects } from './label-index.ts';
import type { Pod } from './pod.ts';
import type { Service } from './service.ts';

/** A workload of objects that is scaled down to no pod at all. */
export interface Idle {
  readonly kind: 'Deployment' | 'StatefulSet' | 'ReplicaSet';
  readonly namespace: string;
  readonly name: string;
  /** Of its pods, if it had any. */
  readonly labels: ReadonlyMap<string, string>;
  readonly locus: Locus;
}

/** The one whose pods a selector would select. */
export const idleBehind = (all: readonly Idle[], namespace: string, selector: ReadonlyMap<string, string>): Idle | null =>
  all.find((w) => w.namespace === namespace && selects(selector, w.labels)) ?? null;

/** A cluster, as far as it matters here. */
interface Around {
  readonly idle: readonly Idle[];
  readonly pods: ReadonlyMap<string, Pod>;
}

/** The one that a service has no endpoint for; pods of another workload, or of before, are a story of their own. */
export function idleFor({ idle, pods }: Around, { namespace, selector }: Service): Idle | null {
  const found = idleBehind(idle, namespace, selector);
  const isSelected = (p: Pod) => p.namespace === namespace && selects(selector, p.labels);
  return found === null || [...pods.values()].some(isSelected) ? null : found;
}

/** The command that gives it a pod. */
export const scaleUp = ({ kind, namespace, name }: Idle): string =>
  `kubectl -n ${namespace} scale ${kind.toLowerCase()} ${name} --replicas=1`;
