import type { Netns } from '../datapath/netns.ts';
import { isDeciding, type Sysctls } from '../datapath/sysctl.ts';

/**
 * Shell commands that give every namespace the same ground, whatever the machine's own settings are (a new namespace inherits them): no
 * IPv6 yet, no redirects, no rate limit for ICMP errors.
 */
export const GROUND = `cd /proc/sys/net/ipv4
for conf in conf/all conf/default conf/lo; do
  for name in rp_filter arp_filter arp_ignore arp_announce accept_local accept_redirects send_redirects route_localnet forwarding; do
    echo 0 > "$conf/$name"
  done
done
echo 0 > icmp_ratelimit
if [ -d ../ipv6/conf/all ]; then echo 1 > ../ipv6/conf/all/disable_ipv6; echo 1 > ../ipv6/conf/default/disable_ipv6; fi
if [ -d ../bridge ]; then
  for name in iptables ip6tables arptables; do echo 0 > "../bridge/bridge-nf-call-$name"; done
fi`;

/**
 * The same for a namespace with IPv6 addresses. They are there at once (no duplicate is looked for), and none comes from a router's
 * advertisement.
 */
export const GROUND_IPV6 = `cd /proc/sys/net/ipv6
echo 0 > conf/all/disable_ipv6
for conf in conf/all conf/default conf/lo; do
  for name in accept_dad dad_transmits accept_ra accept_redirects autoconf router_solicitations forwarding keep_addr_on_down; do
    echo 0 > "$conf/$name"
  done
done
echo 0 > icmp/ratelimit`;

const CONF = /^net\.ipv4\.conf\.(.+)\.([a-z_]+)$/;

/** One file of /proc/sys and the value that is written to it. */
interface Write {
  readonly file: string;
  readonly value: number;
  readonly rank: number;
}

/**
 * The sysctls of a namespace, as writes to /proc/sys in an order in which no later one undoes an earlier one: ip_forward sets all
 * devices', so does `all.forwarding`; `default` is meant for devices that are there already. Of those that were `found` on a node, which are all
 * of them, those that a packet's way hangs on: many others are the machine's, and cannot be written, or are for devices that a lab has not.
 */
export function sysctlLines(netns: Netns, found: Sysctls): readonly string[] {
  const wanted = [...netns.sysctls].filter(([name]) => !found.has(name) || (isDeciding(name) && hasDevice(netns, name)));
  const writes = wanted.flatMap(([name, { value }]) => writesOf(name, value, netns));
  return writes.sort((a, b) => a.rank - b.rank).map(({ file, value }) => `echo ${value} > ${file}`);
}

const hasDevice = ({ devices }: Netns, name: string): boolean => {
  const device = CONF.exec(name)?.[1] ?? 'all';
  return device === 'all' || device === 'default' || devices.has(device);
};

function writesOf(name: string, value: number, netns: Netns): readonly Write[] {
  const conf = CONF.exec(name);
  // Off is the ground already; and where the kernel has no bridge netfilter, there is no such file.
  if (name.startsWith('net.bridge.') && value === 0) return [];
  if (conf === null) return [{ file: `/proc/sys/${name.replaceAll('.', '/')}`, value, rank: 0 }];
  const [, device = '', key = ''] = conf;
  const write = (of: string, rank: number): Write => ({ file: `/proc/sys/net/ipv4/conf/${of}/${key}`, value, rank });
  if (device === 'all') return [write('all', 1)];
  if (device !== 'default') return [write(device, 3)];
  return [write('default', 2), ...[...netns.devices.keys()].map((d) => write(d, 2))];
}
