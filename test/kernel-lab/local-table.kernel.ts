import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAddress, addAddressWithoutLink } from '../../src/datapath/add-address.ts';
import { addBridge, finish, newNetns } from '../../src/datapath/build.ts';
import { LOCAL_TABLE, MAIN_TABLE, routesOf } from '../../src/datapath/fib.ts';
import type { Netns } from '../../src/datapath/netns.ts';
import { isAlive, type Route } from '../../src/datapath/route.ts';
import { FORWARDING } from '../../src/datapath/sysctl.ts';
import { inside, type Lab, startLab } from '../../src/lab/holder.ts';
import { FAMILIES, familyOf, formatAddress, type IpFamily } from '../../src/net/address.ts';
import { formatDestination, isHostPrefix, parseCidr, prefixOf } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { machine, whyNot } from './machine.ts';

/** Addresses as they are given to `ip address add`, in their order, and what else the kernel looks at. */
interface Configuration {
  readonly name: string;
  readonly addresses: readonly string[];
  /** Does it forward IPv6? */
  readonly forwards?: boolean;
  readonly down?: readonly string[];
}

const DEVICES = ['eth0', 'eth1'];

/** What the kernel makes of each is its own business: both tables are read from it. */
const CONFIGURATIONS: readonly Configuration[] = [
  { name: 'none', addresses: [] },
  { name: 'one address', addresses: ['10.1.0.1/24 dev eth0'] },
  {
    name: 'several of one prefix',
    addresses: ['10.1.0.9/24 dev eth0', '10.1.0.1/24 dev eth0', '10.1.0.5/25 dev eth0', '10.1.0.6/25 dev eth0'],
  },
  { name: 'one prefix on two devices', addresses: ['10.1.0.1/24 dev eth0', '10.1.0.2/24 dev eth1', '10.1.0.3/24 dev eth1'] },
  {
    name: 'the smallest prefixes',
    addresses: ['10.1.0.1/32 dev eth0', '10.1.0.2/31 dev eth0', '10.1.0.5/30 dev eth0', '10.1.0.9/29 dev eth1'],
  },
  { name: 'the ends of a prefix', addresses: ['10.1.0.0/24 dev eth0', '10.2.0.255/24 dev eth0'] },
  { name: 'prefixes on lo', addresses: ['10.1.0.1/24 dev lo', '10.1.0.7/24 dev lo', '10.2.0.1/32 dev lo', '127.1.0.1/16 dev lo'] },
  { name: 'noprefixroute', addresses: ['10.1.0.1/24 dev eth0 noprefixroute', '10.1.0.2/24 dev eth0', '10.2.0.1/24 dev lo noprefixroute'] },
  { name: 'a device that is down', addresses: ['10.1.0.1/24 dev eth0', '10.2.0.1/24 dev eth1', '10.3.0.1/24 dev lo'], down: ['eth0'] },
  {
    name: 'lo down',
    addresses: ['10.1.0.1/24 dev eth0', '10.3.0.1/24 dev lo', 'fd00:1::1/64 dev eth0', 'fd00:2::1/64 dev lo'],
    down: ['lo'],
  },
  { name: 'IPv6', addresses: ['fd00:1::1/64 dev eth0', 'fd00:1::2/64 dev eth0', 'fd00:1::3/64 dev eth1'] },
  {
    name: 'IPv6 that is forwarded',
    addresses: ['fd00:1::1/64 dev eth0', 'fd00:1::2/64 dev eth0', 'fd00:1::3/64 dev eth1'],
    forwards: true,
  },
  {
    name: 'the smallest prefixes of IPv6',
    addresses: ['fd00:1::1/128 dev eth0', 'fd00:2::1/127 dev eth0', 'fd00:3::5/126 dev eth0', 'fd00:4::1/125 dev eth1'],
    forwards: true,
  },
  { name: 'the first address of an IPv6 prefix', addresses: ['fd00:1::/64 dev eth0', 'fd00:2::/127 dev eth0'], forwards: true },
  { name: 'IPv6 prefixes on lo', addresses: ['fd00:1::1/64 dev lo', 'fd00:2::1/128 dev lo'], forwards: true },
  {
    name: 'noprefixroute of IPv6',
    addresses: ['fd00:1::1/64 dev eth0 noprefixroute', 'fd00:2::1/0 dev eth0 noprefixroute'],
    forwards: true,
  },
  {
    name: 'both families, and a device that is down',
    addresses: ['10.1.0.1/24 dev eth0', 'fd00:1::1/64 dev eth0', '10.2.0.1/24 dev eth1', 'fd00:2::1/64 dev eth1'],
    forwards: true,
    down: ['eth1'],
  },
];

