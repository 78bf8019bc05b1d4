import type { Failure } from '../hop/failure.ts';
import type { Hop } from '../hop/hop.ts';
import type { NatHop } from '../hop/linux-hop.ts';
import { contradictions } from '../k8s/endpoints.ts';
import { formatEndpoint } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { type Context, calledService } from './context.ts';

/**
 * A packet to an endpoint that the input states twice with different fields. It depends on the statement that counts whether the endpoint
 * is one at all, and where: the path is known up to there.
 */
export function upToContradiction({ cluster }: Context, path: FlowPath): FlowPath {
  const { forward } = path;
  const index = forward.hops.findIndex(isTranslated);
  const [before, hop] = [forward.hops[index - 1], forward.hops[index]];
  const called = before === undefined ? null : calledService(cluster, before.packet);
  if (hop === undefined || called === null || called.port === null) return path;
  const endpoint = formatEndpoint(hop.packet.destination, hop.packet.destinationPort);
  const copies = contradictions(called.port, packetFamily(hop.packet)).get(endpoint);
  const [first] = copies ?? [];
  if (copies === undefined || first === undefined) return path;
  const facts = { why: 'endpoint-twice', service: called.service.name, endpoint, copies: copies.map((c) => c.locus) } as const;
  const failure: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: declared(first.locus) };
  const { node, netns, role, device, packet, outer, mark } = hop;
  const end: Hop = {
    kind: 'drop',
    node,
    netns,
    role,
    device,
    packet,
    outer,
    mark,
    changes: [],
    failure,
    answer: null,
    origin: failure.origin,
  };
  return {
    ...path,
    outcome: 'undetermined',
    client: 'unknown',
    failure: { ...failure, walk: 'forward' },
    forward: { ...forward, hops: [...forward.hops.slice(0, index + 1), end], end: { kind: 'undetermined', failure }, packet },
    reply: null,
    ack: null,
    data: null,
  };
}

const isTranslated = (h: Hop): h is NatHop => h.kind === 'nat' && h.action === 'dnat' && h.role === 'node';
