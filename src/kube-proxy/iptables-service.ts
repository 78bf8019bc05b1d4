import { type Chain, type Match, plainChain, type Rule, type Target } from '../datapath/netfilter/ruleset.ts';
import {
  type CategorizedEndpoints,
  categorizeEndpoints,
  externalIpsIn,
  externallyAccessible,
  type NodeView,
  virtualIps,
} from '../k8s/endpoints.ts';
import { prefixesIn } from '../k8s/families.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/service.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { contains, hostPrefix, type Prefix } from '../net/prefix.ts';
import { declared, type Origin } from '../source/origin.ts';
import { balanced, endpointRules } from './iptables-endpoints.ts';
import { serviceChain, servicePortName } from './names.ts';

/** What one port of a service puts into a node's tables: a line in the chains that dispatch, and chains of its own. */
export interface ServiceRules {
  /** nat KUBE-SERVICES */
  readonly services: readonly Rule[];
  /** nat KUBE-NODEPORTS */
  readonly nodePorts: readonly Rule[];
  /** filter KUBE-SERVICES: ClusterIPs without endpoints. */
  readonly refused: readonly Rule[];
  /** filter KUBE-EXTERNAL-SERVICES: all other addresses without endpoints. */
  readonly refusedOutside: readonly Rule[];
  /** filter KUBE-PROXY-FIREWALL: what is not in the source ranges. */
  readonly firewall: readonly Rule[];
  /** filter KUBE-NODEPORTS: health checks. */
  readonly health: readonly Rule[];
  readonly chains: readonly Chain[];
}

/** What a node's kube-proxy knows beside the services. */
export interface ProxierConfig {
  readonly family: IpFamily;
  readonly here: NodeView;
  /** Null: the node has no address of the family. */
  readonly nodeIp: IpAddress | null;
  /** The range by which it tells pods from others; null: it cannot (NoOpLocalDetector). */
  readonly clusterCidr: Prefix | null;
  readonly masqueradeAll: boolean;
}

/** One service port on its way into rules. */
interface Context {
  readonly service: Service;
  readonly port: ServicePort;
  readonly name: string;
  readonly origin: Origin;
  readonly config: ProxierConfig;
  /** Of the proxier's family. */
  readonly externalIps: readonly IpAddress[];
  readonly virtualIps: readonly IpAddress[];
  readonly sourceRanges: readonly Prefix[];
  readonly usable: CategorizedEndpoints;
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
}

/** Source: syncProxyRules, pkg/proxy/iptables/proxier.go. */
export function serviceRules(service: Service, port: ServicePort, clusterIp: IpAddress, config: ProxierConfig): ServiceRules {
  const { family } = config;
  const usable = categorizeEndpoints(service, port, config.here, family);
  const has = usable.any;
  const context: Context = {
    service,
    port,
    name: servicePortName(service.namespace, service.name, port.name),
    origin: declared(service.locus),
    config,
    externalIps: externalIpsIn(service, family),
    virtualIps: virtualIps(service, family),
    sourceRanges: prefixesIn(service.loadBalancerSourceRanges, family),
    usable,
    hasInternal: has && (service.internalTrafficPolicy === 'Cluster' || usable.local.length > 0),
    hasExternal: has && (service.externalTrafficPolicy === 'Cluster' || usable.local.length > 0),
  };
  const outside = externallyAccessible(service, port, family);
  return {
    services: [...internalEntry(context, clusterIp), ...(has ? externalEntries(context) : [])],
    nodePorts: has && port.nodePort !== null ? [nodePortEntry(context, port.nodePort)] : [],
    refused: context.hasInternal ? [] : [refusal(context, toAddress(context, clusterIp))],
    refusedOutside: context.hasExternal || !outside ? [] : externalRefusals(context),
    firewall: usesFirewall(context) ? context.virtualIps.map((ip) => firewalled(context, ip)) : [],
    health: healthCheck(context),
    chains: has
      ? [
          ...ownChains(context, clusterIp, outside),
          ...usable.all.map((e) => endpointRules(context.name, port, e, service.sessionAffinityTimeoutSeconds)),
        ]
      : [],
  };
}

const rule = (c: Context, matches: readonly Match[], target: Target | null, comment: string | null): Rule => ({
  matches,
  target,
  comment,
  origin: c.origin,
});
const jump = (chain: string): Target => ({ kind: 'jump', chain });
const MARK_MASQ = jump('KUBE-MARK-MASQ');
const chainOf = ({ name, port }: Context, kind: 'SVC' | 'SVL' | 'EXT' | 'FW') => serviceChain(name, port.protocol, kind);

function onPort({ port }: Context, number: number): readonly Match[] {
  const { protocol } = port;
  return [
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: number, last: number, negated: false },
  ];
}

const toAddress = (c: Context, address: IpAddress): readonly Match[] => [
  { kind: 'destination', prefix: hostPrefix(address), negated: false },
  ...onPort(c, c.port.port),
];

function internalEntry(c: Context, clusterIp: IpAddress): readonly Rule[] {
  return c.hasInternal ? [rule(c, toAddress(c, clusterIp), jump(internalChain(c)), `${c.name} cluster IP`)] : [];
}

const internalChain = (c: Context) => chainOf(c, c.service.internalTrafficPolicy === 'Local' ? 'SVL' : 'SVC');
const usesFirewall = (c: Context) => c.usable.any && c.sourceRanges.length > 0 && c.virtualIps.length > 0;

