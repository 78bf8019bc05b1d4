import type { Cluster } from '../k8s/cluster.ts';
import { type Party, partyOf } from '../k8s/containers/shared.ts';
import type { Question } from './question.ts';

export interface Ends {
  readonly from: Party;
  readonly to: Party;
}

/** The two pods of a question, with the containers that are meant; null when one of its ends is something else. */
export function endsOf(cluster: Cluster, { source, destination, destinationContainer }: Question): Ends | null {
  const pod = source.kind === 'Pod' ? cluster.pods.get(`${source.namespace}/${source.name}`) : undefined;
  const called = destination.kind === 'address' ? destination.owner : destination;
  if (pod === undefined || called?.kind !== 'pod') return null;
  return { from: partyOf(pod, source.container), to: partyOf(called.pod, destinationContainer) };
}
