import { hashedHostEnd } from '../../src/cni/host-end.ts';
import { AWS } from './aws.ts';
import type { Datapath } from './datapath.ts';
import type { Draft, Machine, PodDraft } from './draft.ts';
import { lan, nobody, type Place } from './place.ts';

const EVERY_FAMILY = ['IPv4', 'IPv6', 'both'] as const;
const bridged = { hostEnd: null, podsKnowRange: true } as const;
const numbered = (_: unknown, nth: number) => `veth${nth}`;
const calico = (pod: PodDraft) => hashedHostEnd('cali', { namespace: 'default', name: pod.name });

/** In the order of flannel's and Calico's own default: the first address of a node's range. */
const vtepOf = (node: number) => `10.244.${node + 1}.0`;

interface Tunnel {
  readonly device: string;
  readonly port: number;
  /** Nodes on one link send to each other without it. */
  readonly direct?: boolean;
}

/** Does the node's way to the other one lead through the tunnel? */
const isTunnelled = ({ node, other }: Place, { direct = false }: Tunnel) => node !== other && !(direct && lan(node) === lan(other));

const ifTunnelled =
  (tunnel: Tunnel, strike: (p: Place) => void) =>
  (p: Place): void => {
    if (isTunnelled(p, tunnel)) strike(p);
  };

const STRANGE_MAC = '66:00:00:00:00:99';

const tunnelFaults = (t: Tunnel): Datapath['faults'] => ({
  'forwarding entry lost': ifTunnelled(t, (p) => p.node.fdb.push({ dev: t.device, node: p.other.name, state: 'absent' })),
  'forwarding entry to another machine': ifTunnelled(t, (p) => {
    const third = p.draft.nodes.find((n) => n !== p.node && n !== p.other);
    p.node.fdb.push({ dev: t.device, node: p.other.name, dst: third?.ip ?? nobody(p.node) });
  }),
  'tunnel neighbour lost': ifTunnelled(t, (p) => {
    const ip = vtepOf(p.otherIndex);
    p.node.neighbours.set(ip, { ip, dev: t.device, state: 'absent' });
  }),
  'MAC of another tunnel': ifTunnelled(t, (p) => {
    const ip = vtepOf(p.otherIndex);
    p.node.neighbours.set(ip, { ip, dev: t.device, state: 'permanent', lladdr: STRANGE_MAC });
    if (p.pick(true, false)) p.node.fdb.push({ dev: t.device, lladdr: STRANGE_MAC, dst: p.other.ip });
  }),
  'small MTU of the tunnel': (p) => {
    p.node.devices[t.device] = { mtu: p.pick(1300, 1400) };
  },
  'tunnel down': ({ node }) => {
    node.devices[t.device] = { up: false };
  },
  'another network': ({ node, pick }) => {
    node.devices[t.device] = pick<object>({ vni: 77 }, { port: 4790 });
  },
  'tunnel filtered': ({ node, pick }) => {
    node.more['firewall'] = { input: [{ action: pick('deny', 'reject'), ports: [`${t.port}/udp`] }] };
  },
});

const forwardDenied = {
  'forwarding denied': ({ node }: Place) => {
    node.more['firewall'] = { forward: { default: 'deny' } };
  },
};

const proxyArpOff = {
  'proxy_arp off': ({ draft, pod }: Place) => {
    const on = draft.nodes[pod.node];
    if (on !== undefined) on.sysctls[`net.ipv4.conf.${calico(pod)}.proxy_arp`] = 0;
  },
};

const flannel = (name: string, backend: unknown, tunnel: Tunnel | null): Datapath => ({
  ...bridged,
  name,
  cni: ({ hairpinMode, masquerades }) => ({
    plugin: 'flannel',
    backend,
    ...(hairpinMode === undefined ? {} : { hairpinMode }),
    ...(masquerades ? {} : { ipMasq: false }),
  }),
  faults: { ...forwardDenied, ...(tunnel === null ? {} : tunnelFaults(tunnel)) },
  masqueradesItself: true,
  families: EVERY_FAMILY,
});

const calicoOf = (name: string, mode: Record<string, unknown>, tunnel: Tunnel | null): Datapath => ({
  name,
  cni: ({ masquerades }) => ({ plugin: 'calico', ...mode, ...(masquerades ? {} : { natOutgoing: false }) }),
  hostEnd: calico,
  faults: { ...forwardDenied, ...proxyArpOff, ...(tunnel === null ? {} : tunnelFaults(tunnel)) },
  masqueradesItself: true,
  podsKnowRange: false,
  needsGateway: true,
  families: EVERY_FAMILY,
});

const canal = (name: string, tunnel: Tunnel): Datapath => ({
  ...calicoOf(name, {}, tunnel),
  cni: ({ masquerades }) => ({ plugin: 'canal', ...(masquerades ? {} : { ipMasq: false }) }),
});