function externalEntries(c: Context): readonly Rule[] {
  const byLoadBalancer = jump(chainOf(c, usesFirewall(c) ? 'FW' : 'EXT'));
  return [
    ...c.externalIps.map((ip) => rule(c, toAddress(c, ip), jump(chainOf(c, 'EXT')), `${c.name} external IP`)),
    ...c.virtualIps.map((ip) => rule(c, toAddress(c, ip), byLoadBalancer, `${c.name} loadbalancer IP`)),
  ];
}

const nodePortEntry = (c: Context, nodePort: number): Rule => rule(c, onPort(c, nodePort), jump(chainOf(c, 'EXT')), c.name);

const PORT_UNREACHABLE = { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' } as const;

/** Without any endpoint the client is refused; without one on this node its packet vanishes, so that a load balancer's check notices. */
function refusal(c: Context, matches: readonly Match[]): Rule {
  return c.usable.any
    ? rule(c, matches, { kind: 'DROP' }, `${c.name} has no local endpoints`)
    : rule(c, matches, { kind: 'REJECT', with: PORT_UNREACHABLE[c.config.family] }, `${c.name} has no endpoints`);
}

function externalRefusals(c: Context): readonly Rule[] {
  const { port } = c;
  const local: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  return [
    ...[...c.externalIps, ...c.virtualIps].map((ip) => refusal(c, toAddress(c, ip))),
    ...(port.nodePort === null ? [] : [refusal(c, [local, ...onPort(c, port.nodePort)])]),
  ];
}

const firewalled = (c: Context, ip: IpAddress): Rule =>
  rule(c, toAddress(c, ip), { kind: 'DROP' }, `${c.name} traffic not accepted by ${chainOf(c, 'FW')}`);

function healthCheck(c: Context): readonly Rule[] {
  const { healthCheckNodePort: number } = c.service;
  if (number === null) return [];
  const matches: readonly Match[] = [
    { kind: 'protocol', protocol: 'tcp', negated: false },
    { kind: 'dport', protocol: 'tcp', first: number, last: number, negated: false },
  ];
  return [rule(c, matches, { kind: 'ACCEPT' }, `${c.name} health check node port`)];
}

function ownChains(c: Context, clusterIp: IpAddress, outside: boolean): readonly Chain[] {
  const { service, port, usable, name } = c;
  const masquerade = internalMasquerade(c, clusterIp);
  const first = (chain: string) => (c.hasInternal && chain === internalChain(c) ? masquerade : []);
  const balance = (kind: 'SVC' | 'SVL', endpoints: readonly Endpoint[]) => {
    const chain = chainOf(c, kind);
    return endpoints.length === 0
      ? []
      : [plainChain(chain, [...first(chain), ...balanced(name, port, endpoints, service.sessionAffinityTimeoutSeconds)])];
  };
  return [
    ...balance('SVC', usable.cluster),
    ...balance('SVL', usable.local),
    ...(outside ? [plainChain(chainOf(c, 'EXT'), externalRules(c))] : []),
    ...(usesFirewall(c) ? [plainChain(chainOf(c, 'FW'), firewallRules(c))] : []),
  ];
}

/** What comes to the ClusterIP from outside the pod range is masqueraded, or with masqueradeAll whatever comes. */
function internalMasquerade(c: Context, clusterIp: IpAddress): readonly Rule[] {
  const { clusterCidr, masqueradeAll } = c.config;
  if (clusterCidr === null && !masqueradeAll) return [];
  const notLocal: readonly Match[] = masqueradeAll || clusterCidr === null ? [] : [{ kind: 'source', prefix: clusterCidr, negated: true }];
  return [rule(c, [...toAddress(c, clusterIp), ...notLocal], MARK_MASQ, `${c.name} cluster IP`)];
}

/**
 * KUBE-EXT. With policy Cluster all is masqueraded, so that the answer returns by this node. With Local the client's address is kept; but
 * pods, and this node itself, are let to any endpoint: they are in the cluster already.
 */
function externalRules(c: Context): readonly Rule[] {
  const about = `${c.name} external destinations`;
  const onwards = (kind: 'SVC' | 'SVL') => (c.hasExternal ? [rule(c, [], jump(chainOf(c, kind)), null)] : []);
  if (c.service.externalTrafficPolicy === 'Cluster') return [rule(c, [], MARK_MASQ, `masquerade traffic for ${about}`), ...onwards('SVC')];
  const { clusterCidr } = c.config;
  const fromPods: readonly Match[] = clusterCidr === null ? [] : [{ kind: 'source', prefix: clusterCidr, negated: false }];
  const fromHere: Match = { kind: 'src-type', type: 'LOCAL', negated: false };
  const all = jump(chainOf(c, 'SVC'));
  return [
    ...fromPods.map((m) => rule(c, [m], all, `pod traffic for ${about}`)),
    rule(c, [fromHere], MARK_MASQ, `masquerade LOCAL traffic for ${about}`),
    rule(c, [fromHere], all, `route LOCAL traffic for ${about}`),
    ...onwards('SVL'),
  ];
}

/** KUBE-FW: what is from a range gets to KUBE-EXT; all else returns untranslated, and KUBE-PROXY-FIREWALL drops it. */
function firewallRules(c: Context): readonly Rule[] {
  const { nodeIp } = c.config;
  const onwards = jump(chainOf(c, 'EXT'));
  const from = (prefix: Prefix) => rule(c, [{ kind: 'source', prefix, negated: false }], onwards, `${c.name} loadbalancer IP`);
  // A cloud may send a node's own packets to the load balancer back to it with the balancer's address as source.
  const own = nodeIp !== null && c.sourceRanges.some((r) => contains(r, nodeIp)) ? c.virtualIps.map(hostPrefix) : [];
  return [...[...c.sourceRanges, ...own].map(from), rule(c, [], null, `other traffic to ${c.name} will be dropped by KUBE-PROXY-FIREWALL`)];
}
