import type { Device } from '../datapath/netns.ts';

/** Is the device one of these (`cali+`: whose names begin so)? Null: nothing tells its name, and it may have one that fits. */
export function isNamed(device: Device | null, pattern: string): boolean | null {
  if (device === null) return false;
  const among = device.unnamed?.among;
  if (among === undefined) return fits(device.name, pattern);
  if (among === null) return isOfAnother(device, pattern) ? false : null;
  const fitting = among.filter((name) => fits(name, pattern)).length;
  return fitting === 0 ? false : fitting === among.length ? true : null;
}

/** Does nothing tell the device's name? */
export const isUnnamed = (device: Device | null): boolean => device?.unnamed !== undefined;

const fits = (name: string, pattern: string): boolean => (pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern);

/** No two devices have one name. Of one that nobody recognised, nothing tells whether it is this one. */
function isOfAnother({ netns }: Device, name: string): boolean {
  const other = netns.devices.get(name);
  return other !== undefined && other.kind !== 'opaque' && !isUnnamed(other);
}
