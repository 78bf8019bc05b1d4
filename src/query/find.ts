import { nodeAt, podAt, serviceAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp, podIp, prefixIn } from '../k8s/families.ts';
import { scaleUp } from '../k8s/idle.ts';
import { GATEWAY, type OutsideHost } from '../k8s/network.ts';
import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { unlistedServices } from '../k8s/unlisted.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, inFamily, isUnicast, nextAddress } from '../net/address.ts';
import { addressBits, formatPrefix, lastAddress, type Prefix } from '../net/prefix.ts';
import { nearest, orList } from '../source/suggest.ts';
import { isNoEnd, type Kind, type PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';
import { findWorkload, shortWord, type Workload, type WorkloadKind, workloadsOf } from './workload.ts';

/** The thing that a name stands for. */
export type Found =
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'node'; readonly node: Node }
  /** Several pods: as a source its first, as a destination each of them. */
  | { readonly kind: 'workload'; readonly workload: Workload }
  /** A machine on the internet. */
  | { readonly kind: 'host'; readonly host: OutsideHost }
  /** A URL, which an Ingress or a Gateway answers for. */
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'address'; readonly address: IpAddress; readonly owner: Found | null }
  /** A DNS name that has no address, as far as the input says. */
  | { readonly kind: 'name'; readonly name: string };

/** The pods that were named, as one or as a workload. */
export function podsOf(found: Found): readonly Pod[] {
  if (found.kind === 'workload') return found.workload.pods;
  return found.kind === 'pod' ? [found.pod] : [];
}

/** Finds a name among pods, services and nodes; a bare one in one namespace only. A name of a service and something else is not the service as a source. */
export function find(cluster: Cluster, place: PlaceName, defaultNamespace: string, end: End = 'either'): Parsed<Found> {
  if (place.address !== null) return findAddress(cluster, place.address);
  const namespace = place.namespace ?? defaultNamespace;
  const all = candidates(cluster, place, namespace);
  const fitting = all.filter((f) => isFor(place, f));
  const senders = fitting.filter((f) => f.kind !== 'service');
  const found = end === 'source' && senders.length > 0 ? senders : fitting;
  const [first, second] = found;
  if (first === undefined)
    return all[0] === undefined ? nothing(cluster, place, namespace, end) : fail(`${place.text}: only pods have containers`, null);
  if (second === undefined) return { ok: true, value: first };
  const prefix = place.namespace === null ? '' : `${place.namespace}/`;
  const names = found.map((f) => (f.kind === 'host' ? f.host.name : `${f.kind === 'node' ? '' : prefix}${shortOf(f)}/${place.name}`));
  return fail(`${place.text} is ambiguous: there is ${names.join(' and ')}`, `write ${names.join(' or ')}`);
}

/** Where a bare destination name stands: next to the source, as for a program there; what only another namespace has is that one's. */
export function namespaceFor(cluster: Cluster, place: PlaceName, source: string | null, otherwise: string): string {
  if (source === null || place.namespace !== null || place.address !== null) return otherwise;
  if (candidates(cluster, place, source).some((f) => isFor(place, f) && isNamespaced(f))) return source;
  return isThing(cluster, place, otherwise) ? otherwise : source;
}

const isNamespaced = ({ kind }: Thing): boolean => kind !== 'node' && kind !== 'host';

/** Only pods have containers. */
const isFor = ({ container }: PlaceName, { kind }: Thing): boolean => container === null || kind === 'pod' || kind === 'workload';

/** A service does not send. */
type End = 'source' | 'either';

const SHORT: Readonly<Record<Kind, string>> = { pod: 'pod', service: 'svc', node: 'node' };

const shortOf = (thing: Exclude<Thing, { kind: 'host' }>): string =>
  thing.kind === 'workload' ? shortWord(thing.workload.kind) : SHORT[thing.kind];

type Thing = Exclude<Found, { kind: 'address' | 'name' | 'url' }>;

/** Is there anything of this name? */
export const isThing = (cluster: Cluster, place: PlaceName, defaultNamespace: string): boolean =>
  place.address !== null || candidates(cluster, place, place.namespace ?? defaultNamespace).length > 0;

