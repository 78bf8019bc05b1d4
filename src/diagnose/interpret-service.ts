import type { Code } from '../hop/code.ts';
import type { Failure } from '../hop/failure.ts';
import { nodeAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { countedEndpoints } from '../k8s/endpoints.ts';
import { endpointsIn, nodeIp, podIp, prefixesIn, selectedWithout } from '../k8s/families.ts';
import { areRulesFound } from '../k8s/found-on.ts';
import { idleFor } from '../k8s/idle.ts';
import { selects } from '../k8s/label-index.ts';
import type { Node } from '../k8s/node.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, isLoopback } from '../net/address.ts';
import { type Protocol, packetFamily } from '../net/packet.ts';
import { contains } from '../net/prefix.ts';
import { at, declared, isStated, type Origin } from '../source/origin.ts';
import { SOCKET_CALL } from '../stage/send.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import { endedBeforeNat } from './before-nat.ts';
import { type Called, type Context, calledService } from './context.ts';
import type { Ended } from './scene.ts';
import { stoppedByProxy } from './stopped-by-proxy.ts';

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
export function untranslated(context: Context, path: FlowPath, failure: Ended): Failure | null {
  if (failure.walk !== 'forward' || !ADRIFT.includes(failure.code)) return null;
  const { cluster } = context;
  const { packet } = path.forward;
  const isBefore = endedBeforeNat(context, failure, packetFamily(packet));
  if (isBefore && stoppedByProxy(failure) === null) return null;
  const closed = closedToNode(cluster, path.forward, failure);
  if (closed !== null) return closed;
  const called = calledService(cluster, packet);
  if (called === null || packet.protocol === 'icmp') return null;
  const { service, port } = called;
  if (port === null) return noSuchPort(service, packet.destinationPort, packet.protocol, stoppedByProxy(failure));
  const nodes = [...new Set(path.forward.hops.map((h) => h.node))].flatMap((name) => cluster.nodes.get(name) ?? []);
  const isOfCall = failure.code === 'FILTER_DROP' && failure.facts.base === SOCKET_CALL;
  const off = isOfCall ? null : modeNone(cluster, nodes, service);
  if (off !== null) return off;
  const stopped =
    fromElsewhere(called, path.forward, failure) ??
    withoutEndpoints(cluster, service, port, packetFamily(packet)) ??
    kept(called, path.forward, failure);
  if (stopped !== null) return stopped;
  const translating = translatedOn(cluster, called, packet.destination, nodes);
  for (const node of translating) {
    if (node.kubeProxy.running) continue;
    const facts = { why: 'untranslated', node: node.name, address: packet.destination, service: service.name } as const;
    return { code: 'PROXY_NOT_RUNNING', facts, origin: node.kubeProxy.origin };
  }
  // Without a way the call fails before any rule is asked.
  const isAsked = path.forward.hops.some((h) => h.kind === 'interface');
  return isAsked && !isBefore && !mayBeLocal(service) ? notWritten(translating[0], packet.destination, service) : null;
}

/** The nodes on the way that translate the entry; a node port is translated by the node with the address. */
function translatedOn(cluster: Cluster, { entry }: Called, address: IpAddress, passed: readonly Node[]): readonly Node[] {
  return entry === 'node-port' ? passed.filter((node) => node === nodeAt(cluster, address)) : passed;
}

/** Kube-proxy's own rules translate nothing where no endpoint is near: another table has them, and may not be asked any more. */
const mayBeLocal = ({ internalTrafficPolicy, externalTrafficPolicy }: Service): boolean =>
  internalTrafficPolicy === 'Local' || externalTrafficPolicy === 'Local';

/** The first node on the way translates; what was found there does not. */
function notWritten(node: Node | undefined, address: IpAddress, { name: service }: Service): Failure<'PROXY_NOT_RUNNING'> | null {
  if (node?.found == null || !areRulesFound(node, familyOf(address))) return null;
  // Where its own are missing only iptables' have a place of their own.
  const nat = node.kubeProxy.mode === 'nftables' ? undefined : node.found.iptables[familyOf(address)].get('nat');
  const facts = { why: 'not-written', node: node.name, address, service } as const;
  return { code: 'PROXY_NOT_RUNNING', facts, origin: nat?.origin ?? node.kubeProxy.origin };
}

/** Null: kube-proxy has a mode that programs services on these nodes. */
function modeNone(cluster: Cluster, nodes: readonly Node[], { name: service }: Service): Failure<'PROXY_NOT_RUNNING'> | null {
  const isOff = ({ kubeProxy }: Node) => kubeProxy.mode === 'none';
  if ([...cluster.nodes.values()].every(isOff))
    return { code: 'PROXY_NOT_RUNNING', facts: { why: 'none', node: null, service }, origin: cluster.kubeProxy.origin };
  const off = nodes.find(isOff);
  if (off === undefined) return null;
  const own = at(off.locus, 'kubeProxy', 'mode');
  const origin = isStated(off.locus, 'kubeProxy') ? declared(own) : cluster.kubeProxy.origin;
  return { code: 'PROXY_NOT_RUNNING', facts: { why: 'none', node: off.name, service }, origin };
}

/** A node port is there by a rule, and not by a process: without the rule nothing listens. */
export function nodePortUnserved({ cluster }: Context, { forward }: FlowPath, failure: Ended): Failure | null {
  if (failure.walk !== 'forward' || failure.code !== 'NOBODY_LISTENS') return null;
  const { packet, netns } = forward;
  const node = cluster.nodes.get(netns.name);
  const called = calledService(cluster, packet);
  if (node === undefined || called === null || called.entry !== 'node-port') return null;
  const { service, port } = called;
  const { destination: address, destinationPort } = packet;
  const facts = { why: 'node-port', port: destinationPort, service: service.name } as const;
  const off = modeNone(cluster, [node], service);
  if (off !== null) return off;
  const { running, origin } = node.kubeProxy;
  if (!running) return { code: 'PROXY_NOT_RUNNING', facts: { ...facts, node: netns.name }, origin };
  const why = nodePortOrigin(cluster, node, address) ?? declared(port?.locus ?? service.locus);
  return { code: 'NOBODY_LISTENS', facts: { ...facts, netns: netns.name, address }, origin: why };
}

/** The statement by which node ports do not answer on an address of the node; null: there is none. */
function nodePortOrigin({ kubeProxy }: Cluster, node: Node, address: IpAddress): Origin | null {
  const { origin, nodePortAddresses, localhostNodePorts } = kubeProxy;
  if (origin.locus === null) return null;
  const { mode } = node.kubeProxy;
  if (isLoopback(address) && mode === 'nftables') return declared(at(origin.locus, 'mode'));
  if (isLoopback(address) && !localhostNodePorts) return declared(at(origin.locus, 'localhostNodePorts'));
  const chosen = nodePortAddresses ?? (mode === 'nftables' ? 'primary' : []);
  return chosen === 'primary' || prefixesIn(chosen, familyOf(address)).length > 0 ? declared(at(origin.locus, 'nodePortAddresses')) : null;
}

function noSuchPort({ name, locus }: Service, port: number, protocol: Protocol, refusedBy: string | null): Failure {
  return { code: 'NO_SUCH_PORT', facts: { why: 'service', service: name, port, protocol, refusedBy }, origin: declared(locus) };
}

/** Dropped by kube-proxy on purpose: the client may not, whether there is an endpoint or not. */
function fromElsewhere({ service, entry }: Called, { packet: { source }, netns }: Walk, failure: Failure): Failure | null {
  if (failure.code !== 'FILTER_DROP' || stoppedByProxy(failure) === null || entry !== 'load-balancer') return null;
  const ranges = prefixesIn(service.loadBalancerSourceRanges, familyOf(source));
  if (ranges.length === 0 || ranges.some((r) => contains(r, source))) return null;
  const facts = { source, service: service.name, ranges, netns: netns.name };
  return { code: 'SOURCE_RANGE_DENIED', facts, origin: declared(at(service.locus, 'loadBalancerSourceRanges')) };
}

/**
 * In mode ipvs a node that is in none of the ranges may not call either. Its packet has a destination by then, and the load balancer's
 * address for a source: what it called, and who called, is read where it began.
 */
function closedToNode(cluster: Cluster, { hops, netns }: Walk, failure: Failure): Failure | null {
  const [first] = hops;
  const node = cluster.nodes.get(netns.name);
  if (failure.code !== 'FILTER_DROP' || failure.facts.chain !== NODE_FILTER || first === undefined || node === undefined) return null;
  const called = calledService(cluster, first.packet);
  const source = nodeIp(node, familyOf(first.packet.destination));
  if (called === null || source === null) return null;
  const { service } = called;
  const ranges = prefixesIn(service.loadBalancerSourceRanges, familyOf(source));
  const facts = { source, service: service.name, ranges, netns: netns.name };
  return { code: 'SOURCE_RANGE_DENIED', facts, origin: declared(at(service.locus, 'loadBalancerSourceRanges')) };
}

/** Source: kubeIPVSOutFilterChain, pkg/proxy/ipvs/proxier.go. */
const NODE_FILTER = 'KUBE-IPVS-OUT-FILTER';

/** Dropped by kube-proxy on purpose: the service's policy wants an endpoint on this very node. */
function kept({ service, port, entry }: Called, { packet: { source }, netns }: Walk, failure: Failure): Failure | null {
  if (failure.code !== 'FILTER_DROP' || stoppedByProxy(failure) === null || port === null) return null;
  const policy = entry === 'cluster' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  if (service[policy] !== 'Local') return null;
  const ready = endpointsIn(port, familyOf(source)).filter((e) => e.ready);
  if (ready.some((e) => e.node === netns.node)) return null;
  const elsewhere = [...new Set(ready.map((e) => e.node ?? formatAddress(e.ip)))];
  const facts = { policy, service: service.name, node: netns.node, elsewhere } as const;
  return { code: 'NO_LOCAL_ENDPOINTS', facts, origin: declared(at(service.locus, policy)) };
}

/** Null when it has a ready one of the family. */
export function withoutEndpoints(cluster: Cluster, service: Service, port: ServicePort, family: IpFamily): Failure | null {
  const endpoints = countedEndpoints(port, family);
  if (endpoints.some((e) => e.ready || (e.serving && e.terminating))) return null;
  const [first] = endpoints;
  if (first === undefined && port.endpointsUnknown !== null) return unknownEndpoints(service, port.endpointsUnknown);
  if (first !== undefined) {
    const facts = { why: 'not-ready', service: service.name, port: nameOf(port), count: endpoints.length } as const;
    return { code: 'NO_READY_ENDPOINTS', facts, origin: declared(first.readyLocus) };
  }
  if (port.unresolved.some((p) => podIp(p, family) !== null)) {
    const { protocol, targetPort, locus } = port;
    const facts = { service: service.name, protocol, targetPort };
    return { code: 'TARGET_PORT_UNRESOLVED', facts, origin: declared(at(locus, 'targetPort')) };
  }
  return ofOtherFamily(cluster, service, port, family) ?? none(cluster, service, port);
}

export const unknownEndpoints = ({ name, namespace, selector, locus }: Service, command: string): Failure<'FACT_MISSING'> => ({
  code: 'FACT_MISSING',
  facts: { why: 'endpoints', service: name, withoutPods: selector.size > 0 ? namespace : null, command },
  origin: declared(locus),
});

/** All that it could have had is of the other IP family. */
function ofOtherFamily(cluster: Cluster, service: Service, port: ServicePort, family: IpFamily): Failure<'NO_ENDPOINTS'> | null {
  const other = cluster.families.find((f) => f !== family);
  if (other === undefined) return null;
  const { explicitEndpoints } = port;
  const pods = explicitEndpoints === null ? selectedWithout(cluster, service, family) : [];
  const [first] = pods;
  if (first !== undefined) {
    const facts = { why: 'pods-of-other-family', service: service.name, family, pod: first.name, others: pods.length - 1 } as const;
    return { code: 'NO_ENDPOINTS', facts, origin: declared(first.locus) };
  }
  if (explicitEndpoints === null || endpointsIn(port, other).length === 0) return null;
  const facts = { why: 'stated-of-other-family', service: service.name, family, other } as const;
  return { code: 'NO_ENDPOINTS', facts, origin: declared(explicitEndpoints) };
}

function none(cluster: Cluster, service: Service, port: ServicePort): Failure<'NO_ENDPOINTS'> {
  const { namespace, name, selector, locus } = service;
  const { explicitEndpoints, statedWithoutName } = port;
  if (statedWithoutName !== undefined) {
    const facts = { why: 'stated-without-name', service: name, port: nameOf(port) } as const;
    return { code: 'NO_ENDPOINTS', facts, origin: declared(statedWithoutName) };
  }
  const down = idleFor(cluster, service);
  if (down !== null) {
    const facts = { why: 'scaled-down', service: name, workload: `${down.kind} ${down.name}` } as const;
    return { code: 'NO_ENDPOINTS', facts, origin: declared(down.locus) };
  }
  if (explicitEndpoints !== null) {
    const facts = { why: 'none-stated', service: name, port: nameOf(port) } as const;
    return { code: 'NO_ENDPOINTS', facts, origin: declared(explicitEndpoints) };
  }
  if (selector.size === 0) return { code: 'NO_ENDPOINTS', facts: { why: 'no-selector', service: name }, origin: declared(locus) };
  const [absent, ...others] = [...cluster.pods.values()].filter((p) => p.namespace === namespace && selects(selector, p.labels));
  if (absent !== undefined) {
    const facts = { why: 'not-running', service: name, pod: absent.name, phase: absent.phase, others: others.length } as const;
    return { code: 'NO_ENDPOINTS', facts, origin: declared(absent.locus) };
  }
  return { code: 'NO_ENDPOINTS', facts: { why: 'selects-nothing', service: name }, origin: declared(at(locus, 'selector')) };
}

const nameOf = ({ name, port }: ServicePort) => (name === '' ? String(port) : name);
