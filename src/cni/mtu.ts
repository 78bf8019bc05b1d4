import type { Setting } from '../k8s/cni.ts';
import type { IpFamily } from '../net/address.ts';

/** The outer headers of VXLAN, in bytes: Ethernet of the inner frame, VXLAN, UDP, and IP. */
export const VXLAN_OVERHEAD: Readonly<Record<IpFamily, number>> = { IPv4: 50, IPv6: 70 };

/** Of the tunnel's device in each family: as it is stated, else what a packet in the tunnel may have. */
export const vxlanMtu = ({ nicMtu }: Setting, stated?: number): Readonly<Record<IpFamily, number>> => ({
  IPv4: stated ?? nicMtu - VXLAN_OVERHEAD.IPv4,
  IPv6: stated ?? nicMtu - VXLAN_OVERHEAD.IPv6,
});

/** What the NICs of a node leave for a packet in a tunnel of this overhead; with both families, in the larger one of theirs. */
export const withinNic = ({ nicMtu, families }: Setting, overhead: Readonly<Record<IpFamily, number>> = NO_TUNNEL): number =>
  nicMtu - Math.max(...families.map((f) => overhead[f]));

const NO_TUNNEL = { IPv4: 0, IPv6: 0 };
