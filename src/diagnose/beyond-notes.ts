import type { Cluster } from '../k8s/cluster.ts';
import type { Question } from '../query/question.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { walksOf } from './walks.ts';

/** What is taken for granted of a source beyond a machine, and of a machine of which nothing is known but its state. */
export function beyondNotes({ oneMachine, pods }: Cluster, { source }: Question, paths: readonly FlowPath[]): readonly string[] {
  const first = paths[0]?.forward.hops[0];
  const way = first?.kind === 'interface' ? first.device : null;
  const entry =
    source.enters === null && way !== null
      ? [`what ${source.name} sends is taken to come in by ${way} of ${source.node}, the way back to it: --in NODE/DEVICE says otherwise`]
      : [];
  if (oneMachine === null) return entry;
  const passed = new Set(paths.flatMap((p) => walksOf(p).flatMap(({ walk }) => walk.hops.map((h) => h.netns))));
  const stood = [...pods.values()].filter((p) => passed.has(`${p.namespace}/${p.name}`));
  const inside = stood.map((p) => `${p.name} stands for whatever is behind its device: that it takes and answers packets is not known`);
  return [...oneMachine.assumed, ...entry, ...inside];
}
