import type { Device } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import type { IpAddress } from '../net/address.ts';
import type { Origin } from '../source/origin.ts';
import { portsOf } from './unseen-port.ts';

/**
 * Ports of a bridge that are isolated: no frame gets from one to another, and ARP and neighbour discovery do not, either; what has another port at
 * one of its ends passes, as the bridge itself is. Source: br_skb_isolated, net/bridge/br_private.h.
 */

/** The failure of a frame between two isolated ports of a bridge; null: it passes. */
export function keptApart(port: Device | null, out: Device, bridge: Device, address: IpAddress): Failure | null {
  const origin = isolationOf(out);
  if (port === null || isolationOf(port) === undefined || origin === undefined) return null;
  const facts = { why: 'isolated', netns: bridge.netns.name, device: bridge.name, ports: [port.name, out.name], address } as const;
  return { code: 'NEIGHBOUR_UNREACHABLE', facts, origin };
}

/**
 * The failure of a frame to a port that is not known (and, if `port` is null, from one): isolation, if no pair of ports would let it pass;
 * not known, if some would; null: it passes in any case.
 */
export function maybeKeptApart(port: Device | null, bridge: Device, address: IpAddress): Failure | null {
  const ports = portsOf(bridge);
  const ways = ports
    .filter((p) => port === null || p === port)
    .flatMap((from) => ports.flatMap((to) => (to === from ? [] : [[from, to] as const])));
  const kept = ways.flatMap(([from, to]) => keptApart(from, to, bridge, address) ?? []);
  const [first] = kept;
  if (first === undefined || kept.length === ways.length) return first ?? null;
  const facts = { why: 'some-isolated', netns: bridge.netns.name, bridge: bridge.name, address } as const;
  return { code: 'FACT_MISSING', facts, origin: first.origin };
}

const isolationOf = (port: Device): Origin | undefined => (port.kind === 'veth' || port.kind === 'opaque' ? port.isolated : undefined);
