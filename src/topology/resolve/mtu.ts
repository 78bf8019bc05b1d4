import { familyOf, type IpFamily } from '../../net/address.ts';
import type { PodInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** IPV6_MIN_MTU: on a device that takes less the kernel turns IPv6 off. Source: RFC 8200, 5; addrconf_notify, net/ipv6/addrconf.c. */
const LEAST = 1280;

/** Every device of a machine with IPv6 addresses has one, or is the port of a bridge that has one and takes no more than its ports. */
export function checkMtus(root: Cursor, { cluster, underlay, nodes, pods = [] }: TopologyInput, families: readonly IpFamily[]): void {
  if (!families.includes('IPv6')) return;
  const check = (mtu: number | undefined, ...path: readonly (string | number)[]) => {
    if (mtu !== undefined && mtu < LEAST) root.at(...path).error('bad-value', `IPv6 needs an MTU of at least ${LEAST}`);
  };
  if (typeof cluster.cni === 'object') check(cluster.cni.mtu, 'cluster', 'cni', 'mtu');
  check(underlay?.mtu, 'underlay', 'mtu');
  for (const [i, node] of nodes.entries()) {
    check(node.cni?.mtu, 'nodes', i, 'cni', 'mtu');
    for (const [name, { mtu }] of Object.entries(node.devices ?? {})) check(mtu, 'nodes', i, 'devices', name, 'mtu');
  }
  for (const [i, pod] of pods.entries())
    if (!hasIpv4Only(pod)) for (const [name, { mtu }] of Object.entries(pod.devices ?? {})) check(mtu, 'pods', i, 'devices', name, 'mtu');
}

const hasIpv4Only = ({ ips }: PodInput) => ips?.every((a) => familyOf(a) === 'IPv4') === true;
