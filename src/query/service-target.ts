import type { Cluster } from '../k8s/cluster.ts';
import { publishedEndpoints } from '../k8s/dns/dns-zone.ts';
import { clusterIpIn, isHeadless, nodeIp } from '../k8s/families.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { familyOf, type IpAddress, type IpFamily, isPrivate } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { didYouMean, orList } from '../source/suggest.ts';
import { fail, type Parsed } from './result.ts';
import { asked, plain, portText, type Target, type Wish } from './target.ts';

/** A service as pods and nodes call it, in a family that it has: by its ClusterIP, or headless by its endpoints. */
export function serviceTarget(service: Service, wish: Wish, family: IpFamily): Parsed<Target> {
  if (wish.protocol === 'icmp') return icmpToService(service, family);
  const ports = service.ports.filter((p) => wish.protocol === null || p.protocol === wish.protocol);
  const known = `its ports: ${service.ports.map(portText).join(', ')}`;
  if (wish.port === null) {
    const [only, second] = ports;
    if (only !== undefined && second === undefined) return toServicePort(service, only, family);
    if (only === undefined) return fail(`service ${service.name} has no ${wish.protocol} port`, known);
    return fail(
      `service ${service.name} has several ports: say which`,
      orList(ports.map((p) => `${fullName(service)}:${p.name === '' ? p.port : p.name}/${p.protocol}`)),
    );
  }
  const matching = ports.filter((p) => p.port === wish.port || p.name === wish.port);
  const [found, another] = matching;
  if (found !== undefined && another !== undefined)
    return fail(
      `service ${service.name} has port ${wish.port} for ${matching.map((p) => p.protocol).join(' and ')}: say which`,
      orList(matching.map((p) => `${fullName(service)}:${wish.port}/${p.protocol}`)),
    );
  if (found !== undefined) return toServicePort(service, found, family);
  const isWalked = isHeadless(service) || wish.walkClosed === true;
  if (typeof wish.port === 'number' && isWalked) return toPort(service, closed(wish.port, wish.protocol), family);
  return fail(
    `service ${service.name} has no port ${asked(wish.port, wish.protocol)}`,
    wrongPortKind(service, wish.port, wish.protocol) ?? known,
  );
}

const closed = (port: number, protocol: Exclude<Protocol, 'icmp'> | null) =>
  ({ protocol: protocol ?? 'tcp', port, servicePort: null }) as const;

/** A name that stands for it in every namespace. */
const fullName = ({ namespace, name }: Service): string => (namespace === 'default' ? `svc/${name}` : `${namespace}/svc/${name}`);

/** A targetPort is the pods' own, a nodePort the nodes': people call them on the service by mistake. */
function wrongPortKind(service: Service, port: number | string, protocol: Wish['protocol']): string | null {
  const alike = service.ports.filter((p) => protocol === null || p.protocol === protocol);
  for (const p of alike) {
    const call = `call ${fullName(service)}:${p.port}/${p.protocol}`;
    if (p.nodePort === port)
      return `${asked(port, p.protocol)} is the node port, open on the nodes' own addresses; ${call}, or NODE:${asked(port, p.protocol)}`;
    const targets = new Set([p.targetPort, ...p.endpoints.map((e) => e.port)]);
    if (targets.has(port)) return `${asked(port, p.protocol)} is a targetPort (the pods' own port); ${call}`;
  }
  return typeof port === 'string'
    ? didYouMean(
        port,
        alike.map((p) => p.name),
      )
    : null;
}

function icmpToService(service: Service, family: IpFamily): Parsed<Target> {
  const clusterIp = clusterIpIn(service, family);
  if (clusterIp === null) return fail(`service ${service.name} is headless: ping one of its pods`);
  return plain('icmp', null, clusterIp, ['kube-proxy has rules for the ports of a service only, not for ICMP']);
}

const toServicePort = (service: Service, port: ServicePort, family: IpFamily): Parsed<Target> =>
  toPort(service, { protocol: port.protocol, port: port.port, servicePort: port }, family);

type CalledPort = Pick<Target, 'protocol' | 'port' | 'servicePort'>;

/** A headless service is its endpoints' addresses: the port that the client calls is not translated, and may be any. */
function toPort(service: Service, port: CalledPort, family: IpFamily): Parsed<Target> {
  const clusterIp = clusterIpIn(service, family);
  if (clusterIp !== null) return { ok: true, value: { ...port, addresses: [clusterIp], notes: [], missing: null } };
  const notes = [`${service.name} is headless: its name stands for its pods' addresses, and the port is not translated`];
  const addresses = [...new Set(publishedEndpoints(service, family).map((e) => e.ip))];
  return { ok: true, value: { ...port, addresses, notes, missing: addresses.length === 0 ? 'endpoints' : null } };
}

/** By bare address nothing is checked: a port that the service does not have is walked, as a client's packet would be. */
export function targetAtAddress(service: Service, address: IpAddress, { port, protocol }: Wish): Parsed<Target> {
  if (port === null || typeof port === 'string') {
    const chosen = serviceTarget(service, { port, protocol }, familyOf(address));
    return chosen.ok ? { ok: true, value: { ...chosen.value, addresses: [address], missing: null } } : chosen;
  }
  const found = service.ports.find((p) => p.port === port && (protocol === null || p.protocol === protocol));
  if (found === undefined) return plain(protocol ?? 'tcp', port, address);
  return { ok: true, value: { protocol: found.protocol, port, servicePort: found, addresses: [address], notes: [], missing: null } };
}

/** From the internet a service is its load balancer, else a public external address, else its node port where a node has a public one. */
export function seenFromOutside(cluster: Cluster, service: Service, target: Target, family: IpFamily): Target {
  const { servicePort } = target;
  if (target.protocol === 'icmp') return target;
  const inQuestion = (a: IpAddress) => familyOf(a) === family;
  const balancers = service.loadBalancerIngress.map((i) => i.ip).filter(inQuestion);
  if (balancers.length > 0) return { ...target, addresses: balancers, notes: [`from outside, ${service.name} is its load balancer`] };
  if (service.type === 'LoadBalancer') return { ...target, addresses: [], missing: 'load-balancer' };
  const external = service.externalIps.filter((a) => inQuestion(a) && !isPrivate(a));
  if (external.length > 0) return { ...target, addresses: external };
  const open = publicNodeIps(cluster, family);
  const nodePort = servicePort?.nodePort ?? null;
  if (nodePort === null || open.length === 0) return target;
  return {
    ...target,
    port: nodePort,
    addresses: open,
    notes: [
      `from outside, ${service.name} is its node port ${nodePort} on ${open.length === 1 ? 'the node' : 'the nodes'} with a public address`,
    ],
  };
}

/** The addresses of nodes that the internet can call: those that the gateway translates to, then the nodes' own that are routed there. */
function publicNodeIps({ nodes, gateway }: Cluster, family: IpFamily): readonly IpAddress[] {
  const own = new Set([...nodes.values()].flatMap((n) => nodeIp(n, family) ?? []));
  return [...(gateway?.nat ?? []).filter((n) => own.has(n.private)).map((n) => n.public), ...[...own].filter((a) => !isPrivate(a))];
}
