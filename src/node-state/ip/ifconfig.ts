import { lengthOf } from './columns.ts';
import type { Fields } from './entry.ts';
import type { Detail } from './link-text.ts';
import type { TextRecord } from './records.ts';

const HEADER = /^(\S+): flags=\d+<([^>]*)>\s+mtu (\d+)/;
const IPV4 = /^inet (\S+)\s+netmask (\S+)(?:\s+(?:broadcast|destination) \S+)?/;
const IPV6 = /^inet6 (\S+)\s+prefixlen (\d+)\s/;
const WITHOUT_EFFECT = /^(RX|TX|loop|unspec|tunnel|device|ppp|infiniband|options)\b/;

/** A device of `ifconfig -a` in the fields of `ip -j addr`. `strange`: the lines that are not understood. */
export function ifconfigFields({ text, details }: TextRecord): {
  readonly fields: Fields;
  readonly addresses: readonly { readonly fields: Fields; readonly detail: Detail }[];
  readonly strange: readonly Detail[];
} {
  const [, name = '', flags = '', mtu] = HEADER.exec(text) ?? [];
  // `eth0:1` is the label of an address, and no device.
  const [device = name] = name.split(':');
  const fields: Record<string, unknown> = { ifname: device, flags: carriers(flags.split(',')), mtu, link_type: 'none' };
  const addresses: { fields: Fields; detail: Detail }[] = [];
  const strange: Detail[] = [];
  for (const detail of details) {
    const line = detail.text.trim();
    const [, mac] = /^ether (\S+)/.exec(line) ?? [];
    const [, ipv4, mask] = IPV4.exec(line) ?? [];
    const [, ipv6, length] = IPV6.exec(line) ?? [];
    const bits = mask === undefined ? null : lengthOf(mask);
    if (mac !== undefined) Object.assign(fields, { link_type: 'ether', address: mac });
    else if (ipv4 !== undefined && bits !== null) addresses.push({ fields: { local: ipv4, prefixlen: bits }, detail });
    else if (ipv6 !== undefined) addresses.push({ fields: { local: ipv6, prefixlen: length }, detail });
    else if (!WITHOUT_EFFECT.test(line)) strange.push(detail);
  }
  return { fields, addresses, strange };
}

/** The flag RUNNING is LOWER_UP in the output of ip. */
const carriers = (flags: readonly string[]) =>
  flags.includes('UP') ? [...flags, flags.includes('RUNNING') ? 'LOWER_UP' : 'NO-CARRIER'] : flags;
