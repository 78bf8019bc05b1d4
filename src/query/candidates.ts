import type { Cluster, Pod } from '../k8s/cluster.ts';
import { formatAddress } from '../net/address.ts';
import { type Found, find } from './find.ts';
import { parsePlace } from './place.ts';
import { completePort, portText } from './port-candidates.ts';

/** What could be typed on, and what that is. One that ends with `/`, `:`, `@` or `-` is only a beginning. */
export interface Candidate {
  readonly text: string;
  readonly about: string;
}

/** Where the name stands: services do not send, and programs run in pods and nodes only. */
export type Role = 'source' | 'destination' | 'machine';

/** Names of the cluster that begin with what is typed: for each thing its shortest such name that is no other thing's as well. */
export function completeName(cluster: Cluster, typed: string, role: Role, namespace: string): readonly Candidate[] {
  const colon = typed.indexOf(':');
  if (colon !== -1) return role === 'destination' ? completePort(cluster, typed, colon, namespace) : [];
  const at = typed.indexOf('@');
  if (at !== -1) return role === 'machine' ? [] : podsWithContainer(cluster, typed, at, namespace);
  const things = thingsFor(cluster, role);
  const names = things.flatMap((thing) => candidatesOf(cluster, thing, typed, role, namespace));
  const found = [...names, ...otherNamespaces(things, typed, namespace)];
  return found.length > 0 || role === 'machine' || typed === '' ? found : containers(cluster, typed, namespace);
}

/** Names of one kind, where the kind has been said already: `show pod NAME`. */
export function completeNameOfKind(
  cluster: Cluster,
  kind: 'pod' | 'service' | 'node',
  typed: string,
  namespace: string,
): readonly Candidate[] {
  const things = thingsFor(cluster, 'destination').filter((t) => t.kind === kind);
  const names = things.flatMap((thing) => {
    const bare = nameOf(thing);
    const full = `${namespaceOf(thing)}/${bare}`;
    const text = [...(isHere(thing, namespace) ? [bare] : []), ...(kind === 'node' ? [] : [full])].find((s) => s.startsWith(typed));
    return text === undefined || (!isHere(thing, namespace) && !typed.includes('/')) ? [] : [{ text, about: describe(thing) }];
  });
  return [...names, ...otherNamespaces(things, typed, namespace)];
}

export function namespacesOf(cluster: Cluster): readonly Candidate[] {
  const count = new Map<string, number>();
  for (const { namespace } of cluster.pods.values()) count.set(namespace, (count.get(namespace) ?? 0) + 1);
  for (const { namespace } of cluster.services.values()) count.set(namespace, count.get(namespace) ?? 0);
  return [...count].map(([text, pods]) => ({ text, about: `namespace with ${pods} pod${pods === 1 ? '' : 's'}` }));
}

type Thing = Extract<Found, { kind: 'pod' | 'service' | 'node' | 'host' }>;

function thingsFor(cluster: Cluster, role: Role): readonly Thing[] {
  return [
    ...[...cluster.pods.values()].map((pod) => ({ kind: 'pod', pod }) as const),
    ...(role === 'destination' ? [...cluster.services.values()].map((service) => ({ kind: 'service', service }) as const) : []),
    ...[...cluster.nodes.values()].map((node) => ({ kind: 'node', node }) as const),
    ...(role === 'machine' ? [] : cluster.outside.map((host) => ({ kind: 'host', host }) as const)),
  ];
}

/** A service of several ports is no destination until one is named, so it is offered with each. */
function candidatesOf(cluster: Cluster, thing: Thing, typed: string, role: Role, namespace: string): readonly Candidate[] {
  // What is in another namespace is offered by that namespace's name first.
  if (!isHere(thing, namespace) && !typed.includes('/') && !/^\d/.test(typed)) return [];
  const text = spellings(thing, namespace, role).find((s) => s.startsWith(typed) && standsFor(cluster, s, thing, namespace));
  if (text === undefined) return [];
  if (thing.kind !== 'service' || role !== 'destination' || thing.service.ports.length < 2) return [{ text, about: describe(thing) }];
  return completePort(cluster, `${text}:`, text.length, namespace);
}

/** The ways to write a name, the usual one first. An address is one of them, except in a lab, where it is nobody's name. */
function spellings(thing: Thing, namespace: string, role: Role): readonly string[] {
  const name = nameOf(thing);
  if (thing.kind === 'host') return [name];
  const address = addressOf(thing);
  const addresses = role === 'machine' || address === null ? [] : [address];
  if (thing.kind === 'node') return [`node/${name}`, name, `no/${name}`, `nodes/${name}`, ...addresses];
  const kinds = thing.kind === 'pod' ? ['pod', 'po', 'pods'] : ['svc', 'service', 'services'];
  const full = `${namespaceOf(thing)}/`;
  const withKind = kinds.map((k) => `${k}/${name}`);
  const here = thing.kind === 'pod' ? [name, ...withKind] : [...withKind, name];
  const far = thing.kind === 'pod' ? [name, ...withKind] : withKind;
  return [...(isHere(thing, namespace) ? here : []), ...far.map((s) => `${full}${s}`), ...addresses];
}

function standsFor(cluster: Cluster, text: string, thing: Thing, namespace: string): boolean {
  const place = parsePlace(text);
  const found = place.ok ? find(cluster, place.value, namespace) : place;
  if (!found.ok) return false;
  const { value } = found;
  const it = value.kind === 'address' ? value.owner : value;
  return it !== null && it.kind === thing.kind && describe(thing) === describe(it as Thing) && sameObject(it as Thing, thing);
}
