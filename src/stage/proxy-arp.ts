import { lookUp } from '../datapath/fib.ts';
import type { Device } from '../datapath/netns.ts';
import { forwarding, proxyArp } from '../datapath/sysctl.ts';
import { familyOf, type IpAddress } from '../net/address.ts';

/**
 * The device behind a veth that answers ARP in place of whoever has the address. With proxy_arp it does where it forwards, and only when its
 * machine's way there leaves by another device: without a default route nobody answers for 169.254.1.1. Null: it does not.
 * Source: arp_process and arp_fwd_proxy, net/ipv4/arp.c.
 */
export function proxyBehind(from: Device, address: IpAddress, sender: IpAddress | null): Device | null {
  const asked = behind(from);
  if (asked === null || familyOf(address) === 'IPv6') return null;
  const { name, netns } = asked;
  if (proxyArp(netns.sysctls, name).value === 0 || forwarding(netns.sysctls, name).value === 0) return null;
  const found = lookUp(netns, { destination: address, source: sender, iif: name, mark: 0 });
  return found.route !== null && found.route.type === 'unicast' && found.nextHops[0]?.device !== name ? asked : null;
}

/** A frame that goes in at a veth is heard by its peer, or by the bridge that this is a port of. */
export const behind = (from: Device): Device | null => (from.kind === 'veth' ? (from.peer?.master ?? from.peer) : null);
