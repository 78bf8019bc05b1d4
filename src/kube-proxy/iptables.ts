import {
  type Chain,
  type ConnectionState,
  type DispatchKey,
  type Match,
  plainChain,
  type Rule,
  type TableName,
  type Target,
} from '../datapath/netfilter.ts';
import type { SharedChains } from '../datapath/ruleset-builder.ts';
import type { Cluster, Service, ServicePort } from '../k8s/cluster.ts';
import type { IpAddress } from '../net/address.ts';
import { cidr } from '../net/prefix.ts';
import { inferred, type Origin } from '../origin.ts';
import { type ServiceRules, serviceRules } from './iptables-service.ts';
import type { NodeProgram, ProxyMode } from './mode.ts';

const LOOPBACK = cidr('127.0.0.0/8');
/** `1 << masqueradeBit`, bit 14 by default. */
const MASQUERADE_MARK = 0x4000;

/** kube-proxy in iptables mode. Source: pkg/proxy/iptables/proxier.go. */
export const iptablesMode: ProxyMode = {
  name: 'iptables',
  compile(cluster) {
    const chains = serviceChains(cluster);
    const { origin } = cluster.kubeProxy;
    const jumps = jumpRules(inferred(origin.locus));
    return {
      chains,
      program(rules, sysctls) {
        for (const { table, hook, rule } of jumps) rules.append(table, hook, rule);
        rules.share(chains);
        // localhost NodePorts are on by default, and they need it.
        sysctls.set('net.ipv4.conf.all.route_localnet', { value: 1, origin: inferred(origin.locus) });
      },
    } satisfies NodeProgram;
  },
};

const NEW: Match = { kind: 'ctstate', states: ['NEW'], negated: false };

