import type { Network } from '../../src/index.ts';
import { machineOf } from './machine.ts';

/** A machine on three networks: 192.168.50.11 on eth0, by which its default route is, 10.9.0.1 on eth1, 172.20.0.1 on eth2. */

export const OWN = '192.168.50.11';

interface Differences {
  /** A device whose other end is not there. */
  readonly noCarrier?: string;
  /** Lines that `ip addr` has beside the devices. */
  readonly addresses?: string;
  /** Routes in place of the default route, and in other tables. */
  readonly routes?: string;
  /** Routing rules beside the usual ones. */
  readonly rules?: string;
  /** By their names without `net.ipv4.`. */
  readonly sysctls?: Readonly<Record<string, number>>;
  /** What further commands print, by their names. */
  readonly more?: Readonly<Record<string, string>>;
}

const device = (index: number, name: string, address: string) =>
  `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff link-netnsid 0
    veth numtxqueues 1 numrxqueues 1
    inet ${address} scope global ${name}
       valid_lft forever preferred_lft forever
`;

export const DEVICES = [
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    inet 127.0.0.1/8 scope host lo\n',
  device(2, 'eth0', '192.168.50.11/24'),
  device(3, 'eth1', '10.9.0.1/24'),
  device(4, 'eth2', '172.20.0.1/24'),
] as const;

const withoutCarrier = (text: string) =>
  text.replace('<BROADCAST,MULTICAST,UP,LOWER_UP>', '<NO-CARRIER,BROADCAST,MULTICAST,UP>').replace('state UP', 'state LOWERLAYERDOWN');

const LINKS = `10.9.0.0/24 dev eth1 proto kernel scope link src 10.9.0.1
172.20.0.0/24 dev eth2 proto kernel scope link src 172.20.0.1
192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11
`;
const SYSCTLS = {
  ip_forward: 1,
  ...Object.fromEntries(
    ['all', 'eth0', 'eth1', 'eth2'].flatMap((d) => ['rp_filter', 'route_localnet', 'accept_local'].map((key) => [`conf.${d}.${key}`, 0])),
  ),
};

export function router({
  addresses = '',
  noCarrier = '',
  routes = 'default via 192.168.50.1 dev eth0\n',
  rules = '',
  sysctls = {},
  more = {},
}: Differences): Network {
  const settings = Object.entries({ ...SYSCTLS, ...sysctls }).map(([name, value]) => `net.ipv4.${name} = ${value}\n`);
  return machineOf({
    'ip--d-address': `${DEVICES.map((d) => (d.includes(`: ${noCarrier}:`) ? withoutCarrier(d) : d)).join('')}${addresses}`,
    'ip--4-route-show-table-all': `${routes}${LINKS}`,
    'ip--6-route-show-table-all': '# ip -6 route show table all: no output\n',
    'ip-rule': `0:\tfrom all lookup local\n${rules}32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n`,
    sysctl: settings.join(''),
    'nft-list-ruleset': '# nft list ruleset: no output\n',
    ...more,
  });
}

/** `-A` lines of tables, as iptables-save prints them. */
export function saved(tables: Readonly<Record<string, readonly string[]>>): string {
  const chains: Readonly<Record<string, readonly string[]>> = {
    mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  };
  return Object.entries(tables)
    .map(([table, lines]) => {
      const policies = lines.flatMap((l) => (/^-P (\S+) (\S+)$/.exec(l) ?? []).slice(1, 3).join(' ') || []);
      const declared = (chains[table] ?? []).map((c) => `:${policies.find((p) => p.startsWith(`${c} `)) ?? `${c} ACCEPT`} [0:0]`);
      return [`*${table}`, ...declared, ...lines.filter((l) => !l.startsWith('-P')), 'COMMIT', ''].join('\n');
    })
    .join('');
}
