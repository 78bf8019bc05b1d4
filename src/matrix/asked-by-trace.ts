import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, type IpFamily } from '../net/address.ts';
import { findAddress } from '../query/find-address.ts';
import type { Found } from '../query/found.ts';
import type { PlaceName } from '../query/place.ts';
import type { Question, Source } from '../query/question.ts';
import { findSource } from '../query/source.ts';
import type { Target } from '../query/target.ts';
import { addressOf } from './asked.ts';
import type { End } from './question.ts';

/** The one who calls, as a trace has it; null: it has no address of the family. */
export function sourceOf(cluster: Cluster, end: End, family: IpFamily): Source | null {
  if (end.kind === 'service' || addressOf(end, family) === null) return null;
  const found = findSource(cluster, placeOf(end), 'default', family);
  return found.ok ? found.value : null;
}

function placeOf(end: Exclude<End, { kind: 'service' }>): PlaceName {
  const bare = { kind: null, namespace: null, container: null, address: null, port: null, protocol: null };
  switch (end.kind) {
    case 'pod':
      return { ...bare, kind: 'pod', namespace: end.pod.namespace, name: end.pod.name, text: end.pod.name };
    case 'node':
      return { ...bare, kind: 'node', name: end.node.name, text: end.node.name };
    case 'outside':
      return { ...bare, address: end.address, name: formatAddress(end.address), text: formatAddress(end.address) };
  }
}

/** A call as the connection that a trace follows. */
export const questionOf = (cluster: Cluster, source: Source, called: End, target: Target, family: IpFamily): Question => ({
  family,
  source,
  destination: foundOf(cluster, called),
  destinationContainer: null,
  over: 'network',
  target,
  resolution: null,
  dnsServer: null,
  size: null,
  http: null,
});

function foundOf(cluster: Cluster, called: End): Found {
  if (called.kind !== 'outside') return called;
  const found = findAddress(cluster, called.address);
  return found.ok ? found.value : { kind: 'address', address: called.address, owner: null };
}
