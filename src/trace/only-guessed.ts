import type { Device, Netns } from '../datapath/netns.ts';

/** The one device that stands for all of a machine of which only rules are known; null: its devices are known. */
export function onlyGuessed({ strangers, devices }: Netns): Device | null {
  if (strangers !== true) return null;
  const nic = [...devices.values()].find((d) => d.kind === 'nic');
  return nic?.unnamed !== undefined && 'usual' in nic.unnamed ? nic : null;
}
