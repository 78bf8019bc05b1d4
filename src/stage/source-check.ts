import { type FlowKey, lookUp, type RouteMatch } from '../datapath/fib.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import { acceptLocal, routeLocalnet, rpFilter, type Sysctl, srcValidMark } from '../datapath/sysctl.ts';
import { describeFailure, type Failure } from '../hop/failure.ts';
import { familyOf, formatAddress, type IpAddress, isLoopback, isUnicast, LOOPBACK } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { isLocalAddress } from './address-type.ts';
import { isUnnamed } from './device-name.ts';
import type { Skb } from './skb.ts';
import { transportOf, undecidedWay } from './undecided-way.ts';
import { NO_ROUTES, untoldFacts } from './untold.ts';

/**
 * IPv4 does not accept addresses that cannot be on a link, and sources that would be reached another way. IPv6 asks for none of it.
 */

export function martianAddress(netns: Netns, packet: Skb['packet'], input: Device): Failure | null {
  const local = isLoopback(packet.destination) ? packet.destination : isLoopback(packet.source) ? packet.source : null;
  if (local !== null) {
    const allowed = routeLocalnet(netns.sysctls, input.name);
    if (allowed.value !== 0) return null;
    return martian({ why: 'loopback-in', address: local, device: input.name }, allowed.origin);
  }
  const bad = !isUnicast(packet.source) ? packet.source : !isUnicast(packet.destination) ? packet.destination : null;
  return bad === null ? null : martian({ why: 'not-unicast', address: bad }, inferred(null));
}

const martian = (facts: Failure<'MARTIAN_ADDRESS'>['facts'], origin: Origin): Failure => ({ code: 'MARTIAN_ADDRESS', facts, origin });

/** The addresses of a packet, or of an ARP request, and the device that it is to leave by; null: it is for the machine itself. */
export interface SourceCheck {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly output: Device | null;
  /** The packet's, which the look-up of the way back sees if src_valid_mark says so. */
  readonly mark: number;
  readonly isArp?: boolean;
  /** The packet's, which the way back has the other way round. */
  readonly transport?: NonNullable<FlowKey['transport']>;
}

/**
 * fib_validate_source: may a packet from `source` come in by `input`? An own address may only with accept_local (else: martian); rp_filter asks whether the
 * way back leaves by the same device (1) or exists at all (2). Of an ARP request it is asked as well. Source: net/ipv4/fib_frontend.c.
 */
export function validateSource(netns: Netns, check: SourceCheck, input: Device): Failure | null {
  const { source, isArp = false } = check;
  if (input.kind === 'loopback' || familyOf(source) === 'IPv6') return null;
  const filter = rpFilter(netns.sysctls, input.name);
  const own = filter.value === 0 && !hasOwnRules(netns) ? hasAddress : isLocalAddress;
  if (own(netns, source) && acceptLocal(netns.sysctls, input.name).value === 0)
    return martian({ why: 'own-address', address: source, device: input.name, netns: netns.name, isArp }, input.origin);
  return filter.value === 0 ? null : reversePath(netns, check, input, filter);
}

const ADDRESSES = new WeakMap<Netns['devices'], ReadonlySet<IpAddress>>();

/** Without a look-up of the way back only the addresses themselves are compared, not all of a prefix on `lo`. */
function hasAddress({ devices }: Netns, source: IpAddress): boolean {
  const own = ADDRESSES.get(devices) ?? new Set([...devices.values()].flatMap((d) => d.addresses.map((a) => a.address)));
  ADDRESSES.set(devices, own);
  return own.has(source);
}

const USUAL_RULES = 3;
function hasOwnRules({ rules }: Netns): boolean {
  let ofIpv4 = 0;
  for (const { family, from, to } of rules) if ((family ?? familyOf((from ?? to)?.address ?? LOOPBACK.IPv4)) === 'IPv4') ofIpv4++;
  return ofIpv4 !== USUAL_RULES;
}

/** rp_filter is off on most Kubernetes nodes, but not on all: notes a packet that would not survive the strict one. */
export function doubtReversePath(skb: Skb, input: Device, output: Device | null): void {
  if (packetFamily(skb.packet) === 'IPv6') return;
  const filter = rpFilter(skb.netns.sysctls, input.name);
  if (filter.value !== 0 || filter.origin.evidence === 'declared') return;
  const { packet, mark, netns } = skb;
  const { source, destination } = packet;
  const failure = reversePath(netns, { source, destination, output, mark, transport: transportOf(packet) }, input, { ...filter, value: 1 });
  if (failure === null || failure.code === 'FACT_MISSING') return;
  const text = `rp_filter is taken as off on ${skb.netns.name}; with rp_filter 1 this packet would be dropped there (${describeFailure(failure)})`;
  skb.doubts = [...skb.doubts, { text, origin: filter.origin }];
}

const answering = (transport: SourceCheck['transport']): Pick<FlowKey, 'transport'> =>
  transport === undefined
    ? {}
    : { transport: { ...transport, sourcePort: transport.destinationPort, destinationPort: transport.sourcePort } };

/** The way back is looked up as for a packet that comes in by the output device, or by `lo` where the packet is for the machine itself. */
function reversePath(netns: Netns, check: SourceCheck, input: Device, { value, origin }: Sysctl): Failure | null {
  const { source, destination, output, isArp = false, transport } = check;
  const mark = check.mark === 0 || srcValidMark(netns.sysctls, input.name).value === 0 ? 0 : check.mark;
  const back = lookUp(netns, { destination: source, source: destination, iif: output?.name ?? null, mark, ...answering(transport) });
  const undecided = back.route === null ? undecidedWay(netns, back) : null;
  if (undecided !== null) return undecided.failure;
  const isWay = back.route?.type === 'unicast' || (back.route?.type === 'local' && acceptLocal(netns.sysctls, input.name).value !== 0);
  const hops = back.route !== null && isWay ? back.nextHops : [];
  if (hops.some((n) => n.device === input.name) || (hops.length > 0 && value === 2 && input.addresses.length > 0)) return null;
  const isUntold = hops.some((n) => isUnnamed(netns.devices.get(n.device) ?? null));
  if (isUntold)
    return {
      code: 'FACT_MISSING',
      facts: untoldFacts(netns.name, { ...NO_ROUTES, what: `the way back to ${formatAddress(source)}` }),
      origin,
    };
  const facts = { netns: netns.name, value, source, device: input.name, ways: hops.map((n) => n.device), isArp };
  return { code: 'REVERSE_PATH_FILTER', facts, origin };
}

/** __mkroute_output: a packet with a loopback address as source leaves by `lo` only, unless the device has route_localnet. */
export function loopbackLeaves(netns: Netns, source: IpAddress | null, { nextHops }: RouteMatch): Failure | null {
  const device = nextHops[0]?.device;
  if (source === null || source === LOOPBACK.IPv6 || !isLoopback(source) || device === undefined || device === 'lo') return null;
  const allowed = routeLocalnet(netns.sysctls, device);
  if (allowed.value !== 0) return null;
  return martian({ why: 'loopback-out', address: source, device, netns: netns.name }, allowed.origin);
}
