import type { Bridge, Device, Netns, Unnamed, Veth } from '../netns.ts';
import type { Unrouted } from '../unrouted.ts';
import type { Recognised } from './names.ts';

/**
 * Marks found devices that are no known compiled one, and compiled devices that were not found by name: some of them are the same, and it
 * is not known which.
 */
export function markStrangers(netns: Netns, { found: { unrouted }, seen, names, madeUp }: Omit<Recognised, 'all'>): void {
  const found = new Set(names.values());
  const devices = [...netns.devices.values()];
  const unnamed = devices.filter((d): d is Veth => d.kind === 'veth' && !found.has(d.name));
  const mayBePairs = devices.flatMap((d) => (d.kind === 'opaque' && (d.type === null || d.type === 'veth') ? [d.name] : []));
  const told: Unnamed = { among: seen.links === null || mayBePairs.length === 0 ? null : mayBePairs };
  for (const veth of unnamed) if (madeUp.has(veth.name.replace(COMPILED, ''))) veth.unnamed = told;
  if (unrouted !== undefined) markWay(devices, unrouted);
  const nics = devices.filter((d) => unrouted === undefined && d.kind === 'nic' && !found.has(d.name) && !seen.names.has(d.name));
  for (const nic of nics)
    nic.unnamed = seen.names.size === 0 ? { usual: 'nic' } : { among: seen.links === null ? null : othersOf(devices) };
  for (const bridge of devices.filter((d): d is Bridge => d.kind === 'bridge')) {
    const ports = mayBePairs.filter((name) => seen.links?.get(name)?.master === bridge.name);
    if (ports.length > unnamed.filter((v) => v.master === bridge).length) bridge.strangers = ports;
  }
}

/** The NIC stands for the device that packets come and go by; where there is only one, it is that. */
function markWay(devices: readonly Device[], { devices: among }: Unrouted): void {
  for (const nic of devices.filter((d) => d.kind === 'nic')) if (among === null || among.length > 1) nic.unnamed = { among };
}

/** Found devices without a kind, which may be NICs; null: there are none. */
function othersOf(devices: readonly Device[]): readonly string[] | null {
  const names = devices.flatMap((d) => (d.kind === 'opaque' && d.type === null ? [d.name] : []));
  return names.length === 0 ? null : names;
}

/** Behind a name that another device was found with. */
const COMPILED = / \(compiled\)$/;
