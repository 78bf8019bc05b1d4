import type { Connections } from '../datapath/conntrack.ts';
import type { Device, Netns, Veth } from '../datapath/netns.ts';
import type { AskedPoint } from '../datapath/policy-point.ts';
import type { Hop } from '../hop/hop.ts';
import { inOrder } from '../hop/trail.ts';
import type { Packet } from '../net/packet.ts';
import type { Origin } from '../source/origin.ts';
import { endOfCarrier } from '../stage/carrier.ts';
import { STAGES } from '../stage/index.ts';
import type { End, Next } from '../stage/next.ts';
import { note } from '../stage/note.ts';
import type { Supposed, Tie } from '../stage/open.ts';
import { send } from '../stage/send.ts';
import {
  type Choices,
  type Doubt,
  freshSkb,
  type Known,
  type Learned,
  type Manner,
  NOTHING_KNOWN,
  payload,
  type Skb,
} from '../stage/skb.ts';
import { outOfPort } from '../stage/transmit.ts';

/** One way that a packet takes, from where it is sent to where it ends. */
export interface Walk {
  readonly hops: readonly Hop[];
  readonly end: End;
  /** It came back to the same place with the same header, and its TTL ran out there. */
  readonly looped: boolean;
  readonly probability: number;
  /** The packet as it was at the end. */
  readonly packet: Packet;
  readonly netns: Netns;
  /** The entries of conntrack everywhere after it, and the ECMP ways that were taken: the answer's walk starts with these. */
  readonly connections: Connections | null;
  readonly choices: Choices | null;
  readonly learned: Learned | null;
  readonly supposed: Supposed | null;
  readonly tie: Tie | null;
  readonly doubts: readonly Doubt[];
  /** What an answer may take over: its mark, and the device that it came in by last. */
  readonly mark: number;
  readonly input: Device | null;
  readonly manner: Manner;
  /** What its hops have among them (`hop/met.ts`). */
  readonly met: number;
  /** What policy points were asked, where that is recorded. */
  readonly asked: AskedPoint | null;
}

/** Where a packet is sent, and by whom. */
export interface Departure {
  readonly netns: Netns;
  readonly sender: string;
  readonly packet: Packet;
  /** It comes in by this device of `netns`, from somebody beyond. Left out: it is sent there. */
  readonly enters?: string;
  /** It leaves by this port of a bridge at once. Left out: it is sent. */
  readonly by?: Veth;
  /** What this device is called, where nothing else tells it. */
  readonly entersAs?: string;
}

/** No path has more: 64 routers, each with a few stages. A walk that passes it is a fault in a stage. */
const MOST_STAGES = 4096;

/** Follows a packet through every branch, depth first and in a fixed order, until each has ended. Probabilities sum to the departure's. */
export function walk({ netns, sender, packet, enters, entersAs, by }: Departure, known: Known = NOTHING_KNOWN): readonly Walk[] {
  const walks: Walk[] = [];
  const skb = freshSkb(netns, packet, sender, known);
  const device = enters === undefined ? undefined : netns.devices.get(enters);
  if (device !== undefined) skb.input = entersAs === undefined ? device : called(device, entersAs);
  if (by === undefined) follow(skb, { go: device === undefined ? 'send' : 'receive' }, walks);
  else follow(skb, outAtOnce(skb, by), walks);
  return walks;
}

function outAtOnce(skb: Skb, by: Veth): Next {
  send(skb);
  skb.frameTo = by.peer;
  return outOfPort(skb, by, false);
}

/** The device as its machine's rules see it. */
function called(device: Device, name: string): Device {
  const known = { ...device, name };
  delete known.unnamed;
  return known;
}

function follow(skb: Skb, from: Next, walks: Walk[]): void {
  let next = from;
  for (let stages = 0; 'go' in next; stages++) {
    if (stages > MOST_STAGES) throw new Error(`a walk of more than ${MOST_STAGES} stages`);
    next = STAGES[next.go](skb);
  }
  if ('forks' in next) for (const branch of next.forks) follow(branch.skb, branch.next, walks);
  else walks.push(finish(skb, next.end));
}

function finish(skb: Skb, ended: End): Walk {
  const { probability, netns, connections, choices, learned, supposed, tie, loopAt, doubts, inner, mark, input, manner, met, asked } = skb;
  const packet = payload(skb);
  const end = inner === null ? ended : endOfCarrier(skb, ended);
  const rest = { probability, packet, netns, connections, choices, learned, supposed, tie, doubts, mark, input, manner, met, asked };
  if (end.kind === 'delivered' || end.kind === 'exits') return { hops: inOrder(skb.hops), end, looped: false, ...rest };
  const { failure } = end;
  if (loopAt === null || failure.code !== 'TTL_EXPIRED') {
    note(skb, { kind: 'drop', failure, answer: null, origin: failure.origin });
    return { hops: inOrder(skb.hops), end, looped: false, ...rest };
  }
  return { hops: cutAtLoop(inOrder(skb.hops), loopAt, failure.origin), end, looped: true, ...rest };
}

/** A loop is shown once: up to the first place that the packet has been to before. */
function cutAtLoop(hops: readonly Hop[], loopAt: number, origin: Origin): readonly Hop[] {
  const again = hops[loopAt];
  if (again === undefined) throw new Error('a loop begins at a hop');
  const { node, netns, role, device, packet, outer, mark } = again;
  const failure = { code: 'ROUTING_LOOP', facts: { netns, device }, origin } as const;
  const end: Hop = { kind: 'drop', failure, answer: null, node, netns, role, device, packet, outer, mark, changes: [], origin };
  return [...hops.slice(0, loopAt + 1), end];
}
