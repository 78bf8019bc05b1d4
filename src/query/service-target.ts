import type { Cluster } from '../k8s/cluster.ts';
import { publishedEndpoints } from '../k8s/dns/dns-zone.ts';
import { clusterIpIn, nodeIp } from '../k8s/families.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { familyOf, type IpAddress, type IpFamily, isPrivate } from '../net/address.ts';
import { didYouMean } from '../source/suggest.ts';
import { fail, type Parsed } from './result.ts';
import { plain, portText, type Target, type Wish } from './target.ts';

/** A service as pods and nodes call it, in a family that it has: by its ClusterIP, or headless by its endpoints. */
export function serviceTarget(service: Service, wish: Wish, family: IpFamily): Parsed<Target> {
  if (wish.protocol === 'icmp') return icmpToService(service, family);
  const ports = service.ports.filter((p) => wish.protocol === null || p.protocol === wish.protocol);
  const known = `its ports: ${service.ports.map((p) => portText(p)).join(', ')}`;
  if (wish.port === null) {
    const [only, second] = ports;
    if (only !== undefined && second === undefined) return toServicePort(service, only, family);
    if (only === undefined) return fail(`service ${service.name} has no ${wish.protocol} port`, known);
    return fail(
      `service ${service.name} has several ports: say which`,
      ports.map((p) => `${fullName(service)}:${p.name === '' ? p.port : p.name}`).join(' or '),
    );
  }
  const matching = ports.filter((p) => p.port === wish.port || p.name === wish.port);
  const [found, another] = matching;
  if (found !== undefined && another !== undefined)
    return fail(
      `service ${service.name} has port ${wish.port} for ${matching.map((p) => p.protocol).join(' and ')}: say which`,
      `${fullName(service)}:${wish.port}/${found.protocol}`,
    );
  if (found !== undefined) return toServicePort(service, found, family);
  return fail(`service ${service.name} has no port ${wish.port}`, wrongPortKind(service, wish.port) ?? known);
}

/** A name that stands for it in every namespace. */
const fullName = ({ namespace, name }: Service): string => (namespace === 'default' ? `svc/${name}` : `${namespace}/svc/${name}`);

/** A targetPort is the pods' own, a nodePort the nodes': people call them on the service by mistake. */
function wrongPortKind(service: Service, port: number | string): string | null {
  for (const p of service.ports) {
    if (p.nodePort === port)
      return `${port} is the node port, open on the nodes' own addresses; call ${fullName(service)}:${p.port}, or NODE:${port}`;
    const targets = new Set([p.targetPort, ...p.endpoints.map((e) => e.port)]);
    if (targets.has(port)) return `${port} is a targetPort (the pods' own port); call ${fullName(service)}:${p.port}`;
  }
  const names = service.ports.map((p) => p.name);
  return typeof port === 'string' ? didYouMean(port, names) : null;
}

function icmpToService(service: Service, family: IpFamily): Parsed<Target> {
  const clusterIp = clusterIpIn(service, family);
  if (clusterIp === null) return fail(`service ${service.name} is headless: ping one of its pods`);
  return plain('icmp', null, clusterIp, ['kube-proxy has rules for the ports of a service only, not for ICMP']);
}

/** A headless service is its endpoints' addresses: the port that the client calls is not translated. */
function toServicePort(service: Service, port: ServicePort, family: IpFamily): Parsed<Target> {
  const base = { protocol: port.protocol, port: port.port, servicePort: port, missing: null } as const;
  const clusterIp = clusterIpIn(service, family);
  if (clusterIp !== null) return { ok: true, value: { ...base, addresses: [clusterIp], notes: [] } };
  const notes = [`${service.name} is headless: its name stands for its pods' addresses, and the port is not translated`];
  const addresses = [...new Set(publishedEndpoints(service, family).map((e) => e.ip))];
  return { ok: true, value: { ...base, addresses, notes, missing: addresses.length === 0 ? 'endpoints' : null } };
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
  if (servicePort === null) return target;
  const inQuestion = (a: IpAddress) => familyOf(a) === family;
  const balancers = service.loadBalancerIngress.map((i) => i.ip).filter(inQuestion);
  if (balancers.length > 0) return { ...target, addresses: balancers, notes: [`from outside, ${service.name} is its load balancer`] };
  if (service.type === 'LoadBalancer') return { ...target, addresses: [], missing: 'load-balancer' };
  const external = service.externalIps.filter((a) => inQuestion(a) && !isPrivate(a));
  if (external.length > 0) return { ...target, addresses: external };
  const open = publicNodeIps(cluster, family);
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

/** The addresses of nodes that the internet can call: those that the gateway translates to, then the nodes' own that are routed there. */
function publicNodeIps({ nodes, gateway }: Cluster, family: IpFamily): readonly IpAddress[] {
  const own = new Set([...nodes.values()].flatMap((n) => nodeIp(n, family) ?? []));
  return [...(gateway?.nat ?? []).filter((n) => own.has(n.private)).map((n) => n.public), ...[...own].filter((a) => !isPrivate(a))];
}
