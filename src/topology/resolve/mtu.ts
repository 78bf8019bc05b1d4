import { familyOf } from '../../net/address.ts';
import type { Path } from '../../source/origin.ts';
import type { StatedPod, TopologyInput } from '../schema/topology.ts';
import { statedFamilies } from './families.ts';
import type { Report } from './report.ts';

/** IPV6_MIN_MTU: on a device that takes less the kernel turns IPv6 off. Source: RFC 8200, 5; addrconf_notify, net/ipv6/addrconf.c. */
const LEAST = 1280;

/** Every device of a machine with IPv6 addresses has one, or is the port of a bridge that has one and takes no more than its ports. */
export function checkMtus(report: Report, { cluster, nodes, pods }: TopologyInput): void {
  if (!statedFamilies(cluster).includes('IPv6')) return;
  const check = (mtu: number | undefined, path: Path) => {
    if (mtu !== undefined && mtu < LEAST) report.error(path, 'bad-value', `IPv6 needs an MTU of at least ${LEAST}`);
  };
  if (typeof cluster.cni === 'object') check(cluster.cni.mtu, ['cluster', 'cni', 'mtu']);
  for (const [i, node] of nodes.entries())
    for (const [name, { mtu }] of Object.entries(node.devices ?? {})) check(mtu, ['nodes', i, 'devices', name, 'mtu']);
  for (const [i, pod] of pods.entries())
    if (!hasIpv4Only(pod)) for (const [name, { mtu }] of Object.entries(pod.devices ?? {})) check(mtu, ['pods', i, 'devices', name, 'mtu']);
}

const hasIpv4Only = ({ ips }: StatedPod) => ips?.every((a) => familyOf(a) === 'IPv4') === true;
