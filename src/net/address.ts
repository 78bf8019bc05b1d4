declare const address: unique symbol;

/**
 * An IP address: IPv4 as an unsigned 32-bit number, IPv6 as a 128-bit bigint. Everything outside `net/` treats it as opaque: compare with
 * `===`, use as a Map key; two addresses of different families are never equal.
 */
export type IpAddress = Ipv4Address | Ipv6Address;
export type Ipv4Address = number & { readonly [address]: true };
export type Ipv6Address = bigint & { readonly [address]: true };

/** As `ipFamilies` of a Service has it. */
export type IpFamily = 'IPv4' | 'IPv6';
export const FAMILIES = ['IPv4', 'IPv6'] as const satisfies readonly IpFamily[];

export const familyOf = (a: IpAddress): IpFamily => (typeof a === 'number' ? 'IPv4' : 'IPv6');

/** The first address of a list that is of a family; null: none is. */
export const inFamily = (addresses: readonly IpAddress[], family: IpFamily): IpAddress | null =>
  addresses.find((a) => familyOf(a) === family) ?? null;

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** As inet_pton reads it: four decimal octets without leading zeros, or IPv6 without a zone; anything else is null. */
export function parseAddress(text: string): IpAddress | null {
  return (text.includes(':') ? parseIpv6(text) : parseIpv4(text)) as IpAddress | null;
}

function parseIpv4(text: string): number | null {
  const octets = IPV4.exec(text);
  if (octets === null) return null;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const octet = Number(octets[i]);
    if (octet > 255) return null;
    value = value * 256 + octet;
  }
  return value;
}

const GROUPS = 8;

/** Eight groups of up to four hexadecimal digits; `::` stands once for one or more groups of zeros; the last two may be an IPv4 address. */
function parseIpv6(text: string): bigint | null {
  const [left = '', right, ...rest] = text.split('::');
  if (rest.length > 0) return null;
  const head = groupsOf(left, right === undefined);
  const tail = right === undefined ? [] : groupsOf(right, true);
  if (head === null || tail === null) return null;
  const missing = GROUPS - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  let value = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group);
  return value;
}

function groupsOf(text: string, isEnd: boolean): readonly number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const words = text.split(':');
  for (const [i, word] of words.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16));
    else {
      const embedded = isEnd && i === words.length - 1 ? parseIpv4(word) : null;
      if (embedded === null) return null;
      groups.push(embedded >>> 16, embedded & 0xffff);
    }
  }
  return groups;
}

/** The address of a literal in this program's own text; throws on anything else, which is a fault of this program and not of an input. */
export function ip(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
}

/** Dotted, or as RFC 5952 and inet_ntop write IPv6: lower case, the longest run of zero groups (the first of equals) as `::`. */
export function formatAddress(a: IpAddress): string {
  if (typeof a === 'number') return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;
  const groups = a.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
  const words = groups.map((g) => g.replace(/^0{1,3}/, ''));
  const run = longestRunOfZeros(words);
  if (run.length < 2) return words.join(':');
  return `${words.slice(0, run.start).join(':')}::${words.slice(run.start + run.length).join(':')}`;
}

function longestRunOfZeros(words: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** `10.0.0.1:80`, `[fd00::1]:80`: as Kubernetes, URLs and iptables join an address and a port. */
export function formatEndpoint(a: IpAddress, port: number | string): string {
  return `${bracketed(a)}:${port}`;
}

/** The same of what is text already: only an address of IPv6 has a colon in it, and no name has. */
export const withPort = (host: string, port: number | string): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** `10.0.0.1`, `[fd00::1]`: an address where a colon may follow. */
export const bracketed = (a: IpAddress): string => (typeof a === 'number' ? formatAddress(a) : `[${formatAddress(a)}]`);

export function nextAddress(a: IpAddress): IpAddress {
  return (typeof a === 'number' ? a + 1 : a + 1n) as IpAddress;
}

/** 127.0.0.0/8 and ::1: never leave the machine (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). */
export function isLoopback(a: IpAddress): boolean {
  return typeof a === 'number' ? a >>> 24 === 127 : a === 1n;
}

export const LOOPBACK: Readonly<Record<IpFamily, IpAddress>> = { IPv4: ip('127.0.0.1'), IPv6: ip('::1') };

/** The address of a socket that listens on all addresses. */
export const UNSPECIFIED: Readonly<Record<IpFamily, IpAddress>> = { IPv4: ip('0.0.0.0'), IPv6: ip('::') };

/** Not multicast, and not `::`, 0.0.0.0/8 or what is beyond 224.0.0.0/4: those are no source or destination of a unicast packet. */
export function isUnicast(a: IpAddress): boolean {
  return typeof a === 'number' ? a >>> 24 !== 0 && a >>> 28 < 14 : a !== 0n && a >> 120n !== 0xffn;
}

/** The group that neighbour discovery asks for an address of IPv6: ff02::1:ff00:0/104 (RFC 4291, 2.7.1). */
export const solicitedNode = (a: IpAddress): IpAddress => ((0xff02n << 112n) | 0x1ff000000n | (BigInt(a) & 0xffffffn)) as IpAddress;

/** 169.254.0.0/16 and fe80::/10: valid on one link only (RFC 3927; RFC 4291, 2.5.6). */
export function isLinkLocal(a: IpAddress): boolean {
  return typeof a === 'number' ? a >>> 16 === 0xa9fe : a >> 118n === 0x3fan;
}

/** Never routed on the internet: RFC 1918, the carriers' own 100.64.0.0/10 (RFC 6598), and fc00::/7 (RFC 4193). */
export function isPrivate(a: IpAddress): boolean {
  if (typeof a === 'bigint') return a >> 121n === 0x7en;
  return a >>> 24 === 10 || a >>> 20 === 0xac1 || a >>> 16 === 0xc0a8 || a >>> 22 === 0x191;
}

/** The IPv4 address that one of ::ffff:0:0/96 stands for, which is never on the wire; null: it is none of those. */
export const unmapped = (a: IpAddress): IpAddress | null =>
  typeof a === 'bigint' && a >> 32n === 0xffffn ? (Number(a & 0xffffffffn) as IpAddress) : null;