function candidates(cluster: Cluster, { kind, name, namespace: stated }: PlaceName, namespace: string): readonly Thing[] {
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

function nothing(cluster: Cluster, place: PlaceName, namespace: string, end: End): Parsed<Found> {
  const { kind, name, text, namespace: stated } = place;
  if (kind === null && stated !== null && isNoEnd(stated) && !hasNamespace(cluster, stated))
    return fail(`${stated} is a kind that neither sends nor receives packets`, 'name a pod, a service, a node or a workload');
  if (name === 'internet' && kind === null && cluster.gateway === null)
    return fail('the input has no way to the internet', `state one, as internet: { gateway: { ip: ${exampleGateway(cluster)} } }`);
  const between = kind === null ? handsOn(cluster, name) : null;
  if (between !== null)
    return fail(
      `${name} is ${between.what}: it hands packets on, and is no end of a trace by its name`,
      `its address can be called: ${between.addresses.map(formatAddress).join(' or ')}`,
    );
  const idle = cluster.idle.find((w) => w.kind === kind && w.namespace === namespace && w.name === name);
  if (idle !== undefined) return fail(`${text}: it has replicas: 0, so no pod of it is there`, `scale it up: ${scaleUp(idle)}`);
  const what = kind?.toLowerCase() ?? (end === 'source' ? 'pod or node' : 'pod, service or node');
  const where = kind === 'node' ? '' : ` in namespace ${namespace}`;
  const asWritten = JSON.stringify(text.replace(/:[^:/]*(\/\w+)?$/, ''));
  const command = kind === 'service' ? unlistedServices(cluster) : null;
  if (command !== null) return fail(`there is no service ${asWritten}${where}: the input has no services`, `get them: ${command}`);
  return fail(`there is no ${what} ${asWritten}${where}`, otherNames(cluster, place, namespace, end));
}

/** A name that can be written instead. */
interface Spelling {
  readonly name: string;
  /** Null: here, or in none. */
  readonly elsewhere: string | null;
  /** As it stands for this thing and no other. */
  readonly text: string;
  /** In no namespace. */
  readonly isWide: boolean;
}

/** The things of this name in other namespaces, else those of names like it, else some; each as it can be typed in its place. */
function otherNames(cluster: Cluster, place: PlaceName, namespace: string, end: End): string | null {
  const { name } = place;
  const all = spellings(cluster, place, namespace, end);
  const tail = tailOf(place);
  // A namespace that was written has to be written again.
  const inside = place.namespace === null ? '' : `${place.namespace}/`;
  const typed = (s: Spelling) => `${s.elsewhere === null && !s.isWide ? inside : ''}${s.text}${tail}`;
  const offer = (some: readonly Spelling[]) => `did you mean ${orList([...new Set(some.map(typed))])}?`;
  const elsewhere = all.filter((s) => s.elsewhere !== null && s.name === name);
  if (elsewhere.length > 0) return offer(elsewhere);
  const spelt = (s: Spelling) => (s.elsewhere === null ? s.name : `${s.elsewhere}/${s.name}`);
  const like = nearest(name, all.map(spelt));
  if (like.length > 0) return offer(all.filter((s) => like.includes(spelt(s))));
  const some = all.slice(0, 8).map((s) => s.text);
  return some.length === 0 ? null : `there are: ${some.join(', ')}${all.length > 8 ? ', …' : ''}`;
}

/** The port and protocol that follow a name. */
const tailOf = ({ port, protocol }: PlaceName): string =>
  `${port === null ? '' : `:${port}`}${port === null || protocol === null ? '' : `/${protocol}`}`;

function spellings(cluster: Cluster, { kind, container }: PlaceName, here: string, end: End): readonly Spelling[] {
  if (kind !== null && isWorkload(kind))
    return workloadsOf(cluster, kind).map(({ namespace, name }) => {
      const elsewhere = namespace === here ? null : namespace;
      return { name, elsewhere, text: `${elsewhere === null ? '' : `${elsewhere}/`}${shortWord(kind)}/${name}`, isWide: false };
    });
  const wants = (k: Kind) => (kind === null ? k !== 'service' || end === 'either' : kind === k) && (container === null || k === 'pod');
  const before = container === null ? '' : `${container}@`;
  const spelling = (k: Kind, namespace: string | null, name: string): Spelling => {
    const elsewhere = namespace === null || namespace === here ? null : namespace;
    const bare = { kind: null, name, namespace: elsewhere, container: null, text: name, address: null, port: null, protocol: null };
    const isClear = kind === null && k !== 'service' && candidates(cluster, bare, namespace ?? here).length === 1;
    return {
      name,
      elsewhere,
      isWide: namespace === null,
      text: `${before}${elsewhere === null ? '' : `${elsewhere}/`}${isClear ? '' : `${SHORT[k]}/`}${name}`,
    };
  };
  return [
    ...(wants('pod') ? [...cluster.pods.values()].map((p) => spelling('pod', p.namespace, p.name)) : []),
    ...(wants('service') ? [...cluster.services.values()].map((s) => spelling('service', s.namespace, s.name)) : []),
    ...(wants('node') ? [...cluster.nodes.keys()].map((n) => spelling('node', null, n)) : []),
  ];
}

const isWorkload = (kind: Kind | WorkloadKind): kind is WorkloadKind => kind !== 'pod' && kind !== 'service' && kind !== 'node';

const hasNamespace = ({ pods, services }: Cluster, namespace: string): boolean =>
  [...pods.values(), ...services.values()].some((o) => o.namespace === namespace);

/** The first address on the link of the first node, as gateways often have. */
function exampleGateway({ underlay, families: [primary = 'IPv4'] }: Cluster): string {
  const [first] = underlay.segments.values();
  const prefix = first === undefined ? null : prefixIn(first.prefixes, primary);
  return prefix === null ? '192.168.1.1' : formatAddress(nextAddress(prefix.address));
}

/** The gateway or a router of this name, and its addresses inside. */
function handsOn({ gateway, underlay }: Cluster, name: string) {
  if (name === GATEWAY && gateway !== null) return { what: 'the gateway', addresses: gateway.ips };
  const router = underlay.routers.find((r) => r.name === name);
  return router === undefined ? null : { what: 'a router', addresses: router.interfaces.flatMap((i) => i.ips) };
}

/** A unicast address, with the thing that has it; one that is no machine's own is refused. */
export function findAddress(cluster: Cluster, address: IpAddress): Parsed<Found> {
  if (!isUnicast(address)) return fail(`${formatAddress(address)} is no unicast address, and only those are traced`, null);
  const owner = ownerOf(cluster, address);
  if (owner !== null) return { ok: true, value: { kind: 'address', address, owner } };
  const links = [
    ...[...cluster.nodes.values()].flatMap((n) => n.podCidrs),
    ...[...cluster.underlay.segments.values()].flatMap((s) => s.prefixes),
  ];
  for (const prefix of links) {
    const special = reservedIn(prefix, address);
    if (special !== null)
      return fail(`${formatAddress(address)} is the ${special} address of ${formatPrefix(prefix)}, and only unicast is traced`, null);
  }
  return { ok: true, value: { kind: 'address', address, owner: null } };
}

/** Addresses of a link that are no machine's own. IPv6 has no broadcast; its first address is any router's (RFC 4291, 2.6.1; RFC 6164). */
function reservedIn(prefix: Prefix, address: IpAddress): string | null {
  if (prefix.length >= addressBits(address) - 1) return null;
  if (address === prefix.address) return familyOf(address) === 'IPv4' ? 'network' : 'subnet-router anycast';
  return familyOf(address) === 'IPv4' && address === lastAddress(prefix) ? 'broadcast' : null;
}

function ownerOf(cluster: Cluster, address: IpAddress): Found | null {
  const pod = podAt(cluster, address);
  if (pod !== null) return { kind: 'pod', pod };
  const service = serviceAt(cluster, address);
  if (service !== null) return { kind: 'service', service };
  const node = nodeAt(cluster, address);
  if (node !== null) return { kind: 'node', node };
  const host = cluster.outside.find((h) => h.ips.includes(address));
  return host === undefined ? null : { kind: 'host', host };
}

/** All addresses by which a service is called. */
export const serviceIps = ({ clusterIps, externalIps, loadBalancerIngress }: Service): readonly IpAddress[] => [
  ...clusterIps,
  ...externalIps,
  ...loadBalancerIngress.map((i) => i.ip),
];

/** The address of a pod, node or host in one family; null: it has none, or it is no machine. */
export function machineIp(found: Found, family: IpFamily): IpAddress | null {
  if (found.kind === 'pod') return podIp(found.pod, family);
  if (found.kind === 'node') return nodeIp(found.node, family);
  return found.kind === 'host' ? inFamily(found.host.ips, family) : null;
}
