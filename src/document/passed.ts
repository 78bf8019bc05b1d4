import type { Cluster } from '../k8s/cluster.ts';
import { nodeIps } from '../k8s/families.ts';
import { formatAddress, type IpAddress, parseAddress } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import { type Diagnostic, subjectOf } from '../source/diagnostic.ts';
import type { HopDocument, PathDocument, TraceDocument } from './trace-schema.ts';

/**
 * Of the warnings about the files, those about what a trace passes: the machines and the objects of its hops, and those whose addresses are
 * in its packets. The others say nothing of this answer.
 */
export function warningsOnTheWay(trace: TraceDocument, cluster: Cluster, warnings: readonly Diagnostic[]): readonly Diagnostic[] {
  if (warnings.length === 0) return [];
  const passed = passedBy(trace);
  return warnings.filter((warning) => isPassed(warning, passed, cluster));
}

interface Passed {
  /** `Node/node-1`, `Pod/default/pod-a`, `Firewall/internet`. */
  readonly objects: ReadonlySet<string>;
  /** `file:line:column` of what decided something. */
  readonly places: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  /** Of the packets that go to each address: with a node's, node ports. */
  readonly ports: ReadonlySet<string>;
  readonly asksDns: boolean;
  readonly asksHttp: boolean;
  /** A controller has looked at all rules, and found none. */
  readonly seeksRule: boolean;
}

function passedBy(trace: TraceDocument): Passed {
  const families = trace.families ?? [trace];
  const paths = families.flatMap((f) => f.paths);
  const hops = paths.flatMap(hopsOf);
  const { source, destination, assumptions } = trace;
  const reasons = families.flatMap((f) => [...(f.reason === null ? [] : [f.reason]), ...f.alsoBlockedBy]);
  const cited = [...hops, ...reasons, ...assumptions].flatMap((x) => x.source ?? []);
  const packets = hops.flatMap(({ packet }) => [packet, ...(packet.outer === null ? [] : [packet.outer])]);
  return {
    objects: new Set([
      ...[source, destination].flatMap(({ kind, namespace, name }) => [[kind, namespace, name].filter((n) => n !== null).join('/')]),
      ...hops.flatMap(machinesOf),
      ...cited.flatMap(({ object }) => (object === WHOLE ? [] : [object, object.replace(/^(Firewall\/\w+)\/\d+$/, '$1')])),
    ]),
    places: new Set(cited.map(({ file, line, column }) => `${file}:${line}:${column}`)),
    addresses: new Set([
      ...[source.ip, destination.ip].flatMap((ip) => ip ?? []),
      ...packets.flatMap((packet) => [packet.source, packet.destination]),
      ...hops.flatMap((hop) => (hop.kind === 'neighbour' ? [hop.address] : [])),
    ]),
    ports: new Set(hops.map(({ packet }) => `${packet.destination} ${packet.destinationPort}`)),
    asksDns: paths.some(({ dns }) => dns !== null) || hops.some(({ kind }) => kind === 'dns'),
    asksHttp: destination.kind === 'URL',
    seeksRule: reasons.some(({ code }) => UNRULED.some((c) => c === code)),
  };
}

/** What belongs to no object belongs to this one. */
const WHOLE = 'Topology';

/** The request met no rule that holds. */
const UNRULED = ['NO_INGRESS_RULE', 'NO_INGRESS_CLASS', 'ROUTE_NOT_ACCEPTED'] as const;

const hopsOf = ({ dns, forward, reply, ack, data }: PathDocument): readonly HopDocument[] =>
  [dns?.forward, dns?.reply, forward, reply, ack, data].flatMap((walk) => walk?.hops ?? []);

const machinesOf = ({ kind, node, netns }: HopDocument): readonly string[] => [
  `Node/${node}`,
  `Router/${node}`,
  `Pod/${netns}`,
  ...(kind === 'underlay' ? ['Firewall/underlay'] : []),
];

function isPassed(warning: Diagnostic, passed: Passed, cluster: Cluster): boolean {
  const { objects, places, asksHttp, seeksRule } = passed;
  const subject = subjectOf(warning) ?? '';
  if (objects.has(subject) || places.has(`${warning.file}:${warning.place?.line}:${warning.place?.column}`)) return true;
  const [kind = '', ...name] = subject.split('/');
  switch (kind) {
    case 'Service':
      return isCalled(name.join('/'), passed, cluster);
    case 'Pod':
      return isAddressed(name.join('/'), passed, cluster);
    case 'Node':
      return hosts(name.join('/'), passed, cluster);
    case 'Ingress':
    case 'HTTPRoute':
      return seeksRule;
    case 'IngressClass':
    case 'GatewayClass':
    case 'Gateway':
      return asksHttp;
    case WHOLE:
      return concernsAll(warning, passed, cluster);
    default:
      return false;
  }
}

const hasAny = (own: readonly IpAddress[], { addresses }: Passed): boolean => own.some((ip) => addresses.has(formatAddress(ip)));

const isAddressed = (pod: string, passed: Passed, { pods }: Cluster): boolean =>
  hasAny(pods.get(pod)?.ips.map((ip) => ip.address) ?? [], passed);

/** The node itself, or a pod on it, whether the packets get there or not. */
function hosts(name: string, passed: Passed, { nodes, podsByNode }: Cluster): boolean {
  const node = nodes.get(name);
  if (node === undefined) return false;
  const ofPods = (podsByNode.get(name) ?? []).flatMap((pod) => pod.ips.map((ip) => ip.address));
  return hasAny([...nodeIps(node), ...ofPods], passed);
}

/** By one of its addresses, or by a node port. */
function isCalled(name: string, passed: Passed, { services, nodes }: Cluster): boolean {
  const service = services.get(name);
  if (service === undefined) return false;
  const own = [...service.clusterIps, ...service.externalIps, ...service.loadBalancerIngress.map((i) => i.ip)];
  if (hasAny(own, passed)) return true;
  const ofNodes = [...nodes.values()].flatMap((node) => nodeIps(node).map(formatAddress));
  return service.ports.some(({ nodePort }) => nodePort !== null && ofNodes.some((ip) => passed.ports.has(`${ip} ${nodePort}`)));
}

/** What is wrong with the cluster as a whole concerns those who use it. */
function concernsAll({ place }: Diagnostic, { addresses, asksDns }: Passed, { podCidrs, serviceCidrs }: Cluster): boolean {
  const field = place?.field ?? '';
  if (field.startsWith('cluster.clusterDNS')) return asksDns;
  const ranges = field.startsWith('cluster.serviceCIDR') ? serviceCidrs : field.startsWith('cluster.podCIDR') ? podCidrs : null;
  if (ranges === null) return true;
  return [...addresses].some((text) => {
    const address = parseAddress(text);
    return address !== null && ranges.some((range) => contains(range, address));
  });
}
