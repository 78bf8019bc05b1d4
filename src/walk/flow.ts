import type { Client } from '../hop/code.ts';
import { familyOf, formatAddress } from '../net/address.ts';
import { invert, isIcmpError, type Packet, tupleOf } from '../net/packet.ts';
import { clientOf } from '../stage/icmp-errors.ts';
import type { Refusal } from '../stage/next.ts';
import type { Supposed, Tie } from '../stage/open.ts';
import { sourceTowards } from '../stage/routing.ts';
import { type BalancedCall, IN_FULL, type Known, type Manner, NOTHING_KNOWN } from '../stage/skb.ts';
import { areAlike, triedBothWays } from './both-ways.ts';
import type { Flow, FlowPath, Outcome, WalkName } from './flow-path.ts';
import { acknowledgement, answerTo, mtuOfSender, request, takenOver } from './segments.ts';
import { type Departure, type Walk, walk } from './walk.ts';

/** Walks the request, what comes back, and for TCP what follows, through every branch: first those of a socket load balancer. */
export function traceFlow(flow: Flow, manner: Manner = IN_FULL): readonly FlowPath[] {
  const { netns, protocol, destination, port, existing } = flow;
  // Whatever chose its destination did so when it was made.
  if (existing !== undefined) return traced(flow, manner, null, existing.share);
  const called = { protocol, destination, port };
  const balanced = netns.socketBalancer?.(called) ?? null;
  if (balanced === null) return traced(flow, manner);
  const { choices, origin } = balanced;
  if (choices.length === 0) return traced(flow, manner, { kind: 'refused', origin });
  return choices.flatMap((by) => {
    const source = sourceTowards(netns, by.address) ?? flow.source;
    return traced(
      { ...flow, source, destination: by.address, port: by.port },
      manner,
      { kind: 'replaced', called, by },
      1 / choices.length,
    );
  });
}

/** Without hops nobody sees what is alike: what is open stays so. */
function traced(flow: Flow, manner: Manner, call: BalancedCall | null = null, probability = 1): readonly FlowPath[] {
  const packet = request(flow);
  const connections = flow.existing?.connections ?? null;
  const known: Known = { ...NOTHING_KNOWN, manner, unbound: isUnbound(flow), call, probability, connections };
  const attempt = (supposed: Supposed | null) =>
    walk(departure(flow, packet), { ...known, supposed }).flatMap((forward) => afterForward(flow, packet, forward));
  return manner.hops ? triedInBothOrders(attempt) : attempt(null);
}

/** The other order of base chains is walked only where a hook on the way does something else in it. */
function triedInBothOrders(attempt: (supposed: Supposed | null) => readonly FlowPath[]): readonly FlowPath[] {
  const paths = triedBothWays(attempt);
  const ties = paths.map(firstTie);
  if (ties.every((t) => t === null)) return paths;
  const others = triedBothWays(attempt, { kind: 'order', older: null });
  if (areAlike(paths, others)) return paths;
  return paths.map((p, i) => {
    const tie = ties[i] ?? null;
    return tie === null ? p : { ...p, otherwise: { tie, paths: others } };
  });
}

const firstTie = ({ forward, reply, ack, data }: FlowPath): Tie | null =>
  [forward, reply, ack, data].find((w) => w !== null && w.tie !== null)?.tie ?? null;

/** IPv4's connect looks up twice, the second time with the source that the first one chose; IPv6's keeps the way that it found at first. */
const isUnbound = ({ isBound, protocol, destination }: Flow): boolean =>
  isBound !== true && (protocol === 'icmp' || familyOf(destination) === 'IPv6');

interface Ended {
  readonly outcome: Outcome;
  readonly client: Client;
  readonly failure: FlowPath['failure'];
}

interface Walks {
  readonly forward: Walk;
  readonly reply?: Walk;
  readonly ack?: Walk;
  readonly data?: Walk;
}

function path({ forward, reply, ack, data }: Walks, { probability }: Walk, ended: Ended): FlowPath {
  const { outcome, client, failure } = ended;
  return { probability, outcome, client, failure, forward, reply: reply ?? null, ack: ack ?? null, data: data ?? null };
}

