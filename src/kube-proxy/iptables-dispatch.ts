import type { Match } from '../datapath/netfilter/match.ts';
import type { Chain, DispatchKey, Rule } from '../datapath/netfilter/ruleset.ts';
import type { SharedChains } from '../datapath/netfilter/written.ts';
import type { KubeProxy } from '../k8s/cluster.ts';
import { prefixesIn } from '../k8s/families.ts';
import { type IpAddress, type IpFamily, isLoopback, LOOPBACK } from '../net/address.ts';
import { cidr, contains, hostPrefix, overlaps } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import { type ServiceRules, serviceRules } from './iptables-service.ts';
import { staticChains } from './iptables-static.ts';
import type { ProxiedCluster, ProxiedNode } from './mode.ts';
import { nodePortAddresses } from './node-port-addresses.ts';
import { type IndexedPort, indexPorts, type PortIndex } from './port-index.ts';
import { portsOnNodes } from './ports-on-node.ts';

const LOOPBACK_NET = { IPv4: cidr('127.0.0.0/8'), IPv6: hostPrefix(LOOPBACK.IPv6) } as const;

/** The service chains of all nodes. A port's rules are made when a packet for it comes by, or when they are printed. */
export function compileServices(cluster: ProxiedCluster, family: IpFamily): (node: ProxiedNode) => SharedChains {
  const { services, kubeProxy } = cluster;
  const index = indexPorts(services, family);
  const portsOn = portsOnNodes(index, cluster, family, serviceRules);
  return (node) => {
    const { rulesOf, chain: made } = portsOn(node);
    const named = namedChains(index, rulesOf, kubeProxy, family, nodePortAddresses(kubeProxy.nodePortAddresses, node, family));
    return {
      chain(table, name) {
        if (table !== 'nat' && table !== 'filter') return undefined;
        return named[table].get(name) ?? (table === 'nat' ? made(name) : undefined);
      },
      names(table) {
        if (table !== 'nat' && table !== 'filter') return [];
        const ofServices = table === 'nat' ? index.all.flatMap((p) => rulesOf(p).chains.map((c) => c.name)) : [];
        return [...named[table].keys(), ...ofServices];
      },
    };
  };
}

type RulesOf = (port: IndexedPort) => ServiceRules;

/** The chains that every node has. */
function namedChains(index: PortIndex, rulesOf: RulesOf, kubeProxy: KubeProxy, family: IpFamily, addresses: readonly IpAddress[] | null) {
  const fixed = staticChains(inferred(kubeProxy.origin.locus), answersOnLocalhost(kubeProxy, family), kubeProxy.masqueradeBit);
  const dispatch = (name: string, pick: (r: ServiceRules) => readonly Rule[], last: readonly Rule[] = []) =>
    dispatchChain(name, index, (p) => pick(rulesOf(p)), last);
  return {
    nat: byName([
      ...fixed.nat,
      dispatch('KUBE-SERVICES', (r) => r.services, nodePortJumps(kubeProxy, family, addresses)),
      dispatch('KUBE-NODEPORTS', (r) => r.nodePorts),
    ]),
    filter: byName([
      ...fixed.filter,
      dispatch('KUBE-SERVICES', (r) => r.refused),
      dispatch('KUBE-EXTERNAL-SERVICES', (r) => r.refusedOutside),
      dispatch('KUBE-PROXY-FIREWALL', (r) => r.firewall),
      dispatch('KUBE-NODEPORTS', (r) => r.health),
    ]),
  };
}

const byName = (chains: readonly Chain[]) => new Map(chains.map((c) => [c.name, c]));

/**
 * kube-proxy turns localhost node ports off by itself when no range of nodePortAddresses has a loopback address. IPv6 has none: there is
 * no route_localnet for ::1.
 */
export function answersOnLocalhost({ localhostNodePorts, nodePortAddresses: stated }: KubeProxy, family: IpFamily): boolean {
  if (family === 'IPv6' || !localhostNodePorts || stated === 'primary') return false;
  const ranges = prefixesIn(stated ?? [], family);
  return ranges.length === 0 || ranges.some((p) => overlaps(p, LOOPBACK_NET.IPv4));
}

/** The way to NodePorts: for all of the node's own addresses, or for those in the ranges that are stated. */
function nodePortJumps(kubeProxy: KubeProxy, family: IpFamily, addresses: readonly IpAddress[] | null): readonly Rule[] {
  const { origin } = kubeProxy;
  const localhostNodePorts = answersOnLocalhost(kubeProxy, family);
  const comment = 'kubernetes service nodeports; NOTE: this must be the last rule in this chain';
  const target = { kind: 'jump', chain: 'KUBE-NODEPORTS' } as const;
  const from = inferred(origin.locus);
  const local: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  const notLoopback: readonly Match[] = localhostNodePorts ? [] : [{ kind: 'destination', prefix: LOOPBACK_NET[family], negated: true }];
  if (addresses === null) return [{ matches: [local, ...notLoopback], target, comment, origin: from }];
  const chosen = addresses.filter((a) => localhostNodePorts || !isLoopback(a));
  return chosen.map((a) => ({ matches: [{ kind: 'destination', prefix: hostPrefix(a), negated: false }], target, comment, origin: from }));
}

/** A chain with some rules a service port, found by address and port where the kernel would look at every rule in turn. */
function dispatchChain(
  name: string,
  { all, byAddress, byNodePort }: PortIndex,
  rulesOf: (p: IndexedPort) => readonly Rule[],
  last: readonly Rule[],
): Chain {
  return {
    name,
    rules: () => [...all.flatMap(rulesOf), ...last],
    candidates(key) {
      const here = byAddress.get(key.destination)?.filter((p) => p.port.port === key.destinationPort && p.port.protocol === key.protocol);
      const open = byNodePort.get(key.destinationPort);
      if (here === undefined && open === undefined) return last;
      const ports = new Set([...(here ?? []), ...(open ?? [])]);
      return [...[...ports].flatMap(rulesOf).filter((r) => isPossible(r, key)), ...last];
    },
  };
}

/** A port's rules are about several addresses; only those about the packet's own, or about any, need be looked at. */
function isPossible(rule: Rule, key: DispatchKey): boolean {
  const about = rule.matches.find((m) => m.kind === 'destination');
  return about === undefined || about.kind !== 'destination' || about.negated || contains(about.prefix, key.destination);
}
