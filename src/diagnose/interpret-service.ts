import type { Code } from '../hop/code.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { selectedWithout } from '../k8s/families.ts';
import { key } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { formatAddress, isLoopback } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { at, declared, type Origin } from '../source/origin.ts';
import type { Failure } from '../stage/skb.ts';
import type { FlowPath, WalkName } from '../walk/flow.ts';
import type { Walk } from '../walk/walk.ts';
import { type Called, type Context, calledService } from './context.ts';

/** The codes of a packet that just went where the routes took it, or that a rule ended. */
const ADRIFT: readonly Code[] = [
  'LEAVES_INPUT',
  'NO_ROUTE',
  'FILTER_REJECT',
  'FILTER_DROP',
  'ROUTING_LOOP',
  'NEIGHBOUR_UNREACHABLE',
  'NEXT_HOP_UNKNOWN',
  'FORWARDING_DISABLED',
  'BLACKHOLE_ROUTE',
  'UNREACHABLE_ROUTE',
  'PROHIBIT_ROUTE',
];

/** A packet that still has a service's address as its destination when it dies: why was there no rule that translated it? */
export function untranslated({ cluster }: Context, path: FlowPath, failure: Failure & { readonly walk: WalkName }): Failure | null {
  if (failure.walk !== 'forward' || !ADRIFT.includes(failure.code)) return null;
  const { packet } = path.forward;
  const called = calledService(cluster, packet);
  if (called === null || packet.protocol === 'icmp') return null;
  const { service, port } = called;
  if (port === null) return noSuchPort(service, packet.destinationPort, packet.protocol);
  const empty = withoutEndpoints(cluster, service, port) ?? kept(cluster, called, path.forward, failure);
  if (empty !== null) return empty;
  const nodes = new Set(path.forward.hops.map((h) => h.node));
  for (const name of nodes) {
    const node = cluster.nodes.get(name);
    if (node === undefined || node.kubeProxy.running) continue;
    const text = `kube-proxy does not run on ${name}, so nothing there translates ${formatAddress(packet.destination)} of service ${service.name}`;
    return { code: 'PROXY_NOT_RUNNING', text, origin: node.kubeProxy.origin };
  }
  return null;
}

/** A node port is there by a rule, and not by a process: without the rule nothing listens. */
export function nodePortUnserved(
  { cluster }: Context,
  { forward }: FlowPath,
  failure: Failure & { readonly walk: WalkName },
): Failure | null {
  if (failure.walk !== 'forward' || failure.code !== 'NOBODY_LISTENS') return null;
  const { packet, netns } = forward;
  const node = cluster.nodes.get(netns.name);
  const called = calledService(cluster, packet);
  if (node === undefined || called === null || called.entry !== 'node-port') return null;
  const { service, port } = called;
  const whose = `${packet.destinationPort} is the node port of service ${service.name}`;
  const { running, origin } = node.kubeProxy;
  if (!running) return { code: 'PROXY_NOT_RUNNING', text: `${whose}, but kube-proxy does not run on ${netns.name}`, origin };
  const text = `${whose}, but no rule of ${netns.name} is about ${formatAddress(packet.destination)}, and nothing listens there`;
  return { ...failure, text, origin: nodePortOrigin(cluster, isLoopback(packet.destination)) ?? declared(port?.locus ?? service.locus) };
}

function nodePortOrigin({ kubeProxy }: Cluster, loopback: boolean): Origin | null {
  const { origin, nodePortAddresses, localhostNodePorts } = kubeProxy;
  if (origin.locus === null) return null;
  if (loopback && !localhostNodePorts) return declared(at(origin.locus, 'localhostNodePorts'));
  return nodePortAddresses === null ? null : declared(at(origin.locus, 'nodePortAddresses'));
}

function noSuchPort(service: Service, port: number, protocol: string): Failure {
  const text = `service ${service.name} has no port ${port}/${protocol}, so no rule translates its address, and no machine has it`;
  return { code: 'NO_SUCH_PORT', text, origin: declared(service.locus) };
}

