import type { Cluster } from '../k8s/cluster.ts';
import { isHeadless, nodeIps } from '../k8s/families.ts';
import { GATEWAY } from '../k8s/network.ts';
import { isThere, key, type Pod } from '../k8s/pod.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Candidate } from './candidate.ts';
import type { Kind } from './place.ts';
import { completePort } from './port-candidates.ts';
import { WORKLOAD_KINDS, type WorkloadKind, wordsOf } from './workload.ts';

export { completePortOf } from './port-candidates.ts';
export { completeWithout } from './things-without.ts';

/** Where the name stands: services do not send, programs run in pods and machines only, and policies are about pods. */
export type Role = 'source' | 'destination' | 'machine' | 'pod';

/** Names that begin with what is typed, for each thing its usual one, as `trace` and `lab exec` understand them. */
export function completeName(cluster: Cluster, typed: string, role: Role, namespace: string): readonly Candidate[] {
  if (typed.startsWith('[') || typed.includes(':'))
    return [...(role === 'destination' ? completePort(cluster, typed, namespace) : []), ...completeIpv6(cluster, typed, role)];
  const at = typed.indexOf('@');
  if (at !== -1) return role === 'machine' ? [] : podsWith(cluster, typed.slice(0, at), typed, namespace);
  const things = thingsFor(cluster, role);
  const names = things.flatMap((thing) => spelled(thing, typed, isClear(cluster, namespace), namespace));
  const found = [...names, ...otherNamespaces(things, typed, namespace)];
  return found.length > 0 || role === 'machine' || typed === '' ? found : containers(cluster, typed, namespace);
}

/** For a list of a matrix: words, namespaces, and names without ports, after the last comma that was typed. */
export function completeSelection(
  cluster: Cluster,
  typed: string,
  role: 'source' | 'destination',
  namespace: string,
): readonly Candidate[] {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  const rest = typed.slice(before.length);
  const words = role === 'source' ? ROW_WORDS : [...ROW_WORDS, SERVICES];
  const namespaces = /^(n|ns|namespace)(\/|$)/.test(rest) || rest === '' ? namespacesOf(cluster) : [];
  const short = rest.startsWith('ns') ? 'ns' : 'namespace';
  const all = [
    ...words.filter(({ text }) => text.startsWith(rest)),
    ...namespaces.map(({ text, about }) => ({ text: `${short}/${text}`, about })).filter(({ text }) => text.startsWith(rest)),
    ...completeName(cluster, rest, role, namespace),
  ];
  const once = all.filter((c, i) => all.findIndex((d) => d.text === c.text) === i);
  return once.map(({ text, about }) => ({ text: `${before}${text}`, about }));
}

const ROW_WORDS: readonly Candidate[] = [
  { text: 'workloads', about: 'all pods, by what they are of' },
  { text: 'nodes', about: 'all nodes, as one' },
  { text: 'internet', about: 'all that is outside' },
];
const SERVICES: Candidate = { text: 'services', about: 'each service' };

/** In brackets a port is to follow, if one can. */
function completeIpv6(cluster: Cluster, typed: string, role: Role): readonly Candidate[] {
  const spelled = (a: string) => (typed.startsWith('[') ? `[${a}]${role === 'destination' ? ':' : ''}` : a);
  return thingsFor(cluster, role).flatMap(({ addresses, about }) => {
    const texts = addresses.filter((a) => a.includes(':')).map(spelled);
    return texts.filter((text) => text !== typed && text.startsWith(typed)).map((text) => ({ text, about }));
  });
}

/** Names of one kind, where the kind has been said already: `show pod NAME`. */
export function completeNameOfKind(cluster: Cluster, kind: Kind, typed: string, namespace: string): readonly Candidate[] {
  const things = thingsFor(cluster, 'destination').filter((t) => t.kind === kind);
  const names = things.flatMap((thing) => {
    if (isHere(thing, namespace) && thing.name.startsWith(typed)) return [{ text: thing.name, about: thing.about }];
    const full = `${thing.namespace}/${thing.name}`;
    return thing.namespace !== null && typed.includes('/') && full.startsWith(typed) ? [{ text: full, about: thing.about }] : [];
  });
  return [...names, ...otherNamespaces(things, typed, namespace)];
}