/** The meaning of the request's end; an answer or a refusal is walked back. */
function afterForward(flow: Flow, sent: Packet, forward: Walk): readonly FlowPath[] {
  const { end } = forward;
  if (end.kind === 'delivered') return answered(flow, sent, forward);
  const failed = failureOf(forward, 'forward');
  const way = end.kind === 'exits' ? wayBeyond(forward) : null;
  if (way !== null) return answeredBeyond(flow, sent, forward, way);
  if (end.kind === 'exits' || end.kind === 'undetermined')
    return [path({ forward }, forward, { outcome: end.kind, client: 'unknown', failure: failed })];
  if (end.kind === 'refused-at-source') return [path({ forward }, forward, { outcome: 'rejected', client: end.client, failure: failed })];
  if (end.kind === 'lost' || end.refusal === null)
    return [path({ forward }, forward, { outcome: forward.looped ? 'looped' : 'dropped', client: 'time-out', failure: failed })];
  const { refusal } = end;
  return refused(flow, sent, forward, refusal).map((reply) => {
    const heard = isBack(flow, reply);
    // Of a single machine nobody knows who is beyond another device.
    const gone = refusal.netns.strangers === true && reply.end.kind === 'exits';
    if (!heard && reply.end.kind === 'undetermined' && end.atSource === undefined)
      return path({ forward, reply }, reply, lostAfterwards(reply, 'reply'));
    const client = end.atSource ?? (heard ? seenByClient(flow, reply.packet) : gone ? 'unknown' : 'time-out');
    const outcome = forward.looped ? 'looped' : heard || gone ? 'rejected' : 'dropped';
    return path({ forward, reply }, reply, { outcome, client, failure: failed });
  });
}

function failureOf(last: Walk, name: WalkName): FlowPath['failure'] {
  if (last.end.kind === 'delivered') return null;
  if (!last.looped) return { ...last.end.failure, walk: name };
  return { code: 'ROUTING_LOOP', facts: { machines: circle(last) }, origin: last.end.failure.origin, walk: name };
}

/** The machines of a loop, from the place that was met twice round to itself. */
function circle({ hops }: Walk): readonly string[] {
  const last = hops.at(-1);
  const first = hops.findIndex(
    (h) => h.kind === 'interface' && h.direction === 'in' && h.netns === last?.netns && h.device === last.device,
  );
  const names = hops.slice(Math.max(first, 0)).map((h) => h.netns);
  return names.filter((n, i) => n !== names[i - 1]);
}

function refused(flow: Flow, sent: Packet, before: Walk, refusal: Refusal): readonly Walk[] {
  const { connection, direction, netns, packet, unbound, mark, by } = refusal;
  const state = packet.icmp === null ? 'ESTABLISHED' : 'RELATED';
  const tracked: Known['tracked'] = connection === null ? null : { connection, direction, state };
  const from = { netns, sender: `the kernel of ${netns.name}`, packet, ...(by === undefined ? {} : { by }) };
  return walk(from, knownAfter(before, { tracked, awaited: awaitedBy(flow, sent), unbound, mark }));
}

/** What is known after a walk, and of the packet that follows it. */
function knownAfter(
  { manner, connections, choices, learned, supposed, probability }: Walk,
  // Each by its name: V8 copies the rest of an object several times as slowly.
  {
    tracked,
    awaited,
    unbound,
    mark = 0,
    oif = null,
  }: Pick<Known, 'tracked' | 'awaited' | 'unbound'> & Partial<Pick<Known, 'mark' | 'oif'>>,
): Known {
  return { tracked, awaited, unbound, mark, oif, call: null, connections, choices, learned, supposed, probability, manner };
}

function seenByClient(flow: Flow, packet: Packet): Client {
  return isIcmpError(packet.icmp) ? clientOf(packet.icmp.code, flow.protocol) : 'refused';
}

function answered(flow: Flow, sent: Packet, forward: Walk): readonly FlowPath[] {
  const answer = answerTo(forward.packet, flow.existing !== undefined);
  const sender = processOf(forward);
  const known = knownAfter(forward, { tracked: null, awaited: awaitedBy(flow, sent), unbound: false, ...takenOver(forward) });
  return walk({ netns: forward.netns, sender, packet: answer }, known).flatMap((reply) => {
    if (!isBack(flow, reply)) return [path({ forward, reply }, reply, lostAfterwards(reply, 'reply'))];
    if (flow.protocol !== 'tcp' || flow.existing !== undefined) return [path({ forward, reply }, reply, ANSWERED)];
    return acknowledged(flow, sent, forward, reply, ANSWERED);
  });
}

/** The device by which it left a machine that is all that is known; null: of others, or where hops are not noted, an answer is not walked. */
function wayBeyond({ hops, netns }: Walk): string | null {
  const last = hops.findLast((h) => h.kind === 'interface');
  return netns.strangers === true && last?.direction === 'out' && last.netns === netns.name ? last.device : null;
}

/**
 * What is beyond is taken to answer, by the device that the request left by: where that is lost here there is no connection. Whether there is
 * an answer is not known.
 */
