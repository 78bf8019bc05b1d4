import { formatAddress, formatEndpoint } from '../net/address.ts';
import { type IcmpErrorCode, isIcmpError, type Packet, type Tuple, type WireProtocol } from '../net/packet.ts';
import type { Walk } from '../walk/walk.ts';

/** A packet on a device: model and kernel are compared by these. */
export interface Crossing {
  readonly netns: string;
  readonly device: string;
  readonly direction: 'in' | 'out';
  readonly header: string;
}

/** The crossings of a walk of the model. */
export function expectedCrossings(walk: Walk): readonly Crossing[] {
  return walk.hops.flatMap((h) =>
    h.kind === 'interface'
      ? [
          {
            netns: h.netns,
            device: h.device ?? '',
            direction: h.direction,
            header: withCarrier(expectedHeader(h.packet), h.outer && carrierText({ ...h.outer.packet, vni: h.outer.vni })),
          },
        ]
      : [],
  );
}

function expectedHeader({ icmp, ttl, ...tuple }: Packet): string {
  if (icmp === null) return transportText(tuple, ttl);
  return isIcmpError(icmp) ? errorText(tuple, ttl, icmp.code, icmp.original) : echoText(tuple, ttl, icmp.type);
}

export const transportText = (t: Tuple, ttl: number): string => `${t.protocol} ${ends(t)} ttl ${ttl}`;

export const echoText = (t: Tuple, ttl: number, type: 'echo-request' | 'echo-reply'): string => `icmp ${type} ${addresses(t)} ttl ${ttl}`;

export const errorText = (t: Tuple, ttl: number, code: IcmpErrorCode | string, original: Tuple): string =>
  `icmp ${code} ${addresses(t)} ttl ${ttl} about ${original.protocol} ${original.protocol === 'icmp' ? addresses(original) : ends(original)}`;

/** The header of a tunnel's own packet; its source port is a hash, which the model has not. */
export const carrierText = (
  t: Pick<Packet<WireProtocol>, 'protocol' | 'source' | 'destination' | 'destinationPort' | 'ttl'> & { readonly vni: number | null },
): string => `${t.protocol} ${formatAddress(t.source)} > ${formatEndpoint(t.destination, t.destinationPort)} ttl ${t.ttl} vni ${t.vni}`;

/** What is inside comes first, as on the devices before and after. */
export const withCarrier = (header: string, carrier: string | null): string => (carrier === null ? header : `${header} in ${carrier}`);

const addresses = (t: Tuple) => `${formatAddress(t.source)} > ${formatAddress(t.destination)}`;
const ends = (t: Tuple) => `${formatEndpoint(t.source, t.sourcePort)} > ${formatEndpoint(t.destination, t.destinationPort)}`;

export const sameCrossing = (a: Crossing | undefined, b: Crossing | undefined): boolean =>
  a?.netns === b?.netns && a?.device === b?.device && a?.direction === b?.direction && a?.header === b?.header;
