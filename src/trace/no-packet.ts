import type { Netns } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import { familyOf, isLoopback } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import type { Question } from '../query/question.ts';
import { declared } from '../source/origin.ts';
import type { End } from '../stage/next.ts';
import { IN_FULL, type Manner, NOTHING_KNOWN } from '../stage/skb.ts';
import { traceFlow } from '../walk/flow.ts';
import type { Flow, FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import { placeAt } from './place.ts';

/** Connections that fail before there is a packet. */

/** Why no packet is sent, and what the program is told. */
export interface NoPacket {
  readonly failure: Failure;
  readonly outcome: FlowPath['outcome'];
  readonly client: FlowPath['client'];
}

/** A path of a flow whose packet is never sent. */
export function noPacket({ source, target }: Question, netns: Netns, { failure, outcome, client }: NoPacket, probability = 1): FlowPath {
  const packet: Packet = {
    protocol: target.protocol,
    source: source.ip,
    sourcePort: 0,
    destination: source.ip,
    destinationPort: 0,
    tcpFlags: null,
    ttl: 64,
    size: 0,
    icmp: null,
  };
  const forward: Walk = {
    ...NOTHING_KNOWN,
    hops: [{ kind: 'drop', ...placeAt(netns, packet), failure, answer: null, origin: failure.origin }],
    end: endOf(outcome, failure, client),
    looped: false,
    probability,
    packet,
    netns,
    input: null,
    tie: null,
    doubts: [],
    met: 0,
    asked: null,
  };
  return { probability, outcome, client, failure: { ...failure, walk: 'forward' }, forward, reply: null, ack: null, data: null };
}

function endOf(outcome: FlowPath['outcome'], failure: Failure, client: FlowPath['client']): End {
  if (outcome === 'undetermined') return { kind: 'undetermined', failure };
  return outcome === 'rejected' ? { kind: 'refused-at-source', failure, client } : { kind: 'lost', failure };
}

/** Connections of which each is as likely as another, through every branch; those that stand already have shares of their own. */
export const connectEach = (question: Question, flows: readonly Flow[], manner: Manner = IN_FULL): readonly FlowPath[] =>
  flows.flatMap((flow) => {
    const paths = connect(question, flow, manner);
    return flow.existing === undefined ? paths.map((p) => ({ ...p, probability: p.probability / flows.length })) : paths;
  });

/** A connection through every branch; without any packet when its two ends are of different families. */
export function connect(question: Question, flow: Flow, manner: Manner = IN_FULL): readonly FlowPath[] {
  return isCallable(flow) ? traceFlow(flow, manner) : [noPacket(question, flow.netns, otherFamily(question, flow))];
}

/** A socket is of one family: it calls addresses of its own. */
const isCallable = ({ source, destination }: Flow): boolean => familyOf(source) === familyOf(destination);

/**
 * connect of a socket of a family that the machine has no address of: ENETUNREACH, and no packet. But `lo` has ::1 wherever IPv6 is not
 * turned off, whatever addresses the machine has beside it.
 */
function otherFamily({ source: { name }, destination: called }: Question, { netns, source, destination }: Flow): NoPacket {
  if (isLoopback(destination)) {
    const facts = { why: 'loopback-address', source: name, address: destination } as const;
    return { outcome: 'undetermined', client: 'unknown', failure: { code: 'FACT_MISSING', facts, origin: netns.origin } };
  }
  const facts = { why: 'called', source: name, own: source, called: destination } as const;
  const origin = called.kind === 'service' ? declared(called.service.locus) : netns.origin;
  return { outcome: 'rejected', client: 'net-unreachable', failure: { code: 'IP_FAMILY_MISMATCH', facts, origin } };
}
