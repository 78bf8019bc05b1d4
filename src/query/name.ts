import type { Cluster } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { formatAddress } from '../net/address.ts';
import { find } from './find.ts';
import type { Found } from './found.ts';
import { parsePlace } from './place.ts';
import { shortWord, type Workload } from './workload.ts';

/**
 * The shortest name that stands for this thing and no other on the command line, whoever the source is: services always with their kind,
 * and with their namespace what another one has, too.
 */
export function nameOf(cluster: Cluster, found: Found, namespace: string): string {
  if (found.kind === 'address') return formatAddress(found.address);
  if (found.kind === 'url') return found.url;
  if (found.kind === 'name') return found.name;
  if (found.kind === 'workload') return workloadName(found.workload, namespace);
  const names = possibleNames(found, isInSeveral(cluster, found) ? null : namespace);
  const clear = names.find((text) => {
    const place = parsePlace(text);
    const again = place.ok ? find(cluster, place.value, namespace) : place;
    return again.ok && identity(again.value) === identity(found);
  });
  return clear ?? names.at(-1) ?? '';
}

const workloadName = ({ kind, namespace, name }: Workload, here: string): string =>
  `${namespace === here ? '' : `${namespace}/`}${shortWord(kind)}/${name}`;

function possibleNames(
  found: Exclude<Found, { kind: 'address' | 'name' | 'url' | 'workload' }>,
  namespace: string | null,
): readonly string[] {
  if (found.kind === 'node') return [found.node.name, `node/${found.node.name}`];
  if (found.kind === 'host') return [found.host.name];
  const object = found.kind === 'pod' ? found.pod : found.service;
  const prefix = object.namespace === namespace ? '' : `${object.namespace}/`;
  const full = `${object.namespace}/${SHORT[found.kind]}/${object.name}`;
  return found.kind === 'pod' ? [`${prefix}${object.name}`, `${prefix}pod/${object.name}`, full] : [`${prefix}svc/${object.name}`, full];
}

/** Pods' and services' names, each with whether several namespaces have one; they are counted once a cluster. */
const namesakes = new WeakMap<Cluster, ReadonlyMap<string, boolean>>();

function isInSeveral(cluster: Cluster, found: Found): boolean {
  if (found.kind !== 'pod' && found.kind !== 'service') return false;
  const known = namesakes.get(cluster) ?? countNames(cluster);
  namesakes.set(cluster, known);
  return known.get(found.kind === 'pod' ? found.pod.name : found.service.name) === true;
}

function countNames({ pods, services }: Cluster): ReadonlyMap<string, boolean> {
  const first = new Map<string, string>();
  const several = new Map<string, boolean>();
  for (const { name, namespace } of [...pods.values(), ...services.values()]) {
    if (!first.has(name)) first.set(name, namespace);
    else if (first.get(name) !== namespace) several.set(name, true);
  }
  return several;
}

const SHORT = { pod: 'pod', service: 'svc' } as const;

function identity(found: Found): string {
  switch (found.kind) {
    case 'pod':
      return `pod ${key(found.pod)}`;
    case 'service':
      return `service ${key(found.service)}`;
    case 'node':
      return `node ${found.node.name}`;
    case 'workload':
      return `${found.workload.kind} ${key(found.workload)}`;
    case 'host':
      return `host ${found.host.name}`;
    case 'url':
      return found.url;
    case 'name':
      return `name ${found.name}`;
    case 'address':
      return formatAddress(found.address);
  }
}