/** All namespaces, for -n. */
export function namespacesOf(cluster: Cluster): readonly Candidate[] {
  const pods = new Map<string, number>();
  for (const { namespace } of cluster.services.values()) pods.set(namespace, 0);
  for (const { namespace } of cluster.pods.values()) pods.set(namespace, (pods.get(namespace) ?? 0) + 1);
  return [...pods].map(([text, count]) => ({ text, about: podsText(count) }));
}

interface Thing {
  readonly kind: Kind | WorkloadKind | 'host' | 'machine';
  readonly name: string;
  /** Null: it is in none. */
  readonly namespace: string | null;
  /** Each may be written instead of the name. */
  readonly addresses: readonly string[];
  readonly about: string;
}

function thingsFor(cluster: Cluster, role: Role): readonly Thing[] {
  const things: Thing[] = [];
  const written = (ips: readonly IpAddress[]) => (role === 'machine' ? [] : ips.map(formatAddress));
  for (const pod of cluster.pods.values()) {
    const ips = pod.hostNetwork ? [] : pod.ips.map((i) => i.address);
    things.push({ kind: 'pod', name: pod.name, namespace: pod.namespace, addresses: written(ips), about: podText(pod) });
  }
  if (role === 'destination')
    for (const service of cluster.services.values()) {
      const { name, namespace, clusterIps, externalName, ports } = service;
      const what = externalName !== null ? `for ${externalName.name}` : isHeadless(service) ? '(headless)' : '';
      const about = ['service', what, ports.map((p) => `${p.port}/${p.protocol}`).join(', ')].filter((s) => s !== '').join(' ');
      things.push({ kind: 'service', name, namespace, addresses: written(clusterIps), about });
    }
  if (role === 'pod') return [...things, ...workloads(cluster)];
  for (const node of cluster.nodes.values()) {
    const ips = nodeIps(node);
    things.push({ kind: 'node', name: node.name, namespace: null, addresses: written(ips), about: `node ${listed(ips)}` });
  }
  return [...things, ...(role === 'machine' ? machines(cluster) : [...workloads(cluster), ...hosts(cluster)])];
}

/** Those with a pod that is there, as kubectl calls them. */
function workloads({ pods }: Cluster): readonly Thing[] {
  const counted = new Map<string, { readonly thing: Omit<Thing, 'about'>; count: number }>();
  for (const pod of pods.values()) {
    const kind = WORKLOAD_KINDS.find((k) => k === pod.owner?.kind);
    if (kind === undefined || pod.owner === null || !isThere(pod)) continue;
    const { namespace, owner } = pod;
    const known = counted.get(`${kind}/${namespace}/${owner.name}`);
    if (known !== undefined) known.count++;
    else counted.set(`${kind}/${namespace}/${owner.name}`, { thing: { kind, name: owner.name, namespace, addresses: [] }, count: 1 });
  }
  return [...counted.values()].map(({ thing, count }) => ({ ...thing, about: `${thing.kind}, ${podsText(count)}` }));
}

/** Routers, and the gateway and what is beyond it, where there is one: places of a lab. */
function machines({ underlay, gateway, outside }: Cluster): readonly Thing[] {
  const named = (name: string, about: string) => ({ kind: 'machine', name, namespace: null, addresses: [], about }) as const;
  return [
    ...underlay.routers.map((r) => named(r.name, 'router')),
    ...(gateway === null ? [] : [named(GATEWAY, 'the way to the internet')]),
    ...outside.map((h) => named(h.name, 'client on the internet')),
  ];
}

function hosts({ outside }: Cluster): readonly Thing[] {
  const first = outside[0];
  const alias = first === undefined || outside.some((h) => h.name === 'internet') ? [] : [{ ...first, name: 'internet' }];
  return [...outside, ...alias].map(({ name, ips }) => ({
    kind: 'host',
    name,
    namespace: null,
    addresses: name === 'internet' ? [] : ips.map(formatAddress),
    about: `client on the internet, ${listed(ips)}`,
  }));
}

