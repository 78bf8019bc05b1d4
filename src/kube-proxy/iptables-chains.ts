import type { Match } from '../datapath/netfilter/match.ts';
import { type Chain, plainChain, type Rule } from '../datapath/netfilter/ruleset.ts';
import type { Endpoint } from '../k8s/service.ts';
import { contains, hostPrefix, type Prefix } from '../net/prefix.ts';
import { balanced } from './iptables-endpoints.ts';
import { chainOf, internalChain, jump, MARK_MASQ, rule, toAddress, usesFirewall } from './iptables-port.ts';
import type { PortContext } from './port.ts';

/**
 * KUBE-SVC, KUBE-SVL, KUBE-EXT and KUBE-FW of one service port, as far as it has them; `outside`: it is reached from outside the cluster.
 */
export function ownChains(c: PortContext, outside: boolean): readonly Chain[] {
  const { service, port, usable, name } = c;
  const masquerade = internalMasquerade(c);
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

/** Packets to the ClusterIP that are not from pods are masqueraded, with masqueradeAll all of them. */
function internalMasquerade(c: PortContext): readonly Rule[] {
  const { isLocal, masqueradeAll } = c.config;
  if (isLocal === null && !masqueradeAll) return [];
  const notLocal: readonly Match[] = masqueradeAll || isLocal === null ? [] : [isLocal(true)];
  return [rule(c, [...toAddress(c, c.clusterIp), ...notLocal], MARK_MASQ, `${c.name} cluster IP`)];
}

/**
 * KUBE-EXT. With policy Cluster all is masqueraded, so that the answer returns by this node. With Local the client's address is kept; but
 * pods, and this node itself, are let to any endpoint: they are in the cluster already.
 */
function externalRules(c: PortContext): readonly Rule[] {
  const about = `${c.name} external destinations`;
  const onwards = (kind: 'SVC' | 'SVL') => (c.hasExternal ? [rule(c, [], jump(chainOf(c, kind)), null)] : []);
  if (c.service.externalTrafficPolicy === 'Cluster') return [rule(c, [], MARK_MASQ, `masquerade traffic for ${about}`), ...onwards('SVC')];
  const { isLocal } = c.config;
  const fromPods: readonly Match[] = isLocal === null ? [] : [isLocal(false)];
  const fromHere: Match = { kind: 'src-type', type: 'LOCAL', negated: false };
  const all = jump(chainOf(c, 'SVC'));
  return [
    ...fromPods.map((m) => rule(c, [m], all, `pod traffic for ${about}`)),
    rule(c, [fromHere], MARK_MASQ, `masquerade LOCAL traffic for ${about}`),
    rule(c, [fromHere], all, `route LOCAL traffic for ${about}`),
    ...onwards('SVL'),
  ];
}

/** KUBE-FW: packets from a range get to KUBE-EXT; all others return untranslated, and KUBE-PROXY-FIREWALL drops them. */
function firewallRules(c: PortContext): readonly Rule[] {
  const { nodeIp } = c.config;
  const onwards = jump(chainOf(c, 'EXT'));
  const from = (prefix: Prefix) => rule(c, [{ kind: 'source', prefix, negated: false }], onwards, `${c.name} loadbalancer IP`);
  // A cloud may send a node's own packets to the load balancer back to it with the balancer's address as source.
  const own = nodeIp !== null && c.sourceRanges.some((r) => contains(r, nodeIp)) ? c.virtualIps.map(hostPrefix) : [];
  return [...[...c.sourceRanges, ...own].map(from), rule(c, [], null, `other traffic to ${c.name} will be dropped by KUBE-PROXY-FIREWALL`)];
}
