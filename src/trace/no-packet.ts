import type { Netns } from '../datapath/netns.ts';
import { familyOf, formatAddress, isLoopback } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import type { Question } from '../query/question.ts';
import { declared } from '../source/origin.ts';
import type { End, Failure } from '../stage/skb.ts';
import { type Flow, type FlowPath, traceFlow } from '../walk/flow.ts';
import type { Walk } from '../walk/walk.ts';

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
  const { code, text, origin } = failure;
  const forward: Walk = {
    hops: [{ kind: 'drop', node: netns.node, netns: netns.name, device: null, packet, mark: 0, changes: [], origin, code, text }],
    end: endOf(outcome, failure, client),
    looped: false,
    probability,
    packet,
    netns,
    connections: null,
    choices: null,
    learned: null,
    doubts: [],
  };
  return { probability, outcome, client, failure: { ...failure, walk: 'forward' }, forward, reply: null, ack: null, data: null };
}

function endOf(outcome: FlowPath['outcome'], failure: Failure, client: FlowPath['client']): End {
  if (outcome === 'undetermined') return { kind: 'undetermined', failure };
  return outcome === 'rejected' ? { kind: 'refused-at-source', failure, client } : { kind: 'lost', failure };
}

/** A connection through every branch; without any when its two ends are of different families. */
export function connect(question: Question, flow: Flow): readonly FlowPath[] {
  return isCallable(flow) ? traceFlow(flow) : [noPacket(question, flow.netns, otherFamily(question, flow))];
}

/** A socket is of one family: it calls addresses of its own. */
const isCallable = ({ source, destination }: Flow): boolean => familyOf(source) === familyOf(destination);

/**
 * connect of a socket of a family that the machine has no address of: ENETUNREACH, and no packet. But `lo` has ::1 wherever IPv6 is not
 * turned off, whatever addresses the machine has beside it.
 */
function otherFamily({ source: { name }, destination: called }: Question, { netns, source, destination }: Flow): NoPacket {
  if (isLoopback(destination)) {
    const unknown = `whether lo of ${name} has ${formatAddress(destination)} hangs on net.ipv6.conf.lo.disable_ipv6, which the input does not say`;
    const failure: Failure = { code: 'FACT_MISSING', text: unknown, origin: netns.origin };
    return { outcome: 'undetermined', client: 'unknown', failure };
  }
  const text = `${name} has no ${familyOf(destination)} address (it has ${formatAddress(source)}), and ${formatAddress(destination)} is ${familyOf(destination)}`;
  const origin = called.kind === 'service' ? declared(called.service.locus) : netns.origin;
  return { outcome: 'rejected', client: 'net-unreachable', failure: { code: 'IP_FAMILY_MISMATCH', text, origin } };
}
