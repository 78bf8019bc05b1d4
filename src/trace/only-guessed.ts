import type { Device, Netns } from '../datapath/netns.ts';

/** The one device that stands for all of a machine of which only rules are known; null: its devices are known. */
export function onlyGuessed({ unrouted, devices }: Netns): Device | null {
  return unrouted?.devices === null ? ([...devices.values()].find((d) => d.kind === 'nic') ?? null) : null;
}
