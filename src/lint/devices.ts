import type { Overrides } from '../datapath/overrides.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';
import { at, type Locus } from '../source/origin.ts';
import { onOneSwitch } from './bridge-ports.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** Devices that are down, and MTUs that do not fit together. */
export const devices: Lint = (cluster, _datapath, report) => {
  for (const node of cluster.nodes.values()) {
    const pods = cluster.podsByNode.get(node.name) ?? [];
    down(node.name, node.overrides, report);
    for (const pod of pods) down(pod.name, pod.overrides, report);
    aboveNic(cluster, node, pods, report);
    for (const connected of onOneSwitch(cluster, node, pods).values()) abovePort(cluster, node, connected, report);
  }
};

function down(machine: string, { devices: stated }: Overrides, report: ReportFinding): void {
  for (const [name, device] of stated)
    if (device.up === false) report(at(device.locus, 'up'), 'device-down', `${name} of ${machine} is down`, 'up: true, or leave it out');
}

/** A frame may be larger than the MTU by a VLAN tag before a link drops it. Source: is_skb_forwardable, net/core/dev.c. */
const VLAN_TAG = 4;
/** The usual MTU of an Ethernet link. */
const NIC_MTU = 1500;

interface Mtu {
  readonly value: number;
  readonly locus: Locus | null;
}

function mtuOf(stated: Overrides, device: string, otherwise: Mtu): Mtu {
  const found = stated.devices.get(device);
  return found?.mtu === undefined ? otherwise : { value: found.mtu, locus: at(found.locus, 'mtu') };
}

const cniMtu = ({ cni }: Cluster): Mtu => ({ value: cni.mtu, locus: cni.origin.locus === null ? null : at(cni.origin.locus, 'mtu') });

/** The node's refusal tells the sender the smaller MTU, if nothing on the way eats it. */
function aboveNic(cluster: Cluster, node: Node, pods: readonly Pod[], report: ReportFinding): void {
  const nic = mtuOf(node.overrides, 'eth0', { value: NIC_MTU, locus: null });
  const larger = pods
    .map((pod) => ({ pod, mtu: mtuOf(pod.overrides, 'eth0', cniMtu(cluster)) }))
    .filter(({ mtu }) => mtu.value > nic.value);
  const [first] = larger;
  if (first === undefined) return;
  report(
    nic.locus ?? first.mtu.locus ?? node.locus,
    'mtu-above-nic',
    `eth0 of ${node.name} takes ${nic.value} bytes, and ${some(larger.map((l) => l.pod.name))} may send ${first.mtu.value}`,
    `at most ${nic.value} for the pods`,
  );
}

/** A frame that is too large for a port is dropped, and its sender is not told. */
function abovePort(cluster: Cluster, node: Node, pods: readonly Pod[], report: ReportFinding): void {
  const ports = pods.map((pod) => ({ pod, mtu: mtuOf(node.overrides, pod.veth, cniMtu(cluster)) }));
  const smallest = ports.reduce<(typeof ports)[number] | null>((a, b) => (a === null || b.mtu.value < a.mtu.value ? b : a), null);
  if (smallest === null) return;
  const larger = pods.filter((p) => mtuOf(p.overrides, 'eth0', cniMtu(cluster)).value > smallest.mtu.value + VLAN_TAG);
  if (larger.length === 0) return;
  report(
    smallest.mtu.locus ?? mtuOf(larger[0]?.overrides ?? node.overrides, 'eth0', cniMtu(cluster)).locus ?? node.locus,
    'mtu-above-port',
    `${smallest.pod.veth} of ${node.name} takes ${smallest.mtu.value} bytes, and drops in silence what is larger from ${some(larger.map((p) => p.name))}`,
    `at most ${smallest.mtu.value} for the pods, or more for ${smallest.pod.veth}`,
  );
}
