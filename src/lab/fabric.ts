import { routesOf } from '../datapath/fib.ts';
import type { Device, Netns, Nic, Segment } from '../datapath/netns.ts';
import { familyOf, formatAddress, type IpAddress } from '../net/address.ts';

/**
 * A network that delivers by itself, as one switch: machines know the MAC address of each other for good, as if it had told them, and what is
 * sent to its own router gets the MAC address of the NIC that it is for, with the TTL that it had.
 */

const ROUTER_MAC = '0a:58:ff:ff:ff:ff';

const isNic = (d: Device): d is Nic => d.kind === 'nic';
const nicsOf = (netns: Netns): readonly Nic[] => [...netns.devices.values()].filter(isNic).filter((d) => !d.segment.outside);

/** `ip -batch` lines for one namespace. A machine with several NICs on a switch may answer ARP by any of them, so these are told, too. */
export function fabricNeighbourLines(netns: Netns, all: readonly Netns[], macs: ReadonlyMap<Device, string>): readonly string[] {
  const stated = new Set(netns.neighbours.map((n) => `${n.device} ${n.address}`));
  return nicsOf(netns).flatMap((own) => {
    const { segment, name } = own;
    const crowded = segment.fabric === null ? crowdedOn(all, segment) : null;
    if (crowded?.size === 0) return [];
    return addressesFor(netns, all).flatMap((address) => {
      if (stated.has(`${name} ${address}`)) return [];
      const owner = segment.owner(address);
      const isTold = owner !== null && owner.netns !== netns && (crowded === null || crowded.has(owner.netns));
      const mac = segment.fabric?.routers.has(address) === true ? ROUTER_MAC : isTold ? macs.get(owner) : undefined;
      return mac === undefined ? [] : [`neigh replace ${formatAddress(address)} lladdr ${mac} dev ${name} nud permanent`];
    });
  });
}

/** Those of all machines, and the next hops of its own routes. */
function addressesFor({ tables }: Netns, all: readonly Netns[]): readonly IpAddress[] {
  const own = all.flatMap((n) => [...n.devices.values()].flatMap((d) => (d.kind === 'loopback' ? [] : d.addresses.map((a) => a.address))));
  const hops = [...tables.values()].flatMap((t) => [...routesOf(t)].flatMap((r) => r.nextHops.flatMap((n) => n.via ?? [])));
  return [...new Set([...own, ...hops])];
}

/** The machines with several NICs on a segment. */
function crowdedOn(all: readonly Netns[], segment: Segment): ReadonlySet<Netns> {
  return new Set(all.filter((n) => nicsOf(n).filter((d) => d.segment === segment).length > 1));
}

/** The NICs, in the order of their ports, and the destinations of the packets that are to be sent. */
interface Switched {
  readonly nics: readonly Nic[];
  readonly macs: ReadonlyMap<Device, string>;
  readonly called: readonly IpAddress[];
  portName(i: number): string;
}

/** What the switches do beside switching, as nft has it; null: nothing. */
export function fabricTable({ nics, macs, called, portName }: Switched): string | null {
  const inside = nics.filter((nic) => !nic.segment.outside);
  const addresses = [...new Set([...inside.flatMap((nic) => [...nic.segment.known(), ...behind(nic)]), ...called])];
  const rules = [...routing(inside, addresses, macs), ...nics.flatMap((nic, i) => checks(nic, portName(i), addresses))];
  if (rules.length === 0) return null;
  const chain = ['    type filter hook prerouting priority -300;', ...rules.map((r) => `    ${r}`)];
  return ['table bridge fabric {', '  chain prerouting {', ...chain, '  }', '}'].join('\n');
}

/** The addresses of pods, which no device of the network has. */
const behind = ({ netns }: Nic): readonly IpAddress[] =>
  [...netns.devices.values()].flatMap((d) => {
    const ends = d.kind === 'veth' ? [d.peer] : d.kind === 'bridge' ? d.ports.map((p) => p.peer) : [];
    return ends.flatMap((e) => e?.addresses.map((a) => a.address) ?? []);
  });

const FIELDS = { IPv4: 'ip', IPv6: 'ip6' } as const;
const FAMILIES = ['IPv4', 'IPv6'] as const;

function routing(nics: readonly Nic[], addresses: readonly IpAddress[], macs: ReadonlyMap<Device, string>): readonly string[] {
  const fabric = nics.map((n) => n.segment.fabric).find((f) => f !== null && f.routers.size > 0);
  if (fabric == null) return [];
  const maps = FAMILIES.flatMap((family) => {
    const entries = addresses.flatMap((a) => {
      const nic = familyOf(a) === family ? fabric.nic(a) : null;
      return nic === null ? [] : [`${formatAddress(a)} : ${macs.get(nic)}`];
    });
    const field = FIELDS[family];
    return entries.length === 0 ? [] : [`ether daddr ${ROUTER_MAC} ether daddr set ${field} daddr map { ${entries.join(', ')} }`];
  });
  return [...maps, `ether daddr ${ROUTER_MAC} drop`];
}

/** What a NIC may not send. */
function checks(nic: Nic, port: string, addresses: readonly IpAddress[]): readonly string[] {
  return FAMILIES.flatMap((family) => {
    const ofFamily = addresses.filter((a) => familyOf(a) === family);
    const own = ofFamily.filter((a) => nic.segment.refuses(nic, a) === null);
    if (own.length === ofFamily.length) return [];
    const field = FIELDS[family];
    const type = family === 'IPv4' ? 'ip' : 'ip6';
    const others = own.length === 0 ? '' : ` ${field} saddr != { ${own.map(formatAddress).join(', ')} }`;
    return [`iifname "${port}" ether type ${type}${others} drop`];
  });
}
