import { type Selector as Field, type KeyType, type NamedSet, namedSet, type SetElement } from '../datapath/netfilter/sets.ts';
import { countedEndpoints, externalIpsIn, virtualIps } from '../k8s/endpoints.ts';
import { nodeIp, prefixesIn } from '../k8s/families.ts';
import type { Service } from '../k8s/service.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { ProxiedNode } from './mode.ts';
import type { IndexedPort, PortIndex } from './port-index.ts';

/** The ipsets, by their names without `KUBE-`. */
export type IpSets = ReturnType<ReturnType<typeof setsOn>>;

/** The fields that a type of set has, for IPv4 and IPv6: hash:ip,port and its longer relatives look at the protocol too. */
export const FIELDS = {
  IPv4: { dst: 'ip daddr', src: 'ip saddr' },
  IPv6: { dst: 'ip6 daddr', src: 'ip6 saddr' },
} as const satisfies Readonly<Record<IpFamily, Readonly<Record<'dst' | 'src', Field>>>>;

type Key = SetElement['key'];

/** What all nodes have in common is made once. Source: ipsetInfo, and syncProxyRules, pkg/proxy/ipvs/proxier.go. */
export function setsOn({ all }: PortIndex, family: IpFamily) {
  const ip: KeyType = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr';
  const set = (name: string, keys: readonly Key[], type: readonly KeyType[] = [ip, 'inet_proto', 'inet_service']): NamedSet => {
    const isOfIpv6 = family === 'IPv6';
    return namedSet({ name: `KUBE-${isOfIpv6 ? '6-' : ''}${name}`, type, elements: keys.map((key) => ({ key, comment: null })) });
  };
  const on = (p: IndexedPort, addresses: readonly IpAddress[]): readonly Key[] => addresses.map((a) => [a, p.port.protocol, p.port.port]);
  const isLocal = ({ externalTrafficPolicy }: Service) => externalTrafficPolicy === 'Local';
  const external = (ports: readonly IndexedPort[]) => ports.flatMap((p) => on(p, externalIpsIn(p.service, family)));
  const balanced = (ports: readonly IndexedPort[]) => ports.flatMap((p) => on(p, virtualIps(p.service, family)));
  const nodePorts = (protocol: 'tcp' | 'udp' | 'sctp', ports: readonly IndexedPort[]): readonly number[] =>
    ports.flatMap(({ port }) => (port.nodePort === null || port.protocol !== protocol ? [] : [port.nodePort]));
  const [local, others] = [all.filter((p) => isLocal(p.service)), all.filter((p) => !isLocal(p.service))];
  const restricted = all.filter((p) => prefixesIn(p.service.loadBalancerSourceRanges, family).length > 0);
  const numbers = (list: readonly number[]): readonly Key[] => list.map((n) => [n]);
  const health = all.flatMap(({ service: { healthCheckNodePort: n } }) => (n === null ? [] : [n]));
  const common = {
    clusterIp: set(
      'CLUSTER-IP',
      all.flatMap((p) => on(p, [p.clusterIp])),
    ),
    externalIp: set('EXTERNAL-IP', external(others)),
    externalIpLocal: set('EXTERNAL-IP-LOCAL', external(local)),
    loadBalancer: set('LOAD-BALANCER', balanced(all)),
    loadBalancerLocal: set('LOAD-BALANCER-LOCAL', balanced(local)),
    firewall: set('LOAD-BALANCER-FW', balanced(restricted)),
    sourceCidr: set(
      'LOAD-BALANCER-SOURCE-CIDR',
      restricted.flatMap((p) =>
        prefixesIn(p.service.loadBalancerSourceRanges, family).flatMap((r) => balanced([p]).map((key) => [...key, r])),
      ),
      [ip, 'inet_proto', 'inet_service', ip],
    ),
    tcp: set('NODE-PORT-TCP', numbers(nodePorts('tcp', all)), ['inet_service']),
    tcpLocal: set('NODE-PORT-LOCAL-TCP', numbers(nodePorts('tcp', local)), ['inet_service']),
    udp: set('NODE-PORT-UDP', numbers(nodePorts('udp', all)), ['inet_service']),
    udpLocal: set('NODE-PORT-LOCAL-UDP', numbers(nodePorts('udp', local)), ['inet_service']),
    health: set('HEALTH-CHECK-NODE-PORT', numbers(health), ['inet_service']),
  };
  return (node: ProxiedNode, bound: readonly IpAddress[], ofNode: readonly IpAddress[]) => {
    const own = nodeIp(node, family);
    const sctp = (ports: readonly IndexedPort[]) => nodePorts('sctp', ports).flatMap((n) => ofNode.map((a): Key => [a, 'sctp', n]));
    const admitsNode = ({ service }: IndexedPort) =>
      own !== null && prefixesIn(service.loadBalancerSourceRanges, family).some((r) => contains(r, own));
    const here = all.flatMap(({ port }) =>
      countedEndpoints(port, family).flatMap((e): Key[] => (e.node === node.name ? [[e.ip, port.protocol, e.port, e.ip]] : [])),
    );
    return {
      ...common,
      sctp: set('NODE-PORT-SCTP-HASH', sctp(all)),
      sctpLocal: set('NODE-PORT-LOCAL-SCTP-HASH', sctp(local)),
      loopBack: set('LOOP-BACK', here, [ip, 'inet_proto', 'inet_service', ip]),
      sourceIp: set(
        'LOAD-BALANCER-SOURCE-IP',
        balanced(restricted.filter(admitsNode)).map((key) => [...key, key[0] as IpAddress]),
        [ip, 'inet_proto', 'inet_service', ip],
      ),
      /** Load balancers' addresses and ports that the node itself may not call. */
      closedToNode: restricted
        .filter((p) => !admitsNode(p))
        .flatMap(({ service, port: { protocol, port } }) => virtualIps(service, family).map((address) => ({ address, protocol, port }))),
      ipvsIps: set(
        'IPVS-IPS',
        bound.map((a): Key => [a]),
        [ip],
      ),
    };
  };
}