/** A network that delivers to pods by itself; `bridge`: its name, where the pods are on one. */
function ofNetwork(plugin: string, hostEnd: Datapath['hostEnd'], bridge = 'cni0'): Datapath {
  return {
    name: plugin,
    cni: () => ({ plugin }),
    hostEnd,
    faults: forwardDenied,
    masqueradesItself: false,
    podsKnowRange: true,
    families: EVERY_FAMILY,
    arranged: (draft) => ({ ...draft, nodes: draft.nodes.map((n) => renamedDevices(n, (text) => text.replace(/\bcni0\b/g, bridge))) }),
  };
}

const FLANNEL: Tunnel = { device: 'flannel.1', port: 8472 };
const CALICO: Tunnel = { device: 'vxlan.calico', port: 4789 };

export const PTP: Datapath = {
  name: 'ptp',
  cni: () => ({ plugin: 'ptp' }),
  hostEnd: numbered,
  faults: forwardDenied,
  masqueradesItself: false,
  podsKnowRange: true,
  families: EVERY_FAMILY,
};

/** One a plugin and way between the nodes that this kernel can build. */
export const DATAPATHS: readonly Datapath[] = [
  {
    ...bridged,
    name: 'bridge',
    cni: ({ masquerades: _, ...options }) => ({ plugin: 'bridge', ...options }),
    faults: forwardDenied,
    masqueradesItself: false,
    families: EVERY_FAMILY,
  },
  PTP,
  { ...PTP, name: 'kindnet', cni: () => ({ plugin: 'kindnet' }), masqueradesItself: true },
  flannel('flannel host-gw', 'host-gw', null),
  flannel('flannel vxlan', 'vxlan', FLANNEL),
  flannel('flannel directRouting', { type: 'vxlan', directRouting: true }, { ...FLANNEL, direct: true }),
  canal('canal', FLANNEL),
  calicoOf('calico', {}, null),
  calicoOf('calico vxlan', { vxlanMode: 'Always' }, CALICO),
  calicoOf('calico cross-subnet', { vxlanMode: 'CrossSubnet' }, { ...CALICO, direct: true }),
  AWS,
  ofNetwork('gke', (pod) => hashedHostEnd('gke', { namespace: 'default', name: pod.name })),
  ofNetwork('kubenet', null, 'cbr0'),
];

/** The same cluster with this plugin. What a fault says of the bridge is, without one, of the host end of a pod, and no port has a hairpin mode. */
export function onDatapath(
  draft: Draft,
  { cni, hostEnd, masqueradesItself, podsKnowRange, needsGateway = false, arranged = (d) => d }: Datapath,
): Draft {
  const { hairpinMode } = (draft.cluster['cni'] ?? {}) as { hairpinMode?: boolean };
  const { masquerade, ...cluster } = draft.cluster;
  const own = cni({ ...(hairpinMode === undefined ? {} : { hairpinMode }), masquerades: masquerade === undefined });
  return arranged({
    ...draft,
    gateway: draft.gateway ?? (needsGateway ? { ip: '192.168.1.1' } : null),
    cluster: { ...cluster, ...(masqueradesItself || masquerade === undefined ? {} : { masquerade }), cni: own },
    nodes: hostEnd === null ? draft.nodes : draft.nodes.map((node, i) => withoutBridge(node, podsOf(draft, i, hostEnd))),
    pods: podsKnowRange ? draft.pods : draft.pods.map((p) => ({ ...p, removed: new Set([...p.removed].filter((r) => r === 'default')) })),
  });
}

interface HostEnd {
  readonly ip: string;
  readonly name: string;
}

const podsOf = ({ pods }: Draft, node: number, hostEnd: NonNullable<Datapath['hostEnd']>): readonly HostEnd[] =>
  pods.filter((p) => p.node === node).map((p, nth) => ({ ip: p.ip, name: hostEnd(p, nth) }));

function withoutBridge(node: Machine, pods: readonly HostEnd[]): Machine {
  const first = pods[0]?.name ?? 'lo';
  const neighbours = [...node.neighbours].map(
    ([ip, n]) => [ip, n.dev === 'cni0' ? { ...n, dev: pods.find((p) => p.ip === n.ip)?.name ?? first } : n] as const,
  );
  const devices = Object.entries(node.devices).map(([name, { hairpin: _, ...rest }]) => [name, rest] as const);
  return renamedDevices({ ...node, neighbours: new Map(neighbours), devices: Object.fromEntries(devices) }, (text) =>
    text.replace(/\bcni0\b/g, first).replace(/\bveth(\d+)\b/g, (name, nth: string) => pods[Number(nth)]?.name ?? name),
  );
}

/** What is said of a device is said of it by its new name. */
function renamedDevices(node: Machine, renamed: (text: string) => string): Machine {
  const inFields = <T>(fields: T): T => JSON.parse(renamed(JSON.stringify(fields))) as T;
  const inMap = <K, V>(map: ReadonlyMap<K, V>): Map<K, V> => new Map(inFields([...map]));
  const devices = Object.entries(inFields(node.devices)).filter(([, stated]) => Object.keys(stated).length > 0);
  return {
    ...node,
    routes: node.routes.map(inFields),
    rules: inMap(node.rules),
    sysctls: inFields(node.sysctls),
    devices: Object.fromEntries(devices),
    addresses: inMap(node.addresses),
    neighbours: inMap(node.neighbours),
  };
}
