import { addressIndex, nodeAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Service } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import type { Target } from '../query/target.ts';
import { nodeOf } from './end.ts';
import type { Kinds } from './kinds.ts';
import type { End } from './question.ts';

/** What of a service's endpoints is near: a call from here may go elsewhere than the same call from another node. */
export interface Localities {
  /** The service that answers a call; null: none does. */
  serviceOf(called: End, target: Target): Service | null;
  /** Those of its endpoints that are on an end's node, and whether it is one of them: the same text where that is alike. */
  of(service: Service, end: End): string;
}

export function localitiesOf(cluster: Cluster, kinds: Kinds): Localities {
  const { nodePorts } = addressIndex(cluster);
  const known = new Map<Service, (end: End) => string>();
  return {
    serviceOf(called, { port, protocol }) {
      if (called.kind === 'service') return called.service;
      if (called.kind === 'outside' || (called.kind === 'pod' && !called.pod.hostNetwork)) return null;
      return nodePorts.get(`${port}/${protocol}`)?.service ?? null;
    },
    of(service, end) {
      const made = known.get(service) ?? localityOf(cluster, service, kinds);
      known.set(service, made);
      return made(end);
    },
  };
}

function localityOf(cluster: Cluster, service: Service, kinds: Kinds): (end: End) => string {
  const near = new Map<string, string[]>();
  const own = new Set<object>();
  for (const [i, { endpoints }] of service.ports.entries())
    for (const { ip, port, pod, node, ready, serving, terminating } of endpoints) {
      if (pod !== null) own.add(pod);
      const who = pod === null ? formatAddress(ip) : kinds.called({ kind: 'pod', pod }).kind;
      const text = [i, port, who, pod === null || pod.node === node, ready, serving, terminating].join();
      // An endpoint may be a node itself, as the API server's are.
      for (const place of new Set([node, pod?.node ?? null, nodeAt(cluster, ip)?.name ?? null])) {
        if (place === null) continue;
        const known = near.get(place);
        if (known === undefined) near.set(place, [text]);
        else known.push(text);
      }
    }
  const texts = new Map([...near].map(([node, all]) => [node, all.sort().join(' ')] as const));
  return (end) => {
    const node = nodeOf(end);
    const local = node === null ? '' : (texts.get(node) ?? '');
    return end.kind === 'pod' && own.has(end.pod) ? `self ${local}` : local;
  };
}
