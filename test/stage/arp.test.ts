import { expect, test } from 'vitest';
import { addAddress } from '../../src/datapath/add-address.ts';
import { addNeighbour, addVethPair, finish, newNetns } from '../../src/datapath/build.ts';
import { addRoute, type NetnsBuilder, onLink, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import type { Netns, Veth } from '../../src/datapath/netns.ts';
import { ip } from '../../src/net/address.ts';
import { mac } from '../../src/net/mac.ts';
import { cidr, DEFAULT_PREFIX, hostPrefix } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';

/**
 * Who answers ARP: a host with a device towards a client that has no address (169.254.1.1 is nobody's), and one towards a server. The same was
 * built in network namespaces of Linux 6.18; a client that gets no answer sees EHOSTUNREACH.
 */
const origin = inferred(null);
const CLIENT = ip('10.244.1.10');
const GATEWAY = ip('169.254.1.1');
const HOST = ip('192.168.1.1');
const SERVER = ip('192.168.1.2');
const OWN = ip('10.9.0.1');

interface Place {
  readonly host: NetnsBuilder;
  readonly client: NetnsBuilder;
  readonly cali: Veth;
}

const sysctl = (key: string, value: number) => (p: Place) => p.host.sysctls.set(`net.ipv4.conf.cali1.${key}`, { value, origin });
const withDefault = ({ host }: Place) => addRoute(host, MAIN_TABLE, routeVia(DEFAULT_PREFIX.IPv4, SERVER, 'eth0', origin));
const dev = (builder: NetnsBuilder, to: ReturnType<typeof ip>, device: string) =>
  addRoute(builder, MAIN_TABLE, { prefix: hostPrefix(to), type: 'unicast', metric: 0, nextHops: [onLink(device)], source: null, origin });
const ownAddress = (p: Place) => {
  addAddress(p.host, p.cali, OWN, cidr('10.9.0.0/24'), origin);
  dev(p.client, OWN, 'eth0');
};
const permanent = (lladdr: string) => (p: Place) => {
  p.cali.mac = mac('ee:ee:ee:ee:ee:ee');
  addNeighbour(p.client, { address: GATEWAY, device: 'eth0', state: 'permanent', lladdr: mac(lladdr), origin });
};

function call(to: ReturnType<typeof ip>, ...changes: readonly ((p: Place) => unknown)[]): string {
  const server = newNetns({ name: 'server', node: 'server', role: 'node' }, origin, []);
  const host = newNetns({ name: 'host', node: 'host', role: 'node' }, origin, []);
  const client = newNetns({ name: 'client', node: 'host', role: 'pod' }, origin, []);
  const [cali, clientEnd] = addVethPair({ builder: host, name: 'cali1' }, { builder: client, name: 'eth0' }, 1500, origin);
  const [hostEnd, serverEnd] = addVethPair({ builder: host, name: 'eth0' }, { builder: server, name: 'eth0' }, 1500, origin);
  addAddress(host, hostEnd, HOST, cidr('192.168.1.0/24'), origin);
  addAddress(server, serverEnd, SERVER, cidr('192.168.1.0/24'), origin);
  addAddress(client, clientEnd, CLIENT, hostPrefix(CLIENT), origin);
  dev(client, GATEWAY, 'eth0');
  dev(client, HOST, 'eth0');
  addRoute(client, MAIN_TABLE, routeVia(DEFAULT_PREFIX.IPv4, GATEWAY, 'eth0', origin));
  dev(host, CLIENT, 'cali1');
  addRoute(server, MAIN_TABLE, routeVia(cidr('10.244.1.0/24'), HOST, 'eth0', origin));
  host.sysctls.set('net.ipv4.ip_forward', { value: 1, origin });
  for (const change of changes) change({ host, client, cali });
  const [netns] = [client, host, server].map((b): Netns => finish(b, null)) as [Netns, Netns, Netns];
  const [path] = traceFlow({ netns, process: 'client', source: CLIENT, destination: to, port: 9, protocol: 'tcp', size: null });
  return `${path?.client} ${path?.failure?.code}`;
}

/** Nobody listens anywhere: a refused connection is one that got there. */
const THERE = 'refused NOBODY_LISTENS';
const NO_GATEWAY = 'host-unreachable NEXT_HOP_UNKNOWN';
const NOBODY = 'host-unreachable NEIGHBOUR_UNREACHABLE';
const proxy = sysctl('proxy_arp', 1);

test.each<[string, string]>([
  ['proxy_arp, and no route to the gateway by another device', call(SERVER, proxy)],
  ['no proxy_arp', call(SERVER, withDefault)],
  ['proxy_arp, and no forwarding on the device', call(SERVER, withDefault, proxy, sysctl('forwarding', 0))],
])('%s: no answer', (_, ended) => expect(ended).toBe(NO_GATEWAY));

test("proxy_arp and a default route by another device: the host answers for an address that is nobody's", () =>
  expect(call(SERVER, withDefault, proxy)).toBe(THERE));

const withoutWayBack = ({ host }: Place) =>
  host.routes.set(
    MAIN_TABLE,
    (host.routes.get(MAIN_TABLE) ?? []).filter((r) => r.prefix.address !== CLIENT),
  );
const ofHost = ({ host }: Place) => {
  const addresses = host.netns.devices.get('eth0')?.addresses ?? [];
  addresses.push(...addresses.splice(0).map((a) => ({ ...a, scope: 'host' as const })));
};

test('strict rp_filter on the asked device: a client that there is no way back to by it gets no answer', () => {
  expect(call(SERVER, withDefault, proxy, sysctl('rp_filter', 1), withoutWayBack)).toBe('host-unreachable REVERSE_PATH_FILTER');
});

test.each<[string, string, string]>([
  ['arp_ignore 0, an address of another device', call(HOST), THERE],
  ['arp_ignore 1, an address of another device', call(HOST, sysctl('arp_ignore', 1)), NOBODY],
  ["arp_ignore 1, the device's own address", call(OWN, ownAddress, sysctl('arp_ignore', 1)), THERE],
  ["arp_ignore 2, the device's own address, asked for from another subnet", call(OWN, ownAddress, sysctl('arp_ignore', 2)), NOBODY],
  ['arp_ignore 3, an address of another device', call(HOST, sysctl('arp_ignore', 3)), THERE],
  ['arp_ignore 3, an address of the machine alone', call(HOST, ofHost, sysctl('arp_ignore', 3)), NOBODY],
  ['arp_ignore 4, which means nothing', call(HOST, sysctl('arp_ignore', 4)), THERE],
  ["arp_ignore 8, the device's own address", call(OWN, ownAddress, sysctl('arp_ignore', 8)), NOBODY],
  ['arp_filter, and the way back is by the device', call(HOST, sysctl('arp_filter', 1)), THERE],
  ['arp_filter, and there is no way back by it', call(HOST, sysctl('arp_filter', 1), withoutWayBack), NOBODY],
])('%s', (_, ended, expected) => expect(ended).toBe(expected));

test.each<[string, string, string]>([
  ["the host's own MAC address, no proxy_arp", call(SERVER, withDefault, permanent('ee:ee:ee:ee:ee:ee')), THERE],
  ['a MAC address that nobody has', call(SERVER, withDefault, permanent('ee:ee:ee:ee:ee:00')), 'time-out NEIGHBOUR_UNREACHABLE'],
])('a permanent neighbour: %s', (_, ended, expected) => expect(ended).toBe(expected));