/** As `ip` writes what the kernel has, of each family's own. */
const routeText = ({ type, prefix, nextHops, source }: Route): string =>
  `${type} ${isHostPrefix(prefix) ? formatAddress(prefix.address) : formatDestination(prefix)} dev ${nextHops[0]?.device}${source === null || familyOf(source) === 'IPv6' ? '' : ` src ${formatAddress(source)}`}`;

function compiled({ addresses, forwards = false, down = [] }: Configuration): Netns {
  const origin = inferred(null);
  const builder = newNetns({ name: 'x', node: 'x', role: 'node' }, origin, [], FAMILIES);
  for (const name of DEVICES) addBridge(builder, name, 1500, origin);
  builder.sysctls.set(FORWARDING.IPv6, { value: forwards ? 1 : 0, origin });
  for (const text of addresses) {
    const [cidr = '', , dev = '', flag] = text.split(' ');
    const [parsed, device] = [parseCidr(cidr), builder.netns.devices.get(dev)];
    if (parsed === null || device === undefined) throw new Error(text);
    const add = flag === 'noprefixroute' ? addAddressWithoutLink : addAddress;
    add(builder, device, parsed.address, prefixOf(parsed.address, parsed.length), origin);
  }
  for (const name of down) {
    const device = builder.netns.devices.get(name);
    if (device !== undefined) device.down = origin;
  }
  return finish(builder, null);
}

function routesIn(netns: Netns, table: number, family: IpFamily): readonly string[] {
  const fib = netns.tables.get(table);
  const all = fib === undefined ? [] : [...routesOf(fib)];
  return all.filter((r) => familyOf(r.prefix.address) === family && isAlive(r, netns.devices)).map(routeText);
}

/** Devices are veth pairs, whose other ends are up, too. IPv6 has no link-local addresses here, as the model has none. */
const script = ({ addresses, forwards = false, down = [] }: Configuration, i: number): string =>
  [
    'set -eu',
    `ip netns add n${i}`,
    `exec nsenter --net=/run/netns/n${i} sh -eu <<'END'`,
    'cd /proc/sys/net/ipv6/conf',
    'echo 0 > all/disable_ipv6; echo 0 > default/disable_ipv6; echo 1 > default/addr_gen_mode',
    ...DEVICES.map((d) => `ip link add ${d} type veth peer name ${d}-peer; ip link set ${d}-peer up`),
    ...['lo', ...DEVICES].map((d) => `ip link set ${d} up`),
    `echo ${forwards ? 1 : 0} > all/forwarding`,
    ...addresses.map((a) => `ip address add ${a}${a.includes(':') ? ' nodad' : ''}`),
    ...down.map((d) => `ip link set ${d} down`),
    'END',
  ].join('\n');

const IP_TABLES = { local: LOCAL_TABLE, main: MAIN_TABLE } as const;

/** Of the kernel's own; multicast is not traced, and what only repeats a local address of IPv6 in the main table is never asked. */
function kernelRoutes(json: string, table: keyof typeof IP_TABLES): readonly string[] {
  const rows: readonly { type?: string; dst: string; dev: string; prefsrc?: string }[] = JSON.parse(json || '[]');
  return rows.flatMap(({ type = 'unicast', dst, dev, prefsrc }) => {
    const parsed = parseCidr(dst.includes('/') ? dst : `${dst}/${dst.includes(':') ? 128 : 32}`);
    const repeats = table === 'main' && parsed !== null && familyOf(parsed.address) === 'IPv6' && isHostPrefix(parsed);
    return type === 'multicast' || repeats ? [] : [`${type} ${dst} dev ${dev}${prefsrc === undefined ? '' : ` src ${prefsrc}`}`];
  });
}

describe.skipIf(whyNot !== null)(`tables as the kernel fills them${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  let lab: Lab;
  let end = async () => {};
  const run = async (command: readonly string[], input = '') => {
    const ran = await machine.run(inside(lab, command), input);
    return ran.status === 0 ? ran.stdout : Promise.reject(new Error(ran.stderr));
  };
  beforeAll(async () => {
    const started = await startLab(machine, 'local-table');
    lab = started.lab;
    end = () => started.holder.close();
    for (const [i, configuration] of CONFIGURATIONS.entries()) await run(['sh', '-s'], script(configuration, i));
  });
  afterAll(() => end());

  it.each(CONFIGURATIONS.map((c, i) => [c.name, c, i] as const))('%s', async (_name, configuration, i) => {
    const netns = compiled(configuration);
    for (const family of FAMILIES)
      for (const table of ['local', 'main'] as const) {
        const json = await run(['ip', '-n', `n${i}`, family === 'IPv4' ? '-4' : '-6', '-j', 'route', 'show', 'table', table]);
        const kernel = kernelRoutes(json, table);
        expect([...routesIn(netns, IP_TABLES[table], family)].sort(), `${family} ${table}`).toEqual([...kernel].sort());
      }
  });
});