/** Dropped by kube-proxy on purpose: the client may not, or its policy wants an endpoint on this very node. */
function kept(cluster: Cluster, { service, port, entry }: Called, { packet, netns }: Walk, failure: Failure): Failure | null {
  if (failure.code !== 'FILTER_DROP' || port === null) return null;
  const { source } = packet;
  if (
    entry === 'load-balancer' &&
    service.loadBalancerSourceRanges.length > 0 &&
    !service.loadBalancerSourceRanges.some((r) => contains(r, source))
  ) {
    const ranges = service.loadBalancerSourceRanges.map(formatPrefix).join(', ');
    const text = `${formatAddress(source)} is in none of the source ranges of service ${service.name} (${ranges}), and ${netns.name} drops it`;
    return { code: 'SOURCE_RANGE_DENIED', text, origin: declared(at(service.locus, 'loadBalancerSourceRanges')) };
  }
  const field = entry === 'cluster' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  const where = [...new Set(port.endpoints.filter((e) => e.ready).map((e) => e.node ?? formatAddress(e.ip)))].join(', ');
  const text = `${field} of service ${service.name} is Local, and ${cluster.nodes.get(netns.node)?.name ?? netns.node} has no endpoint of it; ${where} ${where.includes(',') ? 'have' : 'has'}`;
  return { code: 'NO_LOCAL_ENDPOINTS', text, origin: declared(at(service.locus, field)) };
}

/** Null when it has a ready one. */
export function withoutEndpoints(cluster: Cluster, service: Service, port: ServicePort): Failure | null {
  const name = nameOf(port);
  if (port.endpoints.some((e) => e.ready || (e.serving && e.terminating))) return null;
  const notReady = port.endpoints[0];
  if (notReady !== undefined) {
    const text = `all ${port.endpoints.length} endpoints of service ${service.name} (port ${name}) are not ready`;
    return {
      code: 'NO_READY_ENDPOINTS',
      text: port.endpoints.length === 1 ? `the only endpoint of service ${service.name} (port ${name}) is not ready` : text,
      origin: declared(notReady.readyLocus),
    };
  }
  if (port.unresolved.length > 0) {
    const text = `no pod that service ${service.name} selects has a ${port.protocol} container port named ${port.targetPort}`;
    return { code: 'TARGET_PORT_UNRESOLVED', text, origin: declared(at(port.locus, 'targetPort')) };
  }
  return ofOtherFamily(cluster, service, port) ?? none(service, port);
}

/** All that it could have had is of the other IP family. */
function ofOtherFamily(cluster: Cluster, service: Service, { port, protocol, explicitEndpoints: stated }: ServicePort): Failure | null {
  const { family, other } = cluster;
  const pods = stated === null ? selectedWithout(cluster, service) : [];
  const [first] = pods;
  const none = `service ${service.name} has no ${family} endpoints`;
  if (first !== undefined) {
    const who = `${first.name}${pods.length === 1 ? '' : ` and ${pods.length - 1} more`}`;
    const text = `${none}: ${who}, which it selects, ${pods.length === 1 ? 'has' : 'have'} no ${family} address`;
    return { code: 'NO_ENDPOINTS', text, origin: declared(first.locus) };
  }
  const there = other?.services.get(key(service))?.ports.find((p) => p.port === port && p.protocol === protocol);
  if (stated === null || other === null || there === undefined || there.endpoints.length === 0) return null;
  return { code: 'NO_ENDPOINTS', text: `${none}: all that are stated are ${other.family}`, origin: declared(stated) };
}

function none(service: Service, port: ServicePort): Failure {
  const name = nameOf(port);
  if (port.explicitEndpoints !== null)
    return {
      code: 'NO_ENDPOINTS',
      text: `service ${service.name} (port ${name}) has no endpoints: they are stated, and none is there`,
      origin: declared(port.explicitEndpoints),
    };
  const why = service.selector.size === 0 ? 'it has no selector, and none are stated' : 'its selector matches no pod';
  return {
    code: 'NO_ENDPOINTS',
    text: `service ${service.name} has no endpoints: ${why}`,
    origin: declared(service.selector.size === 0 ? service.locus : at(service.locus, 'selector')),
  };
}

const nameOf = ({ name, port }: ServicePort) => (name === '' ? String(port) : name);
