import type { Bridge, Device, Nic, Veth } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import { familyOf, formatAddress, type IpAddress } from '../net/address.ts';
import type { Origin } from '../source/origin.ts';
import { isLocalAddress } from './address-type.ts';
import { answerOf, ignores, type Question } from './arp.ts';
import { keptApart } from './isolated.ts';
import { validateSource } from './source-check.ts';

/** A device that the input sets down. */
export const linkDown = (device: Device, origin: Origin): { failure: Failure<'LINK_DOWN'> } => ({
  failure: { code: 'LINK_DOWN', facts: { netns: device.netns.name, device: device.name, isOverride: true, route: null }, origin },
});

/** What answers on a link. `output`: it answers for what it sends on by that device. */
type Owner = { readonly device: Device | null; readonly output: Device | null } | { readonly failure: Failure };

const NOBODY: Owner = { device: null, output: null };

/** A machine on the internet that the input does not name is known to those that it has asked, and to no other. */
export function onLink(from: Device, question: Question, asker: Device | null, destination: IpAddress): Owner {
  switch (from.kind) {
    case 'loopback':
      return { device: from, output: null };
    case 'nic':
      return onSegment(from, question, asker, destination);
    case 'bridge':
      return acrossPorts(from, question, null);
    case 'veth':
      return beyondPeer(from, question);
    case 'dummy':
    case 'opaque':
    case 'vxlan':
    case 'ipip':
      return NOBODY;
  }
}

/** The network's own router has no NIC: the frame comes out at the one that the packet is for. */
function onSegment(from: Nic, question: Question, asker: Device | null, destination: IpAddress): Owner {
  const { segment } = from;
  const { address } = question;
  if (segment.fabric?.routers.has(address) === true) return { device: segment.fabric.nic(destination), output: null };
  const owner = segment.owner(address);
  // A device does not receive its own request.
  if (owner === from) return NOBODY;
  if (owner !== null) return ignores(owner, question) ? NOBODY : { device: owner, output: null };
  if (segment.outside) return { device: asker, output: null };
  for (const nic of segment.proxies()) {
    const answer = answerOf(nic, question);
    if (answer !== null) return { device: nic, output: answer.output };
  }
  return NOBODY;
}

function beyondPeer(from: Veth, question: Question): Owner {
  const { peer } = from;
  if (peer === null) return NOBODY;
  if (peer.down !== null) return linkDown(peer, peer.down);
  const { master } = peer;
  // A gateway without a stated address is link-local with IPv6, as every device has such an address; an address of the machine stands for
  // it.
  const isGateway = peer.netns.strangers === true && isLocalAddress(peer.netns, question.address);
  if (master === null)
    return answered(peer, question) ?? (isGateway && familyOf(question.address) === 'IPv6' ? { device: peer, output: null } : NOBODY);
  if (master.down !== null) return linkDown(master, master.down);
  const own = answered(master, question);
  if (own === null) return acrossPorts(master, question, peer);
  if ('failure' in own || own.device === null) return own;
  if (refusedBy(own.device, own.output, question) === null) return alsoBehindPort(master, question, peer) ?? own;
  // All on the link hear it: where the machine does not take the sender for another one, that one may answer.
  const other = acrossPorts(master, question, peer);
  return 'failure' in other || other.device === null ? own : other;
}

/**
 * A pod's address that the machine has as well: both answer, and the first one counts (arp_process, net/ipv4/arp.c), or what the asker knew before. Null: only the
 * machine has it.
 */
function alsoBehindPort(bridge: Bridge, question: Question, except: Veth): Owner | null {
  const { address } = question;
  const port = portsOf(bridge).get(address);
  if (port === undefined || port === except || port.down !== null || port.peer === null || port.peer.down !== null) return null;
  if (ignores(port.peer, question) || keptApart(except, port, bridge, address) !== null || !isLocalAddress(bridge.netns, address))
    return null;
  const ends = [bridge.netns.name, port.peer.netns.name];
  const facts = { why: 'address-twice', address: formatAddress(address), pods: ends } as const;
  const { origin } = bridge.addresses.find((a) => a.address === address) ?? bridge;
  return { failure: { code: 'FACT_MISSING', facts, origin } };
}

/** Why a machine does not answer this sender: it would not accept a packet of its there. Neighbour discovery has no such look. */
export const refusedBy = (device: Device, output: Device | null, { address, sender }: Question): Failure | null =>
  sender === null || familyOf(address) === 'IPv6'
    ? null
    : validateSource(device.netns, { source: sender, destination: address, output, mark: 0, isArp: true }, device);

function answered(device: Device, question: Question): Owner | null {
  const answer = answerOf(device, question);
  return answer === null ? null : { device, output: answer.output };
}

function acrossPorts(bridge: Bridge, question: Question, except: Veth | null): Owner {
  const owner = byPort(bridge, question, except);
  const { strangers } = bridge;
  if ('failure' in owner || owner.device !== null || strangers === undefined) return owner;
  const [device = bridge.name] = strangers;
  const facts = { why: 'device', netns: bridge.netns.name, device, type: 'veth', destination: question.address, isBack: false } as const;
  return { failure: { code: 'FACT_MISSING', facts, origin: bridge.netns.devices.get(device)?.origin ?? bridge.origin } };
}

function byPort(bridge: Bridge, question: Question, except: Veth | null): Owner {
  const known = portsOf(bridge).get(question.address);
  const port = known ?? bridge.ports.find(({ peer }) => peer !== null && peer.down === null && answerOf(peer, question) !== null);
  const device = port?.peer ?? null;
  if (port === undefined || device === null || port === except) return NOBODY;
  if (port.down !== null) return linkDown(port, port.down);
  const kept = keptApart(except, port, bridge, question.address);
  if (kept !== null) return { failure: kept };
  if (known === undefined) return answered(device, question) ?? NOBODY;
  return ignores(device, question) ? NOBODY : { device, output: null };
}

/** The port behind which a namespace has each address on its device there, found once a bridge: a compiled network does not change. */
const portsByAddress = new WeakMap<Bridge, ReadonlyMap<IpAddress, Veth>>();

const portsOf = (bridge: Bridge): ReadonlyMap<IpAddress, Veth> => portsByAddress.get(bridge) ?? indexPorts(bridge);

function indexPorts(bridge: Bridge): ReadonlyMap<IpAddress, Veth> {
  const index = new Map<IpAddress, Veth>();
  for (const port of bridge.ports) for (const { address } of port.peer?.addresses ?? []) if (!index.has(address)) index.set(address, port);
  portsByAddress.set(bridge, index);
  return index;
}
