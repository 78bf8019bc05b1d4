import type { Match } from '../datapath/netfilter/match.ts';
import type { Chain, Rule } from '../datapath/netfilter/ruleset.ts';
import { externallyAccessible } from '../k8s/endpoints.ts';
import type { IpAddress } from '../net/address.ts';
import { ownChains } from './iptables-chains.ts';
import { endpointRules } from './iptables-endpoints.ts';
import { chainOf, internalChain, jump, onPort, rule, toAddress, usesFirewall } from './iptables-port.ts';
import type { PortContext } from './port.ts';

/** The rules of one service port on a node: a line in the chains that dispatch, and chains of its own. */
export interface ServiceRules {
  /** nat KUBE-SERVICES */
  readonly services: readonly Rule[];
  /** nat KUBE-NODEPORTS */
  readonly nodePorts: readonly Rule[];
  /** filter KUBE-SERVICES: ClusterIPs without endpoints. */
  readonly refused: readonly Rule[];
  /** filter KUBE-EXTERNAL-SERVICES: all other addresses without endpoints. */
  readonly refusedOutside: readonly Rule[];
  /** filter KUBE-PROXY-FIREWALL: packets from outside the source ranges. */
  readonly firewall: readonly Rule[];
  /** filter KUBE-NODEPORTS: health checks. */
  readonly health: readonly Rule[];
  readonly chains: readonly Chain[];
}

/** Source: syncProxyRules, pkg/proxy/iptables/proxier.go. */
export function serviceRules(context: PortContext): ServiceRules {
  const { service, port, clusterIp } = context;
  const outside = externallyAccessible(service, port, context.config.family);
  const has = context.usable.any;
  return {
    services: [...internalEntry(context), ...(has ? externalEntries(context) : [])],
    nodePorts: has && port.nodePort !== null ? [nodePortEntry(context, port.nodePort)] : [],
    refused: context.hasInternal ? [] : [refusal(context, toAddress(context, clusterIp))],
    refusedOutside: context.hasExternal || !outside ? [] : externalRefusals(context),
    firewall: usesFirewall(context) ? context.virtualIps.map((ip) => firewalled(context, ip)) : [],
    health: healthCheck(context),
    chains: has
      ? [
          ...ownChains(context, outside),
          ...context.usable.all.map((e) => endpointRules(context.name, port, e, service.sessionAffinityTimeoutSeconds)),
        ]
      : [],
  };
}

function internalEntry(c: PortContext): readonly Rule[] {
  return c.hasInternal ? [rule(c, toAddress(c, c.clusterIp), jump(internalChain(c)), `${c.name} cluster IP`)] : [];
}

function externalEntries(c: PortContext): readonly Rule[] {
  const byLoadBalancer = jump(chainOf(c, usesFirewall(c) ? 'FW' : 'EXT'));
  return [
    ...c.externalIps.map((ip) => rule(c, toAddress(c, ip), jump(chainOf(c, 'EXT')), `${c.name} external IP`)),
    ...c.virtualIps.map((ip) => rule(c, toAddress(c, ip), byLoadBalancer, `${c.name} loadbalancer IP`)),
  ];
}

const nodePortEntry = (c: PortContext, nodePort: number): Rule => rule(c, onPort(c, nodePort), jump(chainOf(c, 'EXT')), c.name);

const PORT_UNREACHABLE = { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' } as const;

/** Without any endpoint the client is refused; without one on this node its packet vanishes, so that a load balancer's check notices. */
function refusal(c: PortContext, matches: readonly Match[]): Rule {
  return c.usable.any
    ? rule(c, matches, { kind: 'DROP' }, `${c.name} has no local endpoints`)
    : rule(c, matches, { kind: 'REJECT', with: PORT_UNREACHABLE[c.config.family] }, `${c.name} has no endpoints`);
}

function externalRefusals(c: PortContext): readonly Rule[] {
  const { port } = c;
  const local: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  return [
    ...[...c.externalIps, ...c.virtualIps].map((ip) => refusal(c, toAddress(c, ip))),
    ...(port.nodePort === null ? [] : [refusal(c, [local, ...onPort(c, port.nodePort)])]),
  ];
}

const firewalled = (c: PortContext, ip: IpAddress): Rule =>
  rule(c, toAddress(c, ip), { kind: 'DROP' }, `${c.name} traffic not accepted by ${chainOf(c, 'FW')}`);

function healthCheck(c: PortContext): readonly Rule[] {
  const { healthCheckNodePort: number } = c.service;
  if (number === null) return [];
  const matches: readonly Match[] = [
    { kind: 'protocol', protocol: 'tcp', negated: false },
    { kind: 'dport', protocol: 'tcp', first: number, last: number, negated: false },
  ];
  return [rule(c, matches, { kind: 'ACCEPT' }, `${c.name} health check node port`)];
}
