import { mayBePair } from '../datapath/found/pair-names.ts';
import type { Device } from '../datapath/netns.ts';

/** Does the pattern match the device's name (`cali+`: its beginning)? Null: the name is not known, and may match. */
export function isNamed(device: Device | null, pattern: string): boolean | null {
  if (device === null) return false;
  if (device.unnamed === undefined) return fits(device.name, pattern);
  if ('usual' in device.unnamed)
    return fits(device.name, pattern) ? true : MAY_BE_NIC.test(pattern) && !isOfAnother(device, pattern) ? null : false;
  const { among } = device.unnamed;
  if (among === null) return isOfAnother(device, pattern) || (device.kind === 'veth' && !mayBePair(pattern)) ? false : null;
  const fitting = among.filter((name) => fits(name, pattern)).length;
  return fitting === 0 ? false : fitting === among.length ? true : null;
}

/** Is the device's name not known? */
export const isUnnamed = (device: Device | null): boolean => device?.unnamed !== undefined && !('usual' in device.unnamed);

/** Names that the kernel, systemd's net_id and administrators give to NICs. */
const MAY_BE_NIC = /^(eth|en|em\d|p\d+p|bond|team|ib|wl)/;

const fits = (name: string, pattern: string): boolean => (pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern);

/** Is it the name of another device? Two devices never have the same name; one that was not recognised may be this device. */
function isOfAnother({ netns }: Device, name: string): boolean {
  const other = netns.devices.get(name);
  return other !== undefined && other.kind !== 'opaque' && !isUnnamed(other);
}
