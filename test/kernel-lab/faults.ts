import { addRoute, type Draft, type Machine, podCidr } from './draft.ts';
import { ADDRESS_FAULTS } from './fault-addresses.ts';
import { RULE_FAULTS } from './fault-rules.ts';
import { lan, nextHop, nobody, type Place, SERVICES, target } from './place.ts';

/** A fault, and where it strikes; numbers are taken modulo what there is. */
export interface Fault {
  readonly kind: FaultKind;
  readonly node: number;
  readonly pod: number;
  readonly other: number;
  readonly choice: number;
}

const rpFilter = (m: Machine, value: number, device = 'all') => {
  m.sysctls[`net.ipv4.conf.${device}.rp_filter`] = value;
};

/** What can be wrong, one entry each. */
const FAULTS = {
  ...RULE_FAULTS,
  ...ADDRESS_FAULTS,
  'route removed': ({ node, otherIndex, index }: Place) => {
    if (otherIndex !== index) node.removed.add(podCidr(otherIndex));
  },
  'route to the wrong machine': (p: Place) => addRoute(p.node, { to: target(p), via: nextHop(p) }),
  'route to nobody': (p: Place) => addRoute(p.node, { to: podCidr(p.otherIndex), via: nobody(p.node) }),
  'route by a third machine': (p: Place) => {
    const third = p.draft.nodes.find((n) => n !== p.node && n !== p.other && lan(n) === lan(p.node));
    if (third !== undefined) addRoute(p.node, { to: podCidr(p.otherIndex), via: third.ip });
  },
  'routes in a circle': (p: Place) => {
    if (p.other === p.node || lan(p.other) !== lan(p.node)) return;
    const to = p.pick(podCidr(p.otherIndex), podCidr(p.otherIndex), '10.244.9.0/24', 'default', 'default');
    addRoute(p.node, { to, via: p.other.ip });
    addRoute(p.other, { to, via: p.node.ip });
  },
  'blackhole route': (p: Place) => addRoute(p.node, { to: target(p), type: 'blackhole' }),
  'unreachable route': (p: Place) => addRoute(p.node, { to: target(p), type: 'unreachable' }),
  'prohibit route': (p: Place) => addRoute(p.node, { to: target(p), type: 'prohibit' }),
  'throw route': (p: Place) => addRoute(p.node, { to: target(p), type: 'throw' }),
  'route to the link': (p: Place) => addRoute(p.node, { to: target(p), dev: p.pick('eth0', 'cni0') }),
  'two next hops': (p: Place) =>
    addRoute(p.node, { to: target(p), nexthops: [{ via: nextHop(p), weight: 1 + p.pick(0, 1, 2) }, { via: `${lan(p.node)}.98` }] }),
  'longer prefix': (p: Place) =>
    addRoute(p.node, {
      to: p.pick(`${p.pod.ip}/32`, podCidr(p.pod.node).replace('.0/24', '.0/25')),
      ...p.pick<object>({ via: nextHop(p) }, { type: 'unreachable' }, { dev: 'cni0' }, { dev: 'eth0' }),
    }),
  'worse metric': (p: Place) => addRoute(p.node, { to: podCidr(p.otherIndex), type: p.pick('unreachable', 'blackhole'), metric: 10 }),
  'ip_forward off': ({ node }: Place) => {
    node.sysctls['net.ipv4.ip_forward'] = 0;
  },
  'forwarding off on a device': (p: Place) => {
    p.node.sysctls[`net.ipv4.conf.${p.pick('eth0', 'cni0', 'all')}.forwarding`] = 0;
  },
  rp_filter: (p: Place) => rpFilter(p.node, p.pick(1, 1, 2), p.pick('all', 'eth0', 'cni0', 'default')),
  'rp_filter and another way back': (p: Place) => {
    rpFilter(p.node, p.pick(1, 1, 1, 2));
    const route = p.pick<object>({ dev: 'cni0' }, { dev: 'cni0' }, { dev: 'cni0' }, { via: nobody(p.node) }, { type: 'unreachable' });
    const others = podCidr(p.otherIndex);
    addRoute(p.node, { to: p.pick(others, others, others, `${p.pod.ip}/32`), ...route });
  },
  // The device and `all` say different things, and the way back of some leaves by another device: the greater counts.
  'rp_filter of a device beside all': (p: Place) => {
    const [device, all] = p.pick([0, 1], [0, 1], [1, 2], [1, 0], [2, 1], [2, 0]) as [number, number];
    rpFilter(p.node, all);
    rpFilter(p.node, device, p.pick('eth0', 'eth0', 'cni0'));
    addRoute(p.node, { to: podCidr(p.otherIndex), ...p.pick<object>({ dev: 'cni0' }, { dev: 'cni0' }, { type: 'unreachable' }) });
  },
  // Of route_localnet either counts, of forwarding the device's.
  "a device's sysctl beside all": (p: Place) => {
    const key = p.pick('forwarding', 'route_localnet');
    const all = p.pick(0, 1);
    p.node.sysctls[`net.ipv4.conf.all.${key}`] = all;
    p.node.sysctls[`net.ipv4.conf.${p.pick('eth0', 'cni0')}.${key}`] = 1 - all;
  },
  'bridge-nf-call-iptables off': ({ node }: Place) => {
    node.sysctls['net.bridge.bridge-nf-call-iptables'] = 0;
  },
  'route_localnet off': ({ node }: Place) => {
    node.sysctls['net.ipv4.conf.all.route_localnet'] = 0;
  },
  'kube-proxy off': ({ node }: Place) => {
    node.proxy = false;
  },
  'hairpin off': ({ draft }: Place) => {
    draft.cluster['cni'] = { plugin: 'bridge', ...(draft.cluster['cni'] as object), hairpinMode: false };
  },
  'hairpin off on a port': (p: Place) => {
    const port = `veth${p.draft.pods.filter((x) => x.node === p.pod.node).indexOf(p.pod)}`;
    const on = p.draft.nodes[p.pod.node];
    if (on !== undefined) on.devices[port] = { hairpin: false };
  },
  'NIC down': ({ node }: Place) => {
    node.devices['eth0'] = { up: false };
  },
  'bridge down': ({ node }: Place) => {
    node.devices['cni0'] = { up: false };
  },
  'port down': (p: Place) => {
    const on = p.draft.nodes[p.pod.node];
    if (on !== undefined) on.devices[`veth${p.draft.pods.filter((x) => x.node === p.pod.node).indexOf(p.pod)}`] = { up: false };
  },
  'pod device down': ({ pod }: Place) => {
    pod.devices['eth0'] = { up: false };
  },
  'small MTU': (p: Place) => {
    p.node.devices[p.pick('eth0', 'eth0', 'cni0', 'veth0')] = { mtu: p.pick(1300, 1400) };
  },
  'small MTU in a pod': (p: Place) => {
    p.pod.devices['eth0'] = { mtu: p.pick(1300, 1400) };
  },
  'pod route': (p: Place) =>
    addRoute(p.pod, {
      to: p.pick('default', podCidr(p.otherIndex), SERVICES, podCidr(p.pod.node)),
      ...p.pick<object>({ type: 'unreachable' }, { type: 'blackhole' }, { type: 'blackhole' }, { type: 'prohibit' }, { dev: 'eth0' }),
    }),
  'pod route removed': (p: Place) => {
    p.pod.removed.add(p.pick('default', podCidr(p.pod.node)));
  },
  'rp_filter in a pod': (p: Place) => rpFilter(p.pod, 1),
  'router forgets a node': ({ draft, index }: Place) => {
    for (const router of draft.routers) {
      const at = router.routes.findIndex((r) => r.to === podCidr(index));
      if (at !== -1) router.routes.splice(at, 1);
    }
  },
} satisfies Readonly<Record<string, (place: Place) => void>>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** Those whose effect few packets meet. */
const RARE: readonly FaultKind[] = [
  'route by a third machine',
  'route by a third machine',
  'route by a third machine',
  'route by a third machine',
  'routes in a circle',
  'routes in a circle',
  'rp_filter and another way back',
  'rp_filter and another way back',
  'rp_filter and another way back',
  'rp_filter and another way back',
  'forwarding off on a device',
  'forwarding off on a device',
  'forwarding off on a device',
  'longer prefix',
  'bridge-nf-call-iptables off',
  'bridge-nf-call-iptables off',
  'bridge-nf-call-iptables off',
  'bridge-nf-call-iptables off',
  'routes in a circle',
  'routes in a circle',
  'routes in a circle',
  'pod route',
  'pod route',
  'kube-proxy off',
  'hairpin off',
  'hairpin off',
  'hairpin off on a port',
  'small MTU',
  'small MTU in a pod',
  'blackhole route',
  'blackhole route',
  'prohibit route',
];

