import { parseAddress } from '../../net/address.ts';
import { maskLength } from '../../net/prefix.ts';
import type { Fields } from './entry.ts';

/**
 * A line of `route -n` in the fields of `ip -j route`: destination, gateway, mask, flags, metric, two counters, device. The flag `!` stands
 * for several types: `unreachable` and `prohibit` look alike, and `blackhole` has the device `*`. `hasMetrics`: false for IPv4 of `netstat
 * -rn`, which has the MSS in that column.
 */
export function columnFields(line: string, isIpv6: boolean, hasMetrics: boolean): Fields | null {
  const words = line.trim().split(/\s+/);
  return isIpv6 ? ipv6Fields(words) : ipv4Fields(words, hasMetrics);
}

function ipv4Fields([address, gateway, mask = '', flags = '', metric, , , device]: readonly string[], hasMetrics: boolean): Fields | null {
  const length = lengthOf(mask);
  if (device === undefined || length === null) return null;
  return {
    dst: `${address}/${length}`,
    ...(hasMetrics ? { metric } : {}),
    ...goingBy(flags, gateway === '0.0.0.0' ? undefined : gateway, device),
  };
}

function ipv6Fields([prefix, gateway, flags = '', metric, , , device]: readonly string[]): Fields | null {
  if (device === undefined || prefix === undefined) return null;
  // The entry that the kernel keeps for the case that there is no route.
  if (metric === '-1') return { dst: prefix, table: 'unspec', flags: [] };
  const local = flags.includes('n') && !flags.includes('!') ? { type: 'local', table: 'local' } : {};
  const multicast = prefix.startsWith('ff') ? { type: 'multicast' } : {};
  return { dst: prefix, metric, ...goingBy(flags, gateway === '::' ? undefined : gateway, device), ...local, ...multicast };
}

function goingBy(flags: string, gateway: string | undefined, device: string): Fields {
  if (device === '*') return { type: 'blackhole', flags: [] };
  if (flags.includes('!')) return { type: 'unreachable or prohibit', flags: [] };
  return { ...(gateway === undefined ? {} : { gateway }), dev: device, flags: [] };
}

/** `255.255.255.0` is 24; null: no mask of IPv4. */
export function lengthOf(text: string): number | null {
  const mask = parseAddress(text);
  return typeof mask === 'number' ? maskLength(mask) : null;
}
