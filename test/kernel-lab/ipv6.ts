import { parse, stringify } from 'yaml';

/** The same topology with IPv6 addresses: each IPv4 address has one of its own, with the same numbers in it. */
export function topologyInIpv6(text: string): string {
  return stringify(translate(parse(text)), { version: '1.1', lineWidth: 0, collectionStyle: 'any' });
}

export function translate(value: unknown): unknown {
  if (typeof value === 'string') return deviceOf(inIpv6(value));
  if (Array.isArray(value)) return value.map(translate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => {
      if (key === 'sysctls') return [key, sysctls(v)];
      return [deviceOf(key), key === 'prefixLength' ? lengthOf(Number(v)) : translate(v)];
    }),
  );
}

/** Tunnels have a device for each family. */
const deviceOf = (name: string) => name.replace(/^flannel\.(?=\d+$)/, 'flannel-v6.').replace(/^vxlan\.calico$/, 'vxlan-v6.calico');

/** An address, a prefix, or an address before a port. */
const ADDRESS = /(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?(:)?/g;

/** The addresses of a text. */
export function inIpv6(text: string): string {
  return text.replace(ADDRESS, (_, a: string, b: string, c: string, d: string, length: string | undefined, colon: string | undefined) => {
    const address = addressOf(a, b, c, d);
    if (length !== undefined) return a === '127' ? `${address}/128` : `${address}/${lengthOf(Number(length))}`;
    return colon === undefined ? address : `[${address}]:`;
  });
}

/** Public ones are of the range for documentation, the machine `internet` has its usual one there. */
function addressOf(a: string, b: string, c: string, d: string): string {
  if (a === '127') return '::1';
  if (a === '0') return '::';
  const isPublic = ['198', '203'].includes(a);
  const groups = isPublic ? ['2001', 'db8', a === '198' ? '0' : c] : ['fd00', a, b, c];
  return `${groups.join(':')}::${d}`.replace(/(:0)*::0$/, '::').replace(/(:0)+::/, '::');
}

/** A node's pods or a segment are a /64; parts of them and single machines are longer, what holds them is shorter; services have a /112. */
function lengthOf(length: number): number {
  if (length === 0) return 0;
  if (length === 12) return 112;
  if (length === 32) return 128;
  return length >= 24 ? 40 + length : 32 + length;
}

/** Those that IPv6 has, by their names there. Nobody looks at the way back to a source, and ::1 is never routed. */
function sysctls(values: unknown): Record<string, unknown> {
  const translated = Object.entries(values ?? {}).flatMap(([name, value]) => {
    if (name === 'net.bridge.bridge-nf-call-iptables') return [['net.bridge.bridge-nf-call-ip6tables', value]];
    return /forward/.test(name) ? [['net.ipv6.conf.all.forwarding', value]] : [];
  });
  return Object.fromEntries(translated);
}
