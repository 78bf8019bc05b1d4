import type { Match } from '../datapath/netfilter/match.ts';
import { type Chain, plainChain, type Rule } from '../datapath/netfilter/ruleset.ts';
import { type MapElement, type MapVerdict, type NamedSet, namedSet } from '../datapath/netfilter/sets.ts';
import { externallyAccessible } from '../k8s/endpoints.ts';
import type { Endpoint } from '../k8s/service.ts';
import { fewest } from '../net/fewest.ts';
import { contains, hostPrefix } from '../net/prefix.ts';
import { balanced, type EndpointParts, endpointParts } from './nftables-endpoints.ts';
import { chainOf, goto, jump, onAddress, onNodePort, rule, toClusterIp, WORDS } from './nftables-port.ts';

import type { PortContext } from './port.ts';

/** A service port on a node: entries of the maps that dispatch, by the maps' names, and chains and sets of its own. */
export interface PortEntries {
  readonly 'service-ips': readonly MapElement[];
  readonly 'service-nodeports': readonly MapElement[];
  readonly 'no-endpoint-services': readonly MapElement[];
  readonly 'no-endpoint-nodeports': readonly MapElement[];
  readonly 'firewall-ips': readonly MapElement[];
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
}

/** Source: syncProxyRules, pkg/proxy/nftables/proxier.go. */
export function portEntries(c: PortContext): PortEntries {
  const { port, clusterIp, externalIps, virtualIps, hasInternal, hasExternal, name } = c;
  const has = c.usable.any;
  const outside = goto(chainOf(c, 'external'));
  const addresses = [...externalIps, ...virtualIps];
  const nodePort = port.nodePort === null ? [] : [port.nodePort];
  // Without any endpoint the client is refused; without one on this node its packet vanishes, so that a load balancer's check notices.
  const none: MapVerdict = has ? { kind: 'DROP' } : goto('reject-chain');
  const parts = new Map(c.usable.all.map((e) => [e, endpointParts(c, e)]));
  const endpoints = [...parts.values()];
  return {
    'service-ips': [
      ...(hasInternal ? [onAddress(c, clusterIp, goto(internalChain(c)))] : []),
      ...(has ? addresses.map((ip) => onAddress(c, ip, outside)) : []),
    ],
    'service-nodeports': has ? nodePort.map((n) => onNodePort(c, n, outside)) : [],
    'no-endpoint-services': [
      ...(hasInternal ? [] : [onAddress(c, clusterIp, none, name)]),
      ...(hasExternal ? [] : addresses.map((ip) => onAddress(c, ip, none, name))),
    ],
    'no-endpoint-nodeports': hasExternal ? [] : nodePort.map((n) => onNodePort(c, n, none, name)),
    'firewall-ips': isRestricted(c) ? virtualIps.map((ip) => onAddress(c, ip, goto(chainOf(c, 'firewall')))) : [],
    chains: [
      ...endpoints.map((e) => e.chain),
      ...balancingChain(c, 'service', c.usable.cluster, parts),
      ...balancingChain(c, 'local', c.usable.local, parts),
      ...(has && externallyAccessible(c.service, port, c.config.family) ? [plainChain(chainOf(c, 'external'), externalRules(c))] : []),
      ...(isRestricted(c) ? [plainChain(chainOf(c, 'firewall'), firewallRules(c))] : []),
    ],
    sets: endpoints.flatMap((e) => e.clients ?? []),
  };
}

const MARK_MASQ = jump('mark-for-masquerade');
/** The chain of packets to the ClusterIP. */
const internalChain = (c: PortContext) => chainOf(c, c.service.internalTrafficPolicy === 'Local' ? 'local' : 'service');
/** Has a load balancer's address source ranges? They are asked whether there are endpoints or not. */
const isRestricted = (c: PortContext) => c.sourceRanges.length > 0 && c.virtualIps.length > 0;

function balancingChain(
  c: PortContext,
  kind: 'service' | 'local',
  endpoints: readonly Endpoint[],
  parts: ReadonlyMap<Endpoint, EndpointParts>,
): readonly Chain[] {
  if (endpoints.length === 0) return [];
  const name = chainOf(c, kind);
  const masquerade = c.hasInternal && name === internalChain(c) ? internalMasquerade(c) : [];
  const ways = endpoints.flatMap((e) => parts.get(e) ?? []);
  return [plainChain(name, [...masquerade, ...balanced(c, ways)])];
}

/** Packets to the ClusterIP that are not from pods are masqueraded, with masqueradeAll all of them. */
function internalMasquerade(c: PortContext): readonly Rule[] {
  const { isLocal, masqueradeAll } = c.config;
  if (masqueradeAll) return [rule(c, toClusterIp(c), MARK_MASQ)];
  return isLocal === null ? [] : [rule(c, [...toClusterIp(c), isLocal(true)], MARK_MASQ)];
}

/**
 * With policy Cluster all is masqueraded, so that the answer returns by this node. With Local the client's address is kept; but pods, and this
 * node itself, are let to any endpoint: they are in the cluster already.
 */
function externalRules(c: PortContext): readonly Rule[] {
  const onwards = (kind: 'service' | 'local') => (c.hasExternal ? [rule(c, [], goto(chainOf(c, kind)))] : []);
  if (c.service.externalTrafficPolicy === 'Cluster') return [rule(c, [], MARK_MASQ), ...onwards('service')];
  const { isLocal } = c.config;
  const all = goto(chainOf(c, 'service'));
  const fromHere: Match = { kind: 'src-type', type: 'LOCAL', negated: false };
  return [
    ...(isLocal === null ? [] : [rule(c, [isLocal(false)], all, 'short-circuit pod traffic')]),
    rule(c, [fromHere], MARK_MASQ, 'masquerade local traffic'),
    rule(c, [fromHere], all, 'short-circuit local traffic'),
    ...onwards('local'),
  ];
}

function firewallRules(c: PortContext): readonly Rule[] {
  const { nodeIp, family } = c.config;
  const { source, address } = WORDS[family];
  // A cloud may send a node's own packets to the load balancer back to it with the balancer's address as source.
  const own = nodeIp !== null && c.sourceRanges.some((r) => contains(r, nodeIp)) ? c.virtualIps.map(hostPrefix) : [];
  const allowed = [...c.sourceRanges, ...own];
  const [only, second] = allowed;
  if (only !== undefined && second === undefined) return [rule(c, [{ kind: 'source', prefix: only, negated: true }], { kind: 'DROP' })];
  const elements = fewest(allowed).map((prefix) => ({ key: [prefix], comment: null }));
  const set = namedSet({ name: null, type: [address], flags: ['interval'], elements });
  return [rule(c, [{ kind: 'lookup', key: [source], set, negated: true }], { kind: 'DROP' })];
}
