import { describe, expect, test } from 'vitest';
import { addNeighbour } from '../../src/datapath/build.ts';
import { addRoute, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import type { Hop } from '../../src/hop/hop.ts';
import { formatAddress } from '../../src/net/address.ts';
import { mac } from '../../src/net/mac.ts';
import { hostPrefix } from '../../src/net/prefix.ts';
import type { Walk } from '../../src/walk/walk.ts';
import { accept, drop, rule } from './two-hosts.ts';
import { node, origin, throughTunnel, vtep, vtepMac, type World } from './two-nodes.ts';

/**
 * Tunnels. The crossings are those that tcpdump showed on every device of the same network, built in namespaces of Linux 6.18 (IPIP is not in
 * that kernel: its rows follow net/ipv4/ip_tunnel.c). A frame that came in for another MAC address is shown as `in`.
 */

const CROSSED = [
  'p1 eth0 out',
  'n1 v0 in',
  'n1 flannel.1 out',
  'n1 eth0 out *',
  'n2 eth0 in *',
  'n2 flannel.1 in',
  'n2 v0 out',
  'p2 eth0 in',
];
const BACK = CROSSED.map((c) => c.replace(/^(.)(\d)/, (_, k: string, n: string) => `${k}${3 - Number(n)}`));
const UNTIL = (last: string) => CROSSED.slice(0, CROSSED.indexOf(last) + 1);

/** `*`: what the capture shows is the packet that carries it. */
const crossings = (walk: Walk | null) =>
  (walk?.hops ?? []).flatMap((h) =>
    h.kind === 'interface' ? [`${h.netns} ${h.device} ${h.direction}${h.outer === null ? '' : ' *'}`] : [],
  );

const VXLAN: Match = { kind: 'dport', protocol: 'udp', first: 8472, last: 8472, negated: false };
const UDP: Match = { kind: 'protocol', protocol: 'udp', negated: false };
const marked = (value: number): Match => ({ kind: 'mark', value, mask: 0xffffffff, negated: false });
const mark = (value: number) => ({ kind: 'MARK', value, mask: 0xffffffff }) as const;

interface Row extends World {
  readonly name: string;
  readonly forward: readonly string[];
  readonly end: string;
}

const ROWS: readonly Row[] = [
  { name: 'VXLAN', forward: CROSSED, end: 'delivered answer' },
  {
    name: 'the forwarding entry is lost',
    spoil: (n1) => n1.vxlan?.fdb.set(vtepMac(2), { lladdr: vtepMac(2), dst: null, origin }),
    forward: UNTIL('n1 flannel.1 out'),
    end: 'dropped time-out TUNNEL_PEER_UNKNOWN',
  },
  {
    name: "the VTEP's neighbour entry is lost",
    spoil: (n1) => addNeighbour(n1.builder, { address: vtep(2), device: 'flannel.1', state: 'absent', origin }),
    forward: UNTIL('n1 v0 in'),
    end: 'rejected time-out TUNNEL_PEER_UNKNOWN',
  },
  {
    name: "the VTEP's neighbour entry is lost, TCP",
    protocol: 'tcp',
    spoil: (n1) => addNeighbour(n1.builder, { address: vtep(2), device: 'flannel.1', state: 'absent', origin }),
    forward: UNTIL('n1 v0 in'),
    end: 'rejected host-unreachable TUNNEL_PEER_UNKNOWN',
  },
  {
    name: 'the neighbour entry has a MAC address that nobody has',
    spoil: (n1) => {
      const lladdr = mac('66:00:00:00:00:09');
      addNeighbour(n1.builder, { address: vtep(2), device: 'flannel.1', state: 'permanent', lladdr, origin });
      n1.vxlan?.fdb.set(lladdr, { lladdr, dst: node(2), origin });
    },
    forward: UNTIL('n2 flannel.1 in'),
    end: 'dropped time-out TUNNEL_MISMATCH',
  },
  {
    name: 'another VNI at the other end',
    spoil: (_, n2) => {
      if (n2.vxlan !== null) n2.vxlan.vni = 2;
    },
    forward: UNTIL('n2 eth0 in *'),
    end: 'dropped time-out TUNNEL_MISMATCH',
  },
  {
    name: 'another UDP port at the other end',
    spoil: (_, n2) => {
      if (n2.vxlan !== null) n2.vxlan.port = 8473;
    },
    forward: UNTIL('n2 eth0 in *'),
    end: 'dropped time-out TUNNEL_MISMATCH',
  },
  {
    name: 'the tunnel device is down at the other end',
    spoil: (_, n2) => {
      if (n2.vxlan !== null) n2.vxlan.down = origin;
    },
    forward: UNTIL('n2 eth0 in *'),
    end: 'dropped time-out LINK_DOWN',
  },
  {
    name: "the other node's own MAC address is not found",
    spoil: (n1) => addNeighbour(n1.builder, { address: node(2), device: 'eth0', state: 'failed', origin }),
    forward: UNTIL('n1 flannel.1 out'),
    end: 'dropped time-out TUNNEL_PEER_UNKNOWN',
  },
  {
    name: 'a rule drops it where it is sent',
    spoil: (n1) => n1.rules.append('filter', 'OUTPUT', drop(UDP, VXLAN)),
    forward: UNTIL('n1 flannel.1 out'),
    end: 'dropped time-out TUNNEL_FILTERED',
  },
  {
    name: 'a rule refuses it where it arrives',
    spoil: (_, n2) => n2.rules.append('filter', 'INPUT', rule([UDP, VXLAN], { kind: 'REJECT', with: 'icmp-port-unreachable' })),
    forward: UNTIL('n2 eth0 in *'),
    end: 'dropped time-out TUNNEL_FILTERED',
  },
  {
    name: 'FORWARD sees the packet inside, not its carrier',
    spoil: (n1, n2) => {
      for (const { rules } of [n1, n2]) rules.append('filter', 'FORWARD', drop(UDP, VXLAN));
    },
    forward: CROSSED,
    end: 'delivered answer',
  },
  {
    name: 'an entry that names the node itself: it comes back by the tunnel device until its TTL is used up',
    spoil: (n1) => n1.vxlan?.fdb.set(vtepMac(2), { lladdr: vtepMac(2), dst: node(1), origin }),
    forward: [...UNTIL('n1 flannel.1 out'), 'n1 flannel.1 in', 'n1 flannel.1 out', 'n1 flannel.1 in'],
    end: 'looped time-out ROUTING_LOOP',
  },
  {
    name: 'the route to the other node leads into the tunnel',
    spoil: (n1) => addRoute(n1.builder, MAIN_TABLE, routeVia(hostPrefix(node(2)), vtep(2), 'flannel.1', origin)),
    forward: UNTIL('n1 flannel.1 out'),
    end: 'dropped time-out ROUTING_LOOP',
  },
  {
    name: 'the route to the other node refuses',
    spoil: (n1) =>
      addRoute(n1.builder, MAIN_TABLE, { prefix: hostPrefix(node(2)), type: 'unreachable', metric: 0, nextHops: [], source: null, origin }),
    forward: UNTIL('n1 flannel.1 out'),
    end: 'dropped time-out UNREACHABLE_ROUTE',
  },
  {
    name: 'strict rp_filter on the tunnel device, no way back',
    spoil: (_, n2) => {
      n2.builder.sysctls.set('net.ipv4.conf.all.rp_filter', { value: 1, origin });
      const main = n2.builder.routes.get(MAIN_TABLE) ?? [];
      main.splice(
        main.findIndex((r) => formatAddress(r.prefix.address) === '10.244.1.0' && r.prefix.length === 24),
        1,
      );
    },
    forward: UNTIL('n2 flannel.1 in'),
    end: 'dropped time-out REVERSE_PATH_FILTER',
  },
  {
    name: 'over a NIC that is too small the carrier goes in two pieces',
    size: 1450,
    spoil: (n1) => {
      n1.eth0.mtu = 1400;
    },
    forward: CROSSED,
    end: 'delivered answer',
  },
  {
    name: 'over IPv6 it is not cut to pieces',
    over: 6,
    size: 1430,
    spoil: (n1) => {
      n1.eth0.mtu = 1400;
    },
    forward: UNTIL('n1 flannel.1 out'),
    end: 'dropped time-out MTU_EXCEEDED',
  },
  { name: 'over IPv6', over: 6, size: 1430, forward: CROSSED, end: 'delivered answer' },
  {
    name: 'over the MTU of the tunnel device the pod is told',
    size: 1450,
    spoil: (n1) => {
      if (n1.vxlan !== null) n1.vxlan.mtu = 1400;
    },
    forward: UNTIL('n1 v0 in'),
    end: 'rejected message-too-long MTU_EXCEEDED',
  },
  {
    name: 'the carrier has the mark of the packet inside',
    spoil: (n1) => {
      n1.rules.append('mangle', 'PREROUTING', rule([{ kind: 'in-interface', name: 'v0', negated: false }], mark(5)));
      n1.rules.append('filter', 'OUTPUT', accept(UDP, VXLAN, marked(5)), drop(UDP, VXLAN));
    },
    forward: CROSSED,
    end: 'delivered answer',
  },
  {
    name: 'the packet inside has the mark of its carrier',
    spoil: (_, n2) => {
      n2.rules.append('mangle', 'PREROUTING', rule([{ kind: 'in-interface', name: 'eth0', negated: false }], mark(6)));
      const fromTunnel: Match = { kind: 'in-interface', name: 'flannel.1', negated: false };
      n2.rules.append('filter', 'FORWARD', accept(fromTunnel, marked(6)), drop(fromTunnel));
    },
    forward: CROSSED,
    end: 'delivered answer',
  },
];

const endOf = ({ outcome, client, failure }: ReturnType<typeof throughTunnel>) =>
  [outcome, client, ...(failure === null ? [] : [failure.code])].join(' ');

describe('a packet through a tunnel', () => {
  for (const { name, forward, end, ...world } of ROWS)
    test(name, () => {
      const path = throughTunnel(world);
      expect(crossings(path.forward)).toEqual(forward);
      expect(endOf(path)).toBe(end);
      if (path.outcome === 'delivered') expect(crossings(path.reply)).toEqual(BACK);
    });

  test('IPIP: to the next hop itself, without neighbours and forwarding entries', () => {
    const path = throughTunnel({ tunnel: 'ipip' });
    expect(crossings(path.forward)).toEqual(CROSSED.map((c) => c.replace('flannel.1', 'tunl0')));
    expect(endOf(path)).toBe('delivered answer');
  });

  test('IPIP: a packet that its carrier has no room for, and that may not be cut, is refused', () => {
    const spoil: World['spoil'] = (n1) => {
      n1.eth0.mtu = 1400;
    };
    const path = throughTunnel({ tunnel: 'ipip', size: 1450, spoil });
    expect(crossings(path.forward)).toEqual(['p1 eth0 out', 'n1 v0 in', 'n1 tunl0 out']);
    expect(endOf(path)).toBe('rejected message-too-long MTU_EXCEEDED');
  });

  test('IPIP is protocol 4 to the rules of a host', () => {
    const ipencap: Match = { kind: 'protocol', protocol: 'ipencap', negated: false };
    const path = throughTunnel({ tunnel: 'ipip', spoil: (_, n2) => n2.rules.append('filter', 'INPUT', drop(ipencap)) });
    expect(endOf(path)).toBe('dropped time-out TUNNEL_FILTERED');
  });
});

describe('the headers of a carrier', () => {
  const carried = (hops: readonly Hop[]) => hops.filter((h) => h.outer !== null);
  const header = ({ outer }: Hop) => {
    if (outer === null) return '';
    const { protocol, source, destination, destinationPort, ttl, size } = outer.packet;
    return `${protocol} ${formatAddress(source)} ${formatAddress(destination)} ${destinationPort} ttl ${ttl} size ${size} vni ${outer.vni}`;
  };
  const ofTunnel = (world: World) => [...new Set(carried(throughTunnel(world).forward.hops).map(header))];

  test.each<[string, World, string]>([
    ['VXLAN over IPv4', {}, 'udp 192.168.1.11 192.168.1.12 8472 ttl 64 size 110 vni 1'],
    ['VXLAN over IPv6', { over: 6 }, 'udp fd01::11 fd01::12 8472 ttl 64 size 130 vni 1'],
    ['IPIP', { tunnel: 'ipip' }, 'ipip 192.168.1.11 192.168.1.12 0 ttl 63 size 80 vni null'],
  ])('%s', (_, world, expected) => expect(ofTunnel(world)).toEqual([expected]));

  test('are there from where the packet is put in to where it is taken out', () => {
    const kinds = carried(throughTunnel({}).forward.hops).map((h) => h.kind);
    expect([kinds[0], kinds.at(-1)]).toEqual(['encap', 'decap']);
  });

  test('the TTL inside falls once a node', () => {
    const ttls = throughTunnel({}).forward.hops.flatMap((h) => (h.kind === 'interface' ? [h.packet.ttl] : []));
    expect(ttls).toEqual([64, 64, 63, 63, 63, 63, 62, 62]);
  });
});