const listed = (ips: readonly IpAddress[]) => ips.map(formatAddress).join(', ');

const isHere = ({ namespace }: Thing, here: string) => namespace === null || namespace === here;

const KIND_WORDS = { pod: ['pod', 'po', 'pods'], service: ['svc', 'service', 'services'], node: ['node', 'no', 'nodes'] } as const;

/** Until there is a slash, a thing is offered by its usual name or a bare one; things of another namespace by its name first. */
function spelled(thing: Thing, typed: string, clear: (name: string) => boolean, namespace: string): readonly Candidate[] {
  const all = spellings(thing, clear, namespace);
  const text = all.find((s) => s.startsWith(typed) && (typed.includes('/') || s === all[0] || !s.includes('/')));
  if (text === undefined) return [];
  return isHere(thing, namespace) || typed.includes('/') || thing.addresses.includes(text) ? [{ text, about: thing.about }] : [];
}

/** The ways to write a name, the usual one first. */
function spellings({ kind, name, namespace, addresses }: Thing, clear: (name: string) => boolean, here: string): readonly string[] {
  if (kind === 'host' || kind === 'machine') return [...(clear(name) ? [name] : []), ...addresses];
  if (kind !== 'pod' && kind !== 'service' && kind !== 'node') {
    const all = wordsOf(kind).map((word) => `${word}/${name}`);
    return [...(namespace === here ? all : []), ...all.map((text) => `${namespace}/${text}`)];
  }
  const withKind = KIND_WORDS[kind].map((k) => `${k}/${name}`);
  const bare = clear(name) ? [name] : [];
  if (kind === 'node') return [...withKind.slice(0, 1), ...bare, ...withKind, ...addresses];
  const local = kind === 'pod' ? [...bare, ...withKind] : [...withKind.slice(0, 1), ...bare, ...withKind];
  const far = [...(kind === 'pod' ? [name] : []), ...withKind].map((s) => `${namespace}/${s}`);
  return [...(namespace === here ? local : []), ...far, ...addresses];
}

/** Whether a bare name stands for one thing only. */
function isClear({ pods, services, nodes, outside }: Cluster, namespace: string): (name: string) => boolean {
  const clients = new Set(outside.map((h) => h.name));
  return (name) => {
    const object = key({ namespace, name });
    return [pods.has(object), services.has(object), nodes.has(name), clients.has(name)].filter((there) => there).length < 2;
  };
}

function otherNamespaces(things: readonly Thing[], typed: string, here: string): readonly Candidate[] {
  if (typed.includes('/')) return [];
  const count = new Map<string, number>();
  for (const { namespace } of things)
    if (namespace !== null && namespace !== here && namespace.startsWith(typed)) count.set(namespace, (count.get(namespace) ?? 0) + 1);
  return [...count].map(([name, n]) => ({ text: `${name}/`, about: `namespace, ${n} name${n === 1 ? '' : 's'}` }));
}

/** `CONTAINER@`: the pods that have such a container. */
function podsWith(cluster: Cluster, container: string, typed: string, here: string): readonly Candidate[] {
  return [...cluster.pods.values()]
    .filter((pod) => pod.containers.some((c) => c.name === container))
    .map((pod) => ({
      text: `${container}@${pod.namespace === here ? '' : `${pod.namespace}/`}${pod.name}`,
      about: podText(pod),
    }))
    .filter(({ text }) => text.startsWith(typed));
}

function containers(cluster: Cluster, typed: string, here: string): readonly Candidate[] {
  const pods = new Map<string, number>();
  for (const pod of cluster.pods.values())
    if (pod.namespace === here)
      for (const { name } of pod.containers) if (name.startsWith(typed)) pods.set(name, (pods.get(name) ?? 0) + 1);
  return [...pods].map(([name, count]) => ({ text: `${name}@`, about: `container of ${podsText(count)}` }));
}

const podText = ({ node }: Pod) => (node === null ? 'pod on no node' : `pod on ${node}`);

const podsText = (count: number) => `${count} pod${count === 1 ? '' : 's'}`;
