import { parse, stringify } from 'yaml';
import type { Scenario } from './generate.ts';

/** The same cluster with IPv6 addresses: each of the generator's ranges has one of its own, with the same numbers in it. */
export function inIpv6({ text, faults, flows }: Scenario): Scenario {
  const translated = stringify(translate(parse(text)), { lineWidth: 0, collectionStyle: 'any' });
  return { text: translated, faults, flows: flows.map((f) => ({ ...f, destination: addressesIn(f.destination) })) };
}

function translate(value: unknown): unknown {
  if (typeof value === 'string') return addressesIn(value);
  if (Array.isArray(value)) return value.map(translate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => {
      if (key === 'sysctls') return [key, sysctls(v)];
      return [key, key === 'prefixLength' ? LENGTHS[24] : translate(v)];
    }),
  );
}

/** An address, or a prefix, or an address before a port. */
const ADDRESS = /(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?(:)?/g;

function addressesIn(text: string): string {
  return text.replace(ADDRESS, (_, address: string, length: string | undefined, colon: string | undefined) => {
    const found = addressOf(address);
    if (length !== undefined) return `${found}/${lengthOf(address, Number(length))}`;
    return colon === undefined ? found : `[${found}]:`;
  });
}

const RANGES: readonly (readonly [ipv4: RegExp, ipv6: string])[] = [
  [/^10\.244\.(\d+)\.(\d+)$/, 'fd00:10:244:$1::$2'],
  [/^192\.168\.(\d+)\.(\d+)$/, 'fd00:192:168:$1::$2'],
  [/^10\.10\.(\d+)\.(\d+)$/, 'fd00:10:10:$1::$2'],
  [/^10\.96\.0\.(\d+)$/, 'fd00:10:96::$1'],
  [/^203\.0\.113\.(\d+)$/, '2001:db8:113::$1'],
  [/^198\.51\.100\.(\d+)$/, '2001:db8::$1'],
  [/^127\.0\.0\.[01]$/, '::1'],
];

function addressOf(ipv4: string): string {
  const [pattern, ipv6] = RANGES.find(([p]) => p.test(ipv4)) ?? [];
  if (pattern === undefined || ipv6 === undefined) throw new Error(`no IPv6 range stands for ${ipv4}`);
  return ipv4.replace(pattern, ipv6).replace(/(:0)?::0$/, '::');
}

/** A node's pods, a segment; half of a node's pods; a machine. */
const LENGTHS: Readonly<Record<number, number>> = { 24: 64, 25: 65, 32: 128 };

function lengthOf(ipv4: string, length: number): number {
  if (ipv4 === '10.244.0.0') return 56;
  if (ipv4 === '10.96.0.0') return 112;
  return ipv4 === '127.0.0.0' ? 128 : (LENGTHS[length] ?? 0);
}

/** Those that IPv6 has, by their names there. Nobody looks at the way back to a source, and ::1 is never routed. */
function sysctls(values: unknown): Record<string, unknown> {
  const translated = Object.entries(values ?? {}).flatMap(([name, value]) => {
    if (name === 'net.bridge.bridge-nf-call-iptables') return [['net.bridge.bridge-nf-call-ip6tables', value]];
    return /forward/.test(name) ? [['net.ipv6.conf.all.forwarding', value]] : [];
  });
  return Object.fromEntries(translated);
}
