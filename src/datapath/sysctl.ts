import type { IpFamily } from '../net/address.ts';
import type { Origin } from '../source/origin.ts';

export interface Sysctl {
  readonly value: number;
  readonly origin: Origin;
}

/** A setting with its full name: the one that decides among several. */
export interface NamedSysctl extends Sysctl {
  readonly name: string;
}

/** Sysctls by their full name, as in `net.ipv4.ip_forward`. */
export type Sysctls = ReadonlyMap<string, Sysctl>;

/** The settings for a family as a whole. */
export const FORWARDING: Readonly<Record<IpFamily, string>> = { IPv4: 'net.ipv4.ip_forward', IPv6: 'net.ipv6.conf.all.forwarding' };
export const BRIDGE_NF_CALL: Readonly<Record<IpFamily, string>> = {
  IPv4: 'net.bridge.bridge-nf-call-iptables',
  IPv6: 'net.bridge.bridge-nf-call-ip6tables',
};

const DECIDING =
  /^net\.(?:ipv4\.(?:ip_forward|icmp_echo_ignore_all|icmp_errors_use_inbound_ifaddr|fwmark_reflect|tcp_fwmark_accept|conf\..+\.(?:forwarding|rp_filter|route_localnet|proxy_arp|src_valid_mark|arp_ignore|arp_announce|arp_filter|accept_local))|ipv6\.(?:conf\.all\.forwarding|fwmark_reflect|icmp\.echo_ignore_all)|bridge\.bridge-nf-call-ip6?tables)$/;

/** Does anything that becomes of a packet here hang on it? */
export const isDeciding = (name: string): boolean => DECIDING.test(name);

const OFF: Sysctl = { value: 0, origin: { evidence: 'inferred', locus: null } };

const nameOf = (device: string, key: string): string => `net.ipv4.conf.${device}.${key}`;

const perDevice = (sysctls: Sysctls, device: string, key: string): Sysctl | undefined =>
  sysctls.get(nameOf(device, key)) ?? sysctls.get(nameOf('default', key));

/** Per-device forwarding; writing ip_forward sets it for all devices, so that is what an unstated one has. */
export const forwarding = resolved((sysctls, device): NamedSysctl => {
  const own = named(sysctls, nameOf(device, 'forwarding')) ?? named(sysctls, nameOf('default', 'forwarding'));
  return own ?? named(sysctls, nameOf('all', 'forwarding')) ?? named(sysctls, FORWARDING.IPv4) ?? { name: FORWARDING.IPv4, ...OFF };
});

function named(sysctls: Sysctls, name: string): NamedSysctl | undefined {
  const found = sysctls.get(name);
  return found === undefined ? undefined : { name, ...found };
}

/** The greater of `all` and the device counts: 0 off, 1 strict, 2 loose. Source: IN_DEV_RPFILTER, include/linux/inetdevice.h. */
export const rpFilter = greater('rp_filter');

/** May 127.0.0.0/8 be routed by this device? `all` or the device. */
export const routeLocalnet = greater('route_localnet');

/** May a packet with one of the machine's own addresses for a source come in by this device? `all` or the device. */
export const acceptLocal = greater('accept_local');

/** Does the device answer ARP for addresses that it knows another way to? `all` or the device. */
export const proxyArp = greater('proxy_arp');

/** Does rp_filter look up the way back with the packet's mark? `all` or the device. Source: fib_validate_source, net/ipv4/fib_frontend.c. */
export const srcValidMark = greater('src_valid_mark');

/** Does a device answer ARP only to those that it is the way back to? `all` or the device. */
export const arpFilter = greater('arp_filter');

/** Are pings left without an answer? */
export const ignoresPings = (sysctls: Sysctls, family: IpFamily): NamedSysctl | null => {
  const found = named(sysctls, family === 'IPv4' ? 'net.ipv4.icmp_echo_ignore_all' : 'net.ipv6.icmp.echo_ignore_all');
  return found === undefined || found.value === 0 ? null : found;
};

/** Is an ICMP error about what is routed on sent by the address of the device that it came in by? IPv4 only. */
export const usesInboundAddress = (sysctls: Sysctls): boolean => isOn(sysctls, 'net.ipv4.icmp_errors_use_inbound_ifaddr');

/** Does what the kernel answers by itself have the mark of what it answers? */
export const reflectsMark = (sysctls: Sysctls, family: IpFamily): boolean => isOn(sysctls, `net.${family.toLowerCase()}.fwmark_reflect`);

/** Does what a socket that listens answers, and so the connection, have the mark of what opens it? Of both families. */
export const acceptsMark = (sysctls: Sysctls): boolean => isOn(sysctls, 'net.ipv4.tcp_fwmark_accept');

const isOn = (sysctls: Sysctls, name: string): boolean => (sysctls.get(name)?.value ?? 0) !== 0;

/**
 * Selects the addresses of its machine for which a device answers ARP: 0 all, 1 its own, 2 its own for senders of their subnet, 3 all but
 * those of scope host, 8 none; the greater of `all` and the device counts. Source: arp_ignore, net/ipv4/arp.c.
 */
export const arpIgnore = greater('arp_ignore');

/** Selects the source of a device's ARP requests: 0 any address, 1 one of the target's subnet if there is one, 2 the best of its own. */
export const arpAnnounce = greater('arp_announce');

const BESIDE_ALL =
  /^net\.ipv4\.conf\.(?!all\.|default\.)(.+)\.(rp_filter|route_localnet|proxy_arp|src_valid_mark|arp_ignore|arp_announce|arp_filter|accept_local)$/;

/** Settings of a device that are less than that of `all`: they have no effect, because the greater one counts. */
export function belowAll(sysctls: Sysctls): readonly (NamedSysctl & { readonly all: NamedSysctl })[] {
  return [...sysctls].flatMap(([name, own]) => {
    const key = BESIDE_ALL.exec(name)?.[2];
    const all = key === undefined ? undefined : named(sysctls, nameOf('all', key));
    return all === undefined || own.value >= all.value ? [] : [{ name, ...own, all }];
  });
}

export function bridgeNfCall(sysctls: Sysctls, family: IpFamily): Sysctl {
  return sysctls.get(BRIDGE_NF_CALL[family]) ?? OFF;
}

/** IPv6 forwards for all devices or for none. Source: ip6_forward, net/ipv6/ip6_output.c. */
export function forwarding6(sysctls: Sysctls): NamedSysctl {
  return named(sysctls, FORWARDING.IPv6) ?? { name: FORWARDING.IPv6, ...OFF };
}

/** The setting of `all` or of the device, whichever is greater. */
function greater(key: string): (sysctls: Sysctls, device: string) => Sysctl {
  return resolved((sysctls, device) => {
    const all = sysctls.get(nameOf('all', key)) ?? OFF;
    const own = perDevice(sysctls, device, key) ?? OFF;
    return own.value >= all.value && own !== OFF ? own : all;
  });
}

/** A setting of a device, looked up once: it is asked for at every hop, and a machine's settings do not change. */
function resolved<T>(find: (sysctls: Sysctls, device: string) => T): (sysctls: Sysctls, device: string) => T {
  const known = new WeakMap<Sysctls, Map<string, T>>();
  return (sysctls, device) => {
    const found = known.get(sysctls)?.get(device);
    if (found !== undefined) return found;
    const made = find(sysctls, device);
    known.set(sysctls, (known.get(sysctls) ?? new Map<string, T>()).set(device, made));
    return made;
  };
}
