import type { Cluster } from '../k8s/cluster.ts';
import type { OutsideHost } from '../k8s/network.ts';
import type { Thing } from './found.ts';
import type { Kind, PlaceName } from './place.ts';
import { findWorkload, shortWord, type WorkloadKind } from './workload.ts';

/** All that a name may stand for: things of different kinds may have one name. */
export function thingsNamed(cluster: Cluster, { kind, name, namespace: stated }: PlaceName, namespace: string): readonly Thing[] {
  if (kind !== null && isWorkload(kind)) {
    const workload = findWorkload(cluster, kind, namespace, name);
    return workload === null ? [] : [{ kind: 'workload', workload }];
  }
  const pod = kind === null || kind === 'pod' ? cluster.pods.get(`${namespace}/${name}`) : undefined;
  const service = kind === null || kind === 'service' ? cluster.services.get(`${namespace}/${name}`) : undefined;
  const node = kind === 'node' || (kind === null && stated === null) ? cluster.nodes.get(name) : undefined;
  const host = kind === null && stated === null ? hostNamed(cluster, name) : undefined;
  return [
    ...(pod === undefined ? [] : [{ kind: 'pod', pod } as const]),
    ...(service === undefined ? [] : [{ kind: 'service', service } as const]),
    ...(node === undefined ? [] : [{ kind: 'node', node } as const]),
    ...(host === undefined ? [] : [{ kind: 'host', host } as const]),
  ];
}

/** `internet` is the first of the clients. */
function hostNamed(cluster: Cluster, name: string): OutsideHost | undefined {
  return cluster.outside.find((h) => h.name === name) ?? (name === 'internet' ? cluster.outside[0] : undefined);
}

/** Only pods have containers. */
export const isFor = ({ container }: PlaceName, { kind }: Thing): boolean => container === null || kind === 'pod' || kind === 'workload';

/** A service does not send. */
export type End = 'source' | 'either';

/** Kinds as kubectl shortens them. */
export const SHORT: Readonly<Record<Kind, string>> = { pod: 'pod', service: 'svc', node: 'node' };

export const shortOf = (thing: Exclude<Thing, { kind: 'host' }>): string =>
  thing.kind === 'workload' ? shortWord(thing.workload.kind) : SHORT[thing.kind];

export const isWorkload = (kind: Kind | WorkloadKind): kind is WorkloadKind => kind !== 'pod' && kind !== 'service' && kind !== 'node';
