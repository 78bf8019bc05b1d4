import { routesOf } from '../datapath/fib.ts';
import type { Device, Netns, Segment } from '../datapath/netns.ts';
import type { Neighbour } from '../datapath/peers.ts';
import { familyOf, formatAddress, type IpAddress } from '../net/address.ts';
import { answerOf } from '../stage/arp.ts';
import { validateSource } from '../stage/source-check.ts';
import { fileOf } from './names.ts';

/** A MAC address of its own for each device that has IP addresses, so that a script can speak of it: where it has none, 0a:58 and a number. */
export function macsOf(all: readonly Netns[]): ReadonlyMap<Device, string> {
  const devices = all.flatMap((n) => [...n.devices.values()].filter((d) => d.kind !== 'loopback'));
  return new Map(devices.map((d, i) => [d, d.mac ?? `0a:58:00:${hex(i >> 16)}:${hex((i >> 8) & 255)}:${hex(i & 255)}`]));
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');

/**
 * Shell lines that make a neighbour entry fail and stay failed: messages of ARP, or of neighbour discovery, about the address are not
 * heard. The one that has the address must not have to ask either, because its question would not be heard: it knows this machine for good.
 */
export function failedNeighbourLines(netns: Netns, macs: ReadonlyMap<Device, string>): readonly string[] {
  return netns.neighbours.flatMap((neighbour) => {
    if (neighbour.state !== 'failed') return [];
    const device = netns.devices.get(neighbour.device);
    const owner = device === undefined ? null : ownerOf(device, neighbour);
    return [
      ...silenceLines(netns, neighbour),
      ...(device === undefined || owner === null ? [] : knows(owner, device, neighbour.address, macs)),
    ];
  });
}

/** Neighbour solicitation and neighbour advertisement: the second is the answer, and the first teaches where its sender is. */
const DISCOVERY = [135, 136];

function silenceLines(netns: Netns, { address, device }: Neighbour): readonly string[] {
  const from = `-i ${device} -s ${formatAddress(address)}`;
  const silence = (words: string) => `in_netns ${fileOf(netns.name)} ${words} -j DROP`;
  if (familyOf(address) === 'IPv4') return [silence(`arptables-nft -A INPUT ${from}`)];
  return DISCOVERY.map((type) => silence(`ip6tables -I INPUT ${from} -p ipv6-icmp --icmpv6-type ${type}`));
}

function knows(owner: Device, device: Device, asker: IpAddress, macs: ReadonlyMap<Device, string>): readonly string[] {
  const mac = macs.get(device);
  const entry = (address: IpAddress) =>
    `ip -n ${fileOf(owner.netns.name)} neigh replace ${formatAddress(address)} lladdr ${mac} dev ${owner.name} nud permanent`;
  // One that it would not answer anyway, for rp_filter, stays without.
  const same = device.addresses.filter((a) => familyOf(a.address) === familyOf(asker));
  const answered = same.filter(
    (a) => validateSource(device.netns, { source: asker, destination: a.address, output: null, mark: 0 }, device) === null,
  );
  return mac === undefined ? [] : [...answered.map((a) => a.address), ...proxied(owner, device, asker)].map(entry);
}

/** The next hops that it answers for in place of others. */
function proxied(owner: Device, device: Device, asker: IpAddress): readonly IpAddress[] {
  const hops = [...owner.netns.tables.values()].flatMap((fib) => [...routesOf(fib)]).flatMap((r) => r.nextHops);
  const asked = hops.flatMap(({ device: name, via }) => (name === owner.name && via !== null ? [via] : []));
  return [...new Set(asked)].filter(
    (via) => familyOf(via) === familyOf(asker) && answerOf(device, { address: via, sender: asker })?.output != null,
  );
}

/**
 * `ip -batch` lines: nothing asks on the internet which machine has an address, so the machines there know each other for good. `called`:
 * the addresses that packets will be sent to, of which a machine there may answer for more than it can list.
 */
export function outsideNeighbourLines(netns: Netns, macs: ReadonlyMap<Device, string>, called: readonly IpAddress[]): readonly string[] {
  const nics = [...netns.devices.values()].filter((d) => d.kind === 'nic').filter((d) => d.segment.outside);
  return nics.flatMap((own) => {
    const { segment } = own;
    const known = [...new Set([...segment.known(), ...called])].map((address) => ({ address, owner: segment.owner(address) }));
    return [...known, ...unnamedOn(segment, macs)].flatMap(({ address, owner }) =>
      owner === null || owner === own
        ? []
        : [`neigh replace ${formatAddress(address)} lladdr ${macs.get(owner)} dev ${own.name} nud permanent`],
    );
  });
}

/** The addresses of machines that the segment itself does not know. */
function unnamedOn(segment: Segment, macs: ReadonlyMap<Device, string>) {
  const nics = [...macs.keys()].filter((d) => d.kind === 'nic' && d.segment === segment);
  return nics.flatMap((owner) => owner.addresses.flatMap(({ address }) => (segment.owner(address) === null ? [{ address, owner }] : [])));
}

/** The device that would have answered. */
function ownerOf(device: Device, { address }: Neighbour): Device | null {
  const has = (d: Device | null | undefined) => d?.addresses.some((a) => a.address === address) === true;
  if (device.kind === 'nic') return device.segment.owner(address);
  if (device.kind === 'bridge') return device.ports.find((p) => has(p.peer))?.peer ?? null;
  if (device.kind !== 'veth' || device.peer === null) return null;
  const { master } = device.peer;
  if (master === null) return has(device.peer) ? device.peer : null;
  return has(master) ? master : (master.ports.find((p) => has(p.peer))?.peer ?? null);
}