/** What a generator draws from: the rare ones several times. */
export const DRAWN: readonly FaultKind[] = [...FAULT_KINDS, ...FAULT_KINDS, ...FAULT_KINDS, ...RARE, ...RARE];

/** What hardly shows: two of three clusters have one of these beside other faults, and a quarter of their packets are about it. */
export const SUBTLE: readonly FaultKind[] = [
  'prefix on lo',
  'another address',
  'mark of a rule',
  'mark of a rule',
  'rule with two selectors',
  'rule with two selectors',
  'rp_filter of a device beside all',
  'failed neighbour of another device',
];

/** The packets that a fault is about, where that is more than those from or to its node. */
export const MEETS: Readonly<
  Partial<Record<FaultKind, 'near service' | 'own service' | 'from the fault' | 'to the fault' | 'service address' | 'local address'>>
> = {
  'bridge-nf-call-iptables off': 'near service',
  'hairpin off': 'own service',
  'hairpin off on a port': 'own service',
  'route by a third machine': 'from the fault',
  'rp_filter and another way back': 'to the fault',
  'pod route': 'from the fault',
  'routes in a circle': 'service address',
  'prefix on lo': 'local address',
  'another address': 'local address',
  'rp_filter of a device beside all': 'to the fault',
  'mark of a rule': 'from the fault',
  'failed neighbour of another device': 'to the fault',
  'rule with two selectors': 'from the fault',
};

/** The node that a fault strikes, and another one where there is one. */
export function nodesOf(
  { nodes }: Draft,
  { node, other }: Pick<Fault, 'node' | 'other'>,
): { readonly index: number; readonly otherIndex: number } {
  const index = node % nodes.length;
  return { index, otherIndex: nodes.length === 1 ? 0 : (index + 1 + (other % (nodes.length - 1))) % nodes.length };
}

export const strike = (draft: Draft, { kind, ...where }: Fault): void => strikeAt(draft, where, FAULTS[kind]);

export function strikeAt(draft: Draft, { node, pod, other, choice }: Omit<Fault, 'kind'>, fault: (place: Place) => void): void {
  const at = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
  const { index, otherIndex } = nodesOf(draft, { node, other });
  // Each pick uses up a part of the number, so that one does not decide the next.
  let left = choice;
  fault({
    draft,
    node: at(draft.nodes, index),
    index,
    other: at(draft.nodes, otherIndex),
    otherIndex,
    pod: at(draft.pods, pod),
    pick: (...values) => {
      const value = at(values, left);
      left = Math.floor(left / values.length);
      return value;
    },
  });
}