/** The jumps from the base chains. kube-proxy prepends them one by one, so the last one of its list comes first. */
function jumpRules(origin: Origin): readonly { table: TableName; hook: string; rule: Rule }[] {
  const jump = (table: TableName, hook: string, chain: string, comment: string | null, matches: readonly Match[] = []) => ({
    table,
    hook,
    rule: { matches, target: { kind: 'jump', chain }, comment, origin } as const,
  });
  const firewall = (hook: string) => jump('filter', hook, 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', [NEW]);
  const services = (hook: string) => jump('filter', hook, 'KUBE-SERVICES', 'kubernetes service portals', [NEW]);
  const external = (hook: string) => jump('filter', hook, 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', [NEW]);
  return [
    firewall('INPUT'),
    jump('filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports'),
    external('INPUT'),
    jump('filter', 'INPUT', 'KUBE-FIREWALL', null),
    firewall('FORWARD'),
    jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    services('FORWARD'),
    external('FORWARD'),
    firewall('OUTPUT'),
    services('OUTPUT'),
    jump('filter', 'OUTPUT', 'KUBE-FIREWALL', null),
    jump('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
    jump('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
    jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
  ];
}

/** The chains that do not depend on any service. */
function staticChains(origin: Origin): Readonly<Record<'nat' | 'filter', readonly Chain[]>> {
  const rule = (matches: readonly Match[], target: Target, comment: string | null = null): Rule => ({ matches, target, comment, origin });
  const states = (negated: boolean, ...list: ConnectionState[]): Match => ({ kind: 'ctstate', states: list, negated });
  const marked = (negated: boolean): Match => ({ kind: 'mark', value: MASQUERADE_MARK, mask: MASQUERADE_MARK, negated });
  return {
    nat: [
      plainChain('KUBE-POSTROUTING', [
        rule([marked(true)], { kind: 'RETURN' }),
        rule([], { kind: 'MARK', value: MASQUERADE_MARK, mask: 0 }),
        rule([], { kind: 'MASQUERADE', randomFully: true }, 'kubernetes service traffic requiring SNAT'),
      ]),
      plainChain('KUBE-MARK-MASQ', [rule([], { kind: 'MARK', value: MASQUERADE_MARK, mask: MASQUERADE_MARK })]),
      plainChain('KUBE-NODEPORTS', []),
    ],
    filter: [
      plainChain('KUBE-FORWARD', [
        rule([states(false, 'INVALID')], { kind: 'DROP' }),
        rule([marked(false)], { kind: 'ACCEPT' }, 'kubernetes forwarding rules'),
        rule([states(false, 'RELATED', 'ESTABLISHED')], { kind: 'ACCEPT' }, 'kubernetes forwarding conntrack rule'),
      ]),
      plainChain('KUBE-FIREWALL', [
        rule(
          [
            { kind: 'source', prefix: LOOPBACK, negated: true },
            { kind: 'destination', prefix: LOOPBACK, negated: false },
            states(true, 'RELATED', 'ESTABLISHED', 'DNAT'),
          ],
          { kind: 'DROP' },
          'block incoming localnet connections',
        ),
      ]),
      plainChain('KUBE-NODEPORTS', []),
      plainChain('KUBE-EXTERNAL-SERVICES', []),
      plainChain('KUBE-PROXY-FIREWALL', []),
    ],
  };
}

interface IndexedPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly clusterIp: IpAddress;
}

/** All service chains, shared by all nodes. A service's own rules are made when a packet for it, or somebody who prints them, asks. */
function serviceChains(cluster: Pick<Cluster, 'services' | 'podCidr' | 'kubeProxy'>): SharedChains {
  const origin = inferred(cluster.kubeProxy.origin.locus);
  const fixed = staticChains(origin);
  const named = { nat: byName(fixed.nat), filter: byName(fixed.filter) };
  const ports = indexedPorts(cluster.services);
  const made = new Map<ServicePort, ServiceRules>();
  const rulesOf = ({ service, port, clusterIp }: IndexedPort): ServiceRules => {
    const known = made.get(port);
    if (known !== undefined) return known;
    const rules = serviceRules(service, port, clusterIp, cluster.podCidr);
    made.set(port, rules);
    for (const chain of rules.chains) named.nat.set(chain.name, chain);
    return rules;
  };
  const nodePorts: Rule = {
    matches: [{ kind: 'dst-type', type: 'LOCAL', negated: false }],
    target: { kind: 'jump', chain: 'KUBE-NODEPORTS' },
    comment: 'kubernetes service nodeports; NOTE: this must be the last rule in this chain',
    origin,
  };
  named.nat.set(
    'KUBE-SERVICES',
    dispatch(ports, (p) => rulesOf(p).nat, [nodePorts]),
  );
  named.filter.set(
    'KUBE-SERVICES',
    dispatch(ports, (p) => rulesOf(p).filter, []),
  );
  return {
    chain: (table, name) => (table === 'nat' || table === 'filter' ? named[table].get(name) : undefined),
    names(table) {
      if (table !== 'nat' && table !== 'filter') return [];
      for (const port of ports) rulesOf(port);
      return [...named[table].keys()];
    },
  };
}

const byName = (chains: readonly Chain[]) => new Map(chains.map((c) => [c.name, c]));

function indexedPorts(services: Cluster['services']): readonly IndexedPort[] {
  return [...services.values()].flatMap((service) => {
    const { clusterIp } = service;
    return clusterIp === null ? [] : service.ports.map((port) => ({ service, port, clusterIp }));
  });
}

/** A chain with one rule a service port, found by address and port where the kernel would look at every rule in turn. */
function dispatch(ports: readonly IndexedPort[], ruleOf: (port: IndexedPort) => Rule | null, last: readonly Rule[]): Chain {
  const byAddress = new Map<IpAddress, IndexedPort[]>();
  for (const port of ports) {
    const others = byAddress.get(port.clusterIp);
    if (others === undefined) byAddress.set(port.clusterIp, [port]);
    else others.push(port);
  }
  const present = (some: readonly IndexedPort[]) => some.flatMap((p) => ruleOf(p) ?? []);
  return {
    name: 'KUBE-SERVICES',
    rules: () => [...present(ports), ...last],
    candidates: (key: DispatchKey) => {
      const here = byAddress.get(key.destination);
      if (here === undefined) return last;
      return [...present(here.filter((p) => p.port.port === key.destinationPort && p.port.protocol === key.protocol)), ...last];
    },
  };
}
