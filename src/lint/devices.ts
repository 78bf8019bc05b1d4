import type { Overrides } from '../datapath/overrides.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
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
    aboveNic(cluster, node, report);
    for (const connected of onOneSwitch(cluster, node, pods).values()) abovePort(cluster, node, connected, report);
  }
  for (const segment of cluster.underlay.segments.keys()) aboveLink(cluster, segment, report);
};

function down(machine: string, { devices: stated }: Overrides, report: ReportFinding): void {
  for (const [name, device] of stated)
    if (device.up === false) report(at(device.locus, 'up'), 'device-down', `${name} of ${machine} is down`, 'up: true, or leave it out');
}

/** A frame may be larger than the MTU by a VLAN tag before a link drops it. Source: is_skb_forwardable, net/core/dev.c. */
const VLAN_TAG = 4;

interface Mtu {
  readonly value: number;
  readonly locus: Locus | null;
}

function mtuOf(stated: Overrides, device: string, otherwise: Mtu): Mtu {
  const found = stated.devices.get(device);
  return found?.mtu === undefined ? otherwise : { value: found.mtu, locus: at(found.locus, 'mtu') };
}

function cniMtu(cluster: Cluster, node: Node): Mtu {
  const { mtu, origin } = cniOn(cluster, node.name);
  return { value: mtu, locus: origin.locus === null ? null : at(origin.locus, 'mtu') };
}

/** What a node's NIC takes, and what each of its pods may send. */
function mtusOf(cluster: Cluster, node: Node) {
  const pods = cluster.podsByNode.get(node.name) ?? [];
  return {
    nic: mtuOf(node.overrides, 'eth0', { value: cluster.underlay.mtu, locus: null }),
    pods: pods.map((pod) => ({ pod, mtu: mtuOf(pod.overrides, 'eth0', cniMtu(cluster, node)) })),
  };
}

/** The node's refusal tells the sender the smaller MTU, if nothing on the way eats it. */
function aboveNic(cluster: Cluster, node: Node, report: ReportFinding): void {
  const { nic, pods } = mtusOf(cluster, node);
  const larger = pods.filter(({ mtu }) => mtu.value > nic.value);
  const [first] = larger;
  if (first === undefined) return;
  report(
    nic.locus ?? first.mtu.locus ?? node.locus,
    'mtu-above-nic',
    `eth0 of ${node.name} takes ${nic.value} bytes, and ${some(larger.map((l) => l.pod.name))} may send ${first.mtu.value}`,
    `at most ${nic.value} for the pods`,
  );
}

/**
 * Another machine's NIC drops a frame that is too large for it, and nobody is told. Left out is what a finding of its own is about: a node
 * whose NIC takes less than its own pods send.
 */
function aboveLink(cluster: Cluster, segment: string, report: ReportFinding): void {
  const nodes = [...cluster.nodes.values()].filter((n) => n.segment === segment).map((node) => ({ node, ...mtusOf(cluster, node) }));
  const fitting = nodes.filter(({ nic, pods }) => pods.every((p) => p.mtu.value <= nic.value));
  const routers = cluster.underlay.routers.filter((r) => r.interfaces.some((i) => i.segment === segment)).map((r) => r.name);
  const others = [...routers, ...(cluster.gateway?.segment === segment ? ['the gateway'] : [])];
  const machines = [
    ...fitting.map(({ node, nic }) => ({ name: node.name, mtu: nic.value })),
    ...others.map((name) => ({ name, mtu: cluster.underlay.mtu })),
  ];
  const least = Math.min(...machines.map((m) => m.mtu));
  const larger = fitting.flatMap(({ pods }) => pods.filter(({ mtu }) => mtu.value > least + VLAN_TAG));
  const [first] = larger;
  if (first === undefined) return;
  const small = machines.filter((m) => m.mtu === least).map((m) => m.name);
  report(
    first.mtu.locus ?? cluster.locus,
    'mtu-above-link',
    `${some(larger.map((l) => l.pod.name))} may send ${first.mtu.value} bytes, and ${some(small)} on that link ${small.length === 1 ? 'takes' : 'take'} ${least}: what is larger is dropped there in silence`,
    `at most ${least} for the pods`,
  );
}

/** A frame that is too large for a port is dropped, and its sender is not told. */
function abovePort(cluster: Cluster, node: Node, pods: readonly Pod[], report: ReportFinding): void {
  const ports = pods.map((pod) => ({ pod, mtu: mtuOf(node.overrides, pod.veth, cniMtu(cluster, node)) }));
  const smallest = ports.reduce<(typeof ports)[number] | null>((a, b) => (a === null || b.mtu.value < a.mtu.value ? b : a), null);
  if (smallest === null) return;
  const larger = pods.filter((p) => mtuOf(p.overrides, 'eth0', cniMtu(cluster, node)).value > smallest.mtu.value + VLAN_TAG);
  if (larger.length === 0) return;
  report(
    smallest.mtu.locus ?? mtuOf(larger[0]?.overrides ?? node.overrides, 'eth0', cniMtu(cluster, node)).locus ?? node.locus,
    'mtu-above-port',
    `${smallest.pod.veth} of ${node.name} takes ${smallest.mtu.value} bytes, and drops in silence what is larger from ${some(larger.map((p) => p.name))}`,
    `at most ${smallest.mtu.value} for the pods, or more for ${smallest.pod.veth}`,
  );
}
