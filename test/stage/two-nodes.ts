import { addAddress } from '../../src/datapath/add-address.ts';
import { addIpip, addNic, addVethPair, addVxlan, finish, newNetns } from '../../src/datapath/build.ts';
import { addRoute, type NetnsBuilder, onLink, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import { type RulesetBuilder, rulesetBuilder } from '../../src/datapath/netfilter/builder.ts';
import type { Netns, Nic, Segment, Vxlan } from '../../src/datapath/netns.ts';
import { type Peer, peersOf } from '../../src/datapath/peers.ts';
import { ip } from '../../src/net/address.ts';
import { mac } from '../../src/net/mac.ts';
import { cidr, DEFAULT_PREFIX, hostPrefix } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import type { FlowPath } from '../../src/walk/flow-path.ts';

/** Two nodes with a pod each, and a tunnel between them: Linux only, no Kubernetes. The same as was built in network namespaces for the rows. */
export const origin = inferred(null);
const NUMBERS = [1, 2] as const;
type Side = (typeof NUMBERS)[number];

const other = (n: Side): Side => (n === 1 ? 2 : 1);
const pod = (n: Side) => ip(`10.244.${n}.10`);
export const vtep = (n: Side) => ip(`10.244.${n}.0`);
export const vtepMac = (n: Side) => mac(`66:00:00:00:00:0${n}`);
export const node = (n: Side, family: 4 | 6 = 4) => ip(family === 4 ? `192.168.1.1${n}` : `fd01::1${n}`);

/** A node in the making, for a test to spoil. */
export interface NodeInMaking {
  readonly builder: NetnsBuilder;
  readonly eth0: Nic;
  readonly vxlan: Vxlan | null;
  readonly rules: RulesetBuilder;
}

export interface World {
  readonly tunnel?: 'vxlan' | 'ipip';
  /** Of the addresses that carry the tunnel. */
  readonly over?: 4 | 6;
  readonly spoil?: (n1: NodeInMaking, n2: NodeInMaking) => void;
  readonly size?: number;
  readonly protocol?: 'udp' | 'tcp';
}

export function throughTunnel({ tunnel = 'vxlan', over = 4, spoil, size, protocol = 'udp' }: World): FlowPath {
  const nics: Nic[] = [];
  const segment: Segment = {
    name: 'lan',
    origin,
    outside: false,
    fabric: null,
    refuses: () => null,
    known: () => [],
    proxies: () => [],
    owner: (a) => nics.find((n) => n.addresses.some((x) => x.address === a)) ?? null,
  };
  const peers = peersOf(NUMBERS.map((n): Peer => ({ address: vtep(n), lladdr: vtepMac(n), dst: node(n, over), origin })));
  const pods: Netns[] = [];
  const make = (n: Side): NodeInMaking => {
    const builder = newNetns({ name: `n${n}`, node: `n${n}`, role: 'node' }, origin, [], ['IPv4', 'IPv6']);
    builder.sysctls.set('net.ipv4.ip_forward', { value: 1, origin });
    const eth0 = addNic(builder, 'eth0', segment, 1500, origin);
    nics.push(eth0);
    addAddress(builder, eth0, node(n), cidr('192.168.1.0/24'), origin);
    addAddress(builder, eth0, node(n, 6), cidr('fd01::/64'), origin);
    const inPod = newNetns({ name: `p${n}`, node: `n${n}`, role: 'pod' }, origin, [
      { protocol: null, address: null, port: null, process: `p${n}`, origin },
    ]);
    const [hostEnd, end] = addVethPair({ builder, name: 'v0' }, { builder: inPod, name: 'eth0' }, 1450, origin);
    const gateway = ip(`10.244.${n}.1`);
    addAddress(builder, hostEnd, gateway, hostPrefix(gateway), origin);
    addRoute(builder, MAIN_TABLE, {
      prefix: hostPrefix(pod(n)),
      type: 'unicast',
      metric: 0,
      nextHops: [onLink('v0')],
      source: null,
      origin,
    });
    addAddress(inPod, end, pod(n), cidr(`10.244.${n}.0/24`), origin);
    addRoute(inPod, MAIN_TABLE, routeVia(DEFAULT_PREFIX.IPv4, gateway, 'eth0', origin));
    pods.push(finish(inPod, null));
    return { builder, eth0, vxlan: tunnelOf(n, tunnel, over, builder, eth0, peers), rules: rulesetBuilder() };
  };
  const [n1, n2] = [make(1), make(2)];
  spoil?.(n1, n2);
  for (const { builder, rules } of [n1, n2]) {
    builder.rulesets.IPv4 = rules.build();
    finish(builder, null);
  }
  const [client] = pods as [Netns];
  const [path] = traceFlow({
    netns: client,
    process: 'p1',
    source: pod(1),
    destination: pod(2),
    port: 7777,
    protocol,
    size: size ?? null,
  });
  return path as FlowPath;
}

function tunnelOf(n: Side, tunnel: 'vxlan' | 'ipip', over: 4 | 6, builder: NetnsBuilder, eth0: Nic, peers: ReturnType<typeof peersOf>) {
  const range = cidr(`10.244.${other(n)}.0/24`);
  if (tunnel === 'ipip') {
    const tunl0 = addIpip(builder, 'tunl0', { local: null, mtu: 1480 }, origin);
    addAddress(builder, tunl0, vtep(n), hostPrefix(vtep(n)), origin);
    addRoute(builder, MAIN_TABLE, routeVia(range, node(other(n)), 'tunl0', origin));
    return null;
  }
  const options = { vni: 1, port: 8472, local: node(n, over), underlying: eth0, mac: vtepMac(n), mtu: over === 4 ? 1450 : 1430, peers };
  const vxlan = addVxlan(builder, 'flannel.1', { ...options, hides: (p) => p.lladdr === vtepMac(n) }, origin);
  addAddress(builder, vxlan, vtep(n), hostPrefix(vtep(n)), origin);
  addRoute(builder, MAIN_TABLE, routeVia(range, vtep(other(n)), 'flannel.1', origin));
  return vxlan;
}
