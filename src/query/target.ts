import type { Cluster } from '../k8s/cluster.ts';
import { publishedEndpoints } from '../k8s/dns/dns-zone.ts';
import { targetPortOf } from '../k8s/endpoints.ts';
import type { ContainerPort, Pod } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { formatEndpoint, type IpAddress, isPrivate } from '../net/address.ts';
import { icmpName, type Protocol } from '../net/packet.ts';
import { didYouMean } from '../source/suggest.ts';
import type { Found } from './find.ts';
import type { PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';

/** What the client calls. */
export interface Target {
  readonly protocol: Protocol;
  /** Null for ICMP. */
  readonly port: number | null;
  /** The addresses that the client may call, each as likely as another: several for a headless service. */
  readonly addresses: readonly IpAddress[];
  /** Things that were chosen for the user, to be said once. */
  readonly notes: readonly string[];
  /** The service port that it is, if it is one. */
  readonly servicePort: ServicePort | null;
  /** Why there is no address to call, when there is none. */
  readonly missing: Missing | null;
}

/** `controller`: nobody says whose pods serve a URL. */
export type Missing = 'endpoints' | 'load-balancer' | 'name' | 'controller';

export interface Wish {
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
}

/** Port and protocol: what was asked for, else the destination's only port. */
export function chooseTarget(cluster: Cluster, place: PlaceName, found: Found, wish: Wish, fromOutside: boolean): Parsed<Target> {
  const { kind } = found;
  if (kind === 'name') return { ok: true, value: withoutAddress(wish) };
  if (kind === 'pod') return podTarget(found.pod, place, wish);
  if (kind === 'service') {
    const { families, name, externalName } = found.service;
    if (externalName === null && !families.includes(cluster.family))
      return fail(`service ${name} has no ${cluster.family} address`, `its ipFamilies: ${families.join(', ')}`);
    const inside = serviceTarget(found.service, wish);
    return inside.ok && fromOutside ? { ok: true, value: seenFromOutside(cluster, found.service, inside.value) } : inside;
  }
  if (kind === 'url') return fail(`${place.text} is a URL`);
  const address = kind === 'node' ? found.node.ip : kind === 'host' ? found.host.ip : found.address;
  if (kind === 'address' && found.owner?.kind === 'pod' && wish.port === null) return podTarget(found.owner.pod, place, wish);
  return addressTarget(address, kind === 'address' ? found.owner : null, wish);
}

/** A name without an address: nothing is sent. */
const withoutAddress = ({ port, protocol }: Wish): Target => ({
  protocol: protocol ?? 'tcp',
  port: typeof port === 'number' ? port : null,
  addresses: [],
  notes: [],
  servicePort: null,
  missing: 'name',
});

const plain = (protocol: Protocol, port: number | null, address: IpAddress, notes: readonly string[] = []): Parsed<Target> => ({
  ok: true,
  value: { protocol, port, addresses: [address], notes, servicePort: null, missing: null },
});

/** From the internet a service is its load balancer, else a public external address, else its node port where a node has a public one. */
function seenFromOutside(cluster: Cluster, service: Service, target: Target): Target {
  const { servicePort } = target;
  if (servicePort === null) return target;
  const balancers = service.loadBalancerIngress.map((i) => i.ip);
  if (balancers.length > 0) return { ...target, addresses: balancers, notes: [`from outside, ${service.name} is its load balancer`] };
  if (service.type === 'LoadBalancer') return { ...target, addresses: [], missing: 'load-balancer' };
  const external = service.externalIps.filter((a) => !isPrivate(a));
  if (external.length > 0) return { ...target, addresses: external };
  const nodes = new Set([...cluster.nodes.values()].map((n) => n.ip));
  const routed = [...nodes].filter((a) => !isPrivate(a));
  const open = [...(cluster.gateway?.nat ?? []).filter((n) => nodes.has(n.private)).map((n) => n.public), ...routed];
  if (servicePort.nodePort === null || open.length === 0) return target;
  return {
    ...target,
    port: servicePort.nodePort,
    addresses: open,
    notes: [
      `from outside, ${service.name} is its node port ${servicePort.nodePort} on ${open.length === 1 ? 'the node' : 'the nodes'} with a public address`,
    ],
  };
}

function podTarget(pod: Pod, place: PlaceName, wish: Wish): Parsed<Target> {
  if (wish.protocol === 'icmp') return plain('icmp', null, pod.ip);
  const containers = place.container === null ? pod.containers : pod.containers.filter((c) => c.name === place.container);
  const ports = containers.flatMap((c) => c.ports).filter((p) => wish.protocol === null || p.protocol === wish.protocol);
  if (typeof wish.port === 'string') return namedPort(pod, ports, wish.port);
  if (wish.port !== null) {
    const declared =
      ports.find((p) => p.port === wish.port && (p.protocol === 'tcp' || wish.protocol !== null)) ??
      ports.find((p) => p.port === wish.port);
    return plain(wish.protocol ?? declared?.protocol ?? 'tcp', wish.port, pod.ip);
  }
  const first = ports.find((p) => p.protocol === 'tcp') ?? ports[0];
  if (first === undefined) {
    if (wish.protocol !== null) return fail(`${pod.name} states no ${wish.protocol} port`, `name one, as ${pod.name}:80`);
    return plain('icmp', null, pod.ip, [`${pod.name} states no port, so it is pinged (${icmpName(pod.ip)} echo)`]);
  }
  const others = ports.length > 1 ? [`${pod.name} has ${ports.length} ports; this is ${portText(first)}`] : [];
  return plain(first.protocol, first.port, pod.ip, others);
}

export const portText = (p: Pick<ContainerPort, 'name' | 'port' | 'protocol'>) =>
  `${p.port}/${p.protocol}${p.name === null || p.name === '' ? '' : ` (${p.name})`}`;

function namedPort(pod: Pod, ports: readonly ContainerPort[], name: string): Parsed<Target> {
  const found = ports.find((p) => p.name === name);
  if (found !== undefined) return plain(found.protocol, found.port, pod.ip);
  const known = ports.map(portText).join(', ');
  const names = ports.flatMap((p) => p.name ?? []);
  return fail(
    `${pod.name} has no port named ${name}`,
    didYouMean(name, names) ?? (known === '' ? 'it states no ports' : `its ports: ${known}`),
  );
}

/** A name that stands for it in every namespace. */
const called = ({ namespace, name }: Service): string => (namespace === 'default' ? `svc/${name}` : `${namespace}/svc/${name}`);

function serviceTarget(service: Service, wish: Wish): Parsed<Target> {
  if (wish.protocol === 'icmp') return icmpToService(service);
  const ports = service.ports.filter((p) => wish.protocol === null || p.protocol === wish.protocol);
  const known = `its ports: ${service.ports.map((p) => portText(p)).join(', ')}`;
  if (wish.port === null) {
    const [only, second] = ports;
    if (only !== undefined && second === undefined) return toServicePort(service, only);
    if (only === undefined) return fail(`service ${service.name} has no ${wish.protocol} port`, known);
    return fail(
      `service ${service.name} has several ports: say which`,
      ports.map((p) => `${called(service)}:${p.name === '' ? p.port : p.name}`).join(' or '),
    );
  }
  const matching = ports.filter((p) => p.port === wish.port || p.name === wish.port);
  const [found, another] = matching;
  if (found !== undefined && another !== undefined)
    return fail(
      `service ${service.name} has port ${wish.port} for ${matching.map((p) => p.protocol).join(' and ')}: say which`,
      `${called(service)}:${wish.port}/${found.protocol}`,
    );
  if (found !== undefined) return toServicePort(service, found);
  return fail(`service ${service.name} has no port ${wish.port}`, wrongPortKind(service, wish.port) ?? known);
}

/** A targetPort is the pods' own, a nodePort the nodes': people call them on the service by mistake. */
function wrongPortKind(service: Service, port: number | string): string | null {
  for (const p of service.ports) {
    if (p.nodePort === port)
      return `${port} is the node port, open on the nodes' own addresses; call ${called(service)}:${p.port}, or NODE:${port}`;
    const targets = new Set([p.targetPort, ...p.endpoints.map((e) => e.port)]);
    if (targets.has(port)) return `${port} is a targetPort (the pods' own port); call ${called(service)}:${p.port}`;
  }
  const near =
    typeof port === 'string'
      ? didYouMean(
          port,
          service.ports.map((p) => p.name),
        )
      : null;
  return near;
}

function icmpToService(service: Service): Parsed<Target> {
  if (service.clusterIp === null) return fail(`service ${service.name} is headless: ping one of its pods`);
  return plain('icmp', null, service.clusterIp, ['kube-proxy has rules for the ports of a service only, not for ICMP']);
}

/** A headless service is its endpoints' addresses: the port that the client calls is not translated. */
function toServicePort(service: Service, port: ServicePort): Parsed<Target> {
  const base = { protocol: port.protocol, port: port.port, servicePort: port, missing: null } as const;
  if (service.clusterIp !== null) return { ok: true, value: { ...base, addresses: [service.clusterIp], notes: [] } };
  const notes = [`${service.name} is headless: its name stands for its pods' addresses, and the port is not translated`];
  const addresses = [...new Set(publishedEndpoints(service).map((e) => e.ip))];
  return { ok: true, value: { ...base, addresses, notes, missing: addresses.length === 0 ? 'endpoints' : null } };
}

function addressTarget(address: IpAddress, owner: Found | null, wish: Wish): Parsed<Target> {
  const { port, protocol } = wish;
  if (protocol === 'icmp') return plain('icmp', null, address);
  if (owner?.kind === 'service') return clusterIpTarget(owner.service, address, wish);
  if (typeof port === 'string') return byName(address, owner, port);
  if (port !== null) return plain(protocol ?? 'tcp', port, address);
  if (protocol !== null) return fail(`${protocol} needs a port`, `name one, as ${formatEndpoint(address, 80)}`);
  return plain('icmp', null, address, [`no port was named, so it is pinged (${icmpName(address)} echo)`]);
}

/** By bare address nothing is checked: a port that the service does not have is walked, as a client's packet would be. */
function clusterIpTarget(service: Service, address: IpAddress, { port, protocol }: Wish): Parsed<Target> {
  if (port === null || typeof port === 'string') {
    const chosen = serviceTarget(service, { port, protocol });
    return chosen.ok ? { ok: true, value: { ...chosen.value, addresses: [address], missing: null } } : chosen;
  }
  const found = service.ports.find((p) => p.port === port && (protocol === null || p.protocol === protocol));
  if (found !== undefined)
    return { ok: true, value: { protocol: found.protocol, port, servicePort: found, addresses: [address], notes: [], missing: null } };
  return plain(protocol ?? 'tcp', port, address);
}

function byName(address: IpAddress, owner: Found | null, port: string): Parsed<Target> {
  const number = owner?.kind === 'pod' ? targetPortOf(owner.pod, port, 'tcp') : null;
  return number === null ? fail(`the port ${port} has no number here`, 'write the port as a number') : plain('tcp', number, address);
}
