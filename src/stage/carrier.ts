import type { Failure } from '../hop/failure.ts';
import type { End } from './next.ts';
import type { Skb } from './skb.ts';

/**
 * The end of a packet that carries another: whatever is said about it goes to the tunnel's own machine, and the one inside is lost in
 * silence.
 */
export function endOfCarrier({ packet, netns }: Skb, end: End): End {
  if (end.kind === 'delivered') throw new Error('a packet that carries another is taken apart where it arrives');
  if (end.kind === 'exits' || end.kind === 'undetermined') return end;
  const { source, destination, destinationPort } = packet;
  const carrier = { source, destination, port: packet.protocol === 'ipip' ? null : destinationPort };
  return { kind: 'lost', failure: ofTunnel(end.failure, carrier, netns.name) };
}

type Carrier = Failure<'TUNNEL_FILTERED'>['facts']['carrier'];

function ofTunnel(failure: Failure, carrier: Carrier, netns: string): Failure {
  const { origin } = failure;
  switch (failure.code) {
    case 'FILTER_DROP':
    case 'FILTER_REJECT':
      return { code: 'TUNNEL_FILTERED', facts: { carrier, by: failure.facts, decision: null }, origin };
    case 'NEIGHBOUR_UNREACHABLE':
      if (!('device' in failure.facts) || failure.facts.address !== carrier.destination) return failure;
      return {
        code: 'TUNNEL_PEER_UNKNOWN',
        facts: { why: 'machine', netns, device: failure.facts.device, address: carrier.destination },
        origin,
      };
    default:
      return failure;
  }
}