function answeredBeyond(flow: Flow, sent: Packet, forward: Walk, way: string): readonly FlowPath[] {
  const gone: Ended = { outcome: 'exits', client: 'unknown', failure: failureOf(forward, 'forward') };
  const answer = answerTo(forward.packet, flow.existing !== undefined);
  const known = knownAfter(forward, { tracked: null, awaited: awaitedBy(flow, sent), unbound: false });
  const sender = formatAddress(answer.source);
  return walk({ netns: forward.netns, sender, packet: answer, enters: way }, known).flatMap((reply) => {
    const isLost = reply.end.kind === 'lost' || reply.end.kind === 'refused';
    if (isLost) return [path({ forward, reply }, reply, lostAfterwards(reply, 'reply'))];
    if (!isBack(flow, reply) || flow.protocol !== 'tcp' || flow.existing !== undefined) return [path({ forward, reply }, reply, gone)];
    return acknowledged(flow, sent, forward, reply, gone);
  });
}

const awaitedBy = ({ netns, process, enters }: Flow, sent: Packet) => ({ netns, tuple: invert(sent), process, beyond: enters ?? null });

const ANSWERED: Ended = { outcome: 'delivered', client: 'answer', failure: null };

function processOf(forward: Walk): string {
  const last = forward.hops.at(-1);
  return last?.kind === 'socket' ? last.process : forward.netns.name;
}

/** The client hears nothing when an answer, or what follows it, is lost: no ICMP error goes to it. */
function lostAfterwards(last: Walk, name: WalkName): Ended {
  const failure = failureOf(last, name);
  const { kind } = last.end;
  if (kind === 'exits' || kind === 'undetermined') return { outcome: last.looped ? 'looped' : kind, client: 'unknown', failure };
  return { outcome: last.looped ? 'looped' : 'dropped', client: 'time-out', failure };
}

/** The handshake's third packet goes the request's way, but as one of a connection that every machine should know by now. */
function acknowledged(flow: Flow, sent: Packet, forward: Walk, reply: Walk, ended: Ended): readonly FlowPath[] {
  const { kind } = forward.end;
  return further(flow, acknowledgement(sent), forward, reply).flatMap((ack) => {
    if (ack.end.kind !== kind) return [path({ forward, reply, ack }, ack, lostAfterwards(ack, 'ack'))];
    if (flow.size === null) return [path({ forward, reply, ack }, ack, ended)];
    const size = Math.min(flow.size, mtuOfSender(forward), mtuOfSender(reply));
    return further(flow, { ...sent, tcpFlags: 'PSH-ACK', size }, forward, ack).flatMap((data) =>
      data.end.kind === kind ? [path({ forward, reply, ack, data }, data, ended)] : afterData(flow, sent, forward, reply, ack, data),
    );
  });
}

function further(flow: Flow, packet: Packet, forward: Walk, before: Walk): readonly Walk[] {
  const awaited = { netns: forward.netns, tuple: tupleOf(forward.packet), process: processOf(forward), beyond: null };
  const known = knownAfter(before, { tracked: null, awaited, unbound: isUnbound(flow) });
  return walk(departure(flow, packet), known);
}

const departure = ({ netns, process, enters, entersAs }: Flow, packet: Packet): Departure => ({
  netns,
  sender: process,
  packet,
  ...(enters === undefined ? {} : { enters }),
  ...(entersAs === undefined ? {} : { entersAs }),
});

/** It gets to the client; or to the device that leads to a client beyond, of whom nothing else is known. */
function isBack({ enters, source }: Flow, { end, hops, packet }: Walk): boolean {
  if (end.kind === 'delivered') return true;
  const last = hops.findLast((h) => h.kind === 'interface');
  const isGone = end.kind === 'exits' || (end.kind === 'undetermined' && last?.device === enters);
  return enters !== undefined && isGone && packet.destination === source && last?.device === enters && last.direction === 'out';
}

function afterData(flow: Flow, sent: Packet, forward: Walk, reply: Walk, ack: Walk, data: Walk): readonly FlowPath[] {
  const { end } = data;
  const walks = { forward, reply, ack, data };
  if (end.kind === 'refused-at-source')
    return [path(walks, data, { outcome: 'rejected', client: end.client, failure: failureOf(data, 'data') })];
  if (end.kind !== 'refused' || end.refusal === null) return [path(walks, data, lostAfterwards(data, 'data'))];
  return refused(flow, sent, data, end.refusal).map((error) => {
    const heard = isBack(flow, error);
    if (!heard && error.end.kind === 'undetermined') return path(walks, error, lostAfterwards(error, 'data'));
    const ended: Ended = {
      outcome: heard ? 'rejected' : 'dropped',
      client: heard ? seenByClient(flow, error.packet) : 'time-out',
      failure: failureOf(data, 'data'),
    };
    return path(walks, error, ended);
  });
}
