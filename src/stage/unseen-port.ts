import type { Device, Opaque, Veth } from '../datapath/netns.ts';
import { contains } from '../net/prefix.ts';
import { isLocalAddress, typeOn } from './address-type.ts';
import type { Skb } from './skb.ts';

/** Bridges of a single machine: it is not known which neighbours are behind which port. */

/** The bridge that the device is or is a port of, where frames are not followed; null: it is neither. */
export function unseenBridge(device: Device): Device | null {
  if (device.netns.strangers !== true) return null;
  if (device.kind === 'bridge' || isMaster(device)) return device;
  if (device.kind !== 'opaque') return null;
  return device.type === 'bridge' ? device : device.master === undefined ? null : (device.netns.devices.get(device.master) ?? null);
}

/** Is something a port of it? */
export function isMaster(device: Device): boolean {
  for (const d of device.netns.devices.values()) if (masterOf(d) === device) return true;
  return false;
}

function masterOf(device: Device): Device | null {
  if (device.kind === 'veth') return device.master;
  return device.kind === 'opaque' && device.master !== undefined ? (device.netns.devices.get(device.master) ?? null) : null;
}

/**
 * Is it between two that are on the bridge's link, as far as its own addresses tell? The one asks the other for its MAC address then, and the bridge
 * switches the frame.
 */
export function isAcross(skb: Skb, bridge: Device): boolean {
  const { netns, frameTo, packet } = skb;
  if (netns.strangers !== true || frameTo !== null || skb.inner !== null) return false;
  const { source, destination } = packet;
  if (isLocalAddress(netns, source) || typeOn(skb, destination, undefined) !== 'UNICAST') return false;
  return bridge.addresses.some(({ prefix }) => contains(prefix, source) && contains(prefix, destination));
}

/** An unknown port of the bridge, any but `except`. */
export function somePort(bridge: Device, except: Device | null): Opaque {
  const { netns, name, mtu, origin } = bridge;
  const ports = portsOf(bridge);
  const among = ports.filter((port) => port !== except).map((port) => port.name);
  return {
    kind: 'opaque',
    name,
    netns,
    type: null,
    addresses: [],
    mtu,
    down: null,
    mac: null,
    origin,
    unnamed: { among: among.length === 0 ? null : among },
  };
}

export const portsOf = (bridge: Device): readonly Device[] => [...bridge.netns.devices.values()].filter((d) => masterOf(d) === bridge);

/** The port of an address that something is known to have there. */
export function portOfKnown(bridge: Device, { packet: { destination } }: Skb): Veth | null {
  if (bridge.kind !== 'bridge') return null;
  return bridge.ports.find(({ peer }) => peer?.addresses.some((a) => a.address === destination) === true) ?? null;
}
