import type { Cluster } from '../k8s/cluster.ts';
import type { Pod } from '../k8s/pod.ts';

/** Objects that make pods, as kubectl names their kinds: singular, plural and short. */
const WORDS = {
  Deployment: ['deployment', 'deployments', 'deploy'],
  StatefulSet: ['statefulset', 'statefulsets', 'sts'],
  DaemonSet: ['daemonset', 'daemonsets', 'ds'],
  ReplicaSet: ['replicaset', 'replicasets', 'rs'],
  Job: ['job', 'jobs'],
  CronJob: ['cronjob', 'cronjobs', 'cj'],
} as const;

export type WorkloadKind = keyof typeof WORDS;
export const WORKLOAD_KINDS = Object.keys(WORDS) as readonly WorkloadKind[];

const byWord: ReadonlyMap<string, WorkloadKind> = new Map(
  WORKLOAD_KINDS.flatMap((kind) => WORDS[kind].map((word) => [word, kind] as const)),
);

/** The kind that a word of the command line stands for. */
export const workloadKind = (word: string): WorkloadKind | null => byWord.get(word.toLowerCase()) ?? null;

/** The shortest word for a kind. */
export const shortWord = (kind: WorkloadKind): string => WORDS[kind].at(-1) ?? kind;

/** All words for a kind, the shortest first. */
export const wordsOf = (kind: WorkloadKind): readonly string[] => [...WORDS[kind]].reverse();

export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  /** By name; those that have ended, or have no container that runs, are none of it while others are. */
  readonly pods: readonly Pod[];
}

/** Workloads are known by their pods; null: no pod is of this one. */
export function findWorkload(cluster: Cluster, kind: WorkloadKind, namespace: string, name: string): Workload | null {
  const own = [...cluster.pods.values()].filter((p) => p.namespace === namespace && p.owner?.kind === kind && p.owner.name === name);
  if (own.length === 0) return null;
  const there = own.filter((p) => p.phase !== 'Succeeded' && p.phase !== 'Failed');
  const pods = [there.filter((p) => p.halted === null), there].find((some) => some.length > 0) ?? own;
  return { kind, namespace, name, pods: [...pods].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** All workloads of a kind that have pods, as `namespace` and name, in input order. */
export function workloadsOf(cluster: Cluster, kind: WorkloadKind): readonly Pick<Workload, 'namespace' | 'name'>[] {
  const found = new Map<string, Pick<Workload, 'namespace' | 'name'>>();
  for (const { namespace, owner } of cluster.pods.values())
    if (owner?.kind === kind) found.set(`${namespace}/${owner.name}`, { namespace, name: owner.name });
  return [...found.values()];
}
