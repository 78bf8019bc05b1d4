declare const address: unique symbol;

/**
 * An IP address. IPv4 today, as an unsigned 32-bit number; everything outside `net/` treats it as opaque (compare with `===`, use as a
 * Map key), so that IPv6 can join here without touching the walk.
 */
export type IpAddress = number & { readonly [address]: true };

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** Four decimal octets without leading zeros, as inet_pton reads them; anything else is null. */
export function parseAddress(text: string): IpAddress | null {
  const octets = IPV4.exec(text);
  if (octets === null) return null;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const octet = Number(octets[i]);
    if (octet > 255) return null;
    value = value * 256 + octet;
  }
  return value as IpAddress;
}

/** The address of a literal in this program's own text; throws on anything else, because that is our fault and nobody's input. */
export function ip(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`not an IPv4 address: ${text}`);
  return parsed;
}

export function formatAddress(a: IpAddress): string {
  return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;
}

export function nextAddress(a: IpAddress): IpAddress {
  return (a + 1) as IpAddress;
}

/** 127.0.0.0/8: never leaves the machine (RFC 1122, 3.2.1.3). */
export function isLoopback(a: IpAddress): boolean {
  return a >>> 24 === 127;
}

/** 224.0.0.0/4 and up, and 0.0.0.0/8: never a unicast source or destination on the wire. */
export function isUnicast(a: IpAddress): boolean {
  return a >>> 24 !== 0 && a >>> 28 < 14;
}

/** 169.254.0.0/16: valid on one link only (RFC 3927). */
export function isLinkLocal(a: IpAddress): boolean {
  return a >>> 16 === 0xa9fe;
}

/** Never routed on the internet: RFC 1918, and the carriers' own 100.64.0.0/10 (RFC 6598). */
export function isPrivate(a: IpAddress): boolean {
  return a >>> 24 === 10 || a >>> 20 === 0xac1 || a >>> 16 === 0xc0a8 || a >>> 22 === 0x191;
}

/** Looks like IPv6, which this version does not trace; used to say so instead of 'not an address'. */
export function looksLikeIpv6(text: string): boolean {
  return /^\[?[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,}(%\w+)?\]?(\/\d+)?$/.test(text);
}
