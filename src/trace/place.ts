import type { Netns } from '../datapath/netns.ts';
import type { Place } from '../hop/hop-base.ts';
import type { Packet } from '../net/packet.ts';

/** Where a hop stands that no stage notes: in a program, by no device. */
export const placeAt = ({ node, name, role }: Netns, packet: Packet): Place => ({
  node,
  netns: name,
  role,
  device: null,
  packet,
  outer: null,
  mark: 0,
  changes: [],
});
