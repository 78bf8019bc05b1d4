import type { Client, Code } from '../hop/code.ts';
import { describeFailure, failureSentence } from '../hop/failure.ts';
import { podAt } from '../k8s/address-index.ts';
import { key } from '../k8s/pod.ts';
import type { Locus } from '../source/origin.ts';
import { type Sentence, sentence } from '../source/sentence.ts';
import type { FlowPath, WalkName } from '../walk/flow-path.ts';
import { walk } from '../walk/walk.ts';
import type { Context } from './context.ts';
import { isDoubtful } from './doubt.ts';
import { fixesFor } from './fix.ts';
import { otherPolicy } from './other-policy.ts';
import type { Fix } from './remedy.ts';
import type { Ended } from './scene.ts';
import { walkOf } from './walks.ts';

/** Why a path is not delivered, where it was decided, what the client sees and what to change. */
export interface Reason {
  readonly code: Code;
  readonly message: Sentence;
  readonly walk: WalkName | 'dns';
  /** Index of the hop that decided, in that walk. */
  readonly hop: number;
  readonly client: Client;
  readonly locus: Locus | null;
  readonly fix: readonly Fix[];
}

/** A path with its reason; null when it is delivered. */
export interface ExplainedPath extends FlowPath {
  readonly reason: Reason | null;
}

export function reasonOf(context: Context, path: FlowPath): Reason | null {
  const { failure, client } = path;
  if (failure === null) return null;
  const hops = walkOf(path, failure.walk)?.hops ?? [];
  return {
    code: failure.code,
    message: messageOf(failure, path),
    walk: failure.walk,
    hop: Math.max(hops.length - 1, 0),
    client,
    locus: failure.origin.locus,
    fix: fixesFor(context, path, failure),
  };
}

function messageOf(failure: Ended, path: FlowPath): Sentence {
  const words = failureSentence(failure);
  if (failure.walk === 'reply' && path.forward.end.kind === 'exits')
    return sentence(`the request leaves, and its answer is lost where it comes back: ${words.text}`);
  return failure.walk === 'ack' ? sentence(`request and answer arrive, but the handshake's third packet does not: ${words.text}`) : words;
}

/** The index of the path whose reason is reported: the first failure, before a path that leaves the cluster; -1: all are delivered. */
export function failingOf(paths: readonly { readonly outcome: FlowPath['outcome']; readonly reason: unknown }[]): number {
  const failing = paths.findIndex((p) => p.reason !== null && p.outcome !== 'exits');
  return failing === -1 ? paths.findIndex((p) => p.reason !== null) : failing;
}

/** Faults of the network itself: they stop any packet, so they can be looked for apart from a connection. */
const OF_THE_WAY: ReadonlySet<Code> = new Set<Code>([
  'NO_ROUTE',
  'BLACKHOLE_ROUTE',
  'UNREACHABLE_ROUTE',
  'PROHIBIT_ROUTE',
  'NEIGHBOUR_UNREACHABLE',
  'NEXT_HOP_UNKNOWN',
  'LINK_DOWN',
  'FORWARDING_DISABLED',
  'REVERSE_PATH_FILTER',
  'ROUTING_LOOP',
]);

/**
 * Further faults that would stop the connection once the first fault is mended: the other paths' faults, and, when the request did not even
 * arrive, what a packet the other way would meet.
 */
export function alsoBlocking(context: Context, paths: readonly ExplainedPath[], failing: number): readonly Reason[] {
  const first = paths[failing];
  if (first === undefined) return [];
  const others = paths.slice(failing + 1).filter((p) => p.outcome !== 'exits');
  const reasons = [...others.flatMap((p) => p.reason ?? []), ...otherEnd(context, first), ...wayBack(context, first)];
  const seen = new Set([first.reason?.message.text]);
  return reasons.filter(({ message: { text } }) => !seen.has(text) && seen.add(text) !== undefined).slice(0, 5);
}

/** Policies of both ends count. */
function otherEnd(context: Context, path: ExplainedPath): readonly Reason[] {
  const found = otherPolicy(context, path);
  if (found === null) return [];
  const failure = { ...found, walk: 'forward' } as const;
  const hop = Math.max(path.forward.hops.length - 1, 0);
  const fix = fixesFor(context, { ...path, failure }, failure);
  return [
    { code: found.code, message: messageOf(failure, path), walk: 'forward', hop, client: path.client, locus: found.origin.locus, fix },
  ];
}

/** Before the words of what an answer would meet. */
export const ON_THE_WAY_BACK = 'on the way back, ';

function wayBack(context: Context, path: ExplainedPath): readonly Reason[] {
  if (path.failure?.walk !== 'forward' || path.outcome === 'exits') return [];
  const { packet, hops } = path.forward;
  const [sent] = hops;
  const pod = podAt(context.cluster, packet.destination);
  const netns = pod === null ? undefined : context.datapath.netns(key(pod));
  if (netns === undefined || sent === undefined || netns.name === sent.netns) return [];
  const back = {
    ...packet,
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: sent.packet.source,
    destinationPort: packet.sourcePort,
    ttl: 64,
  };
  return walk({ netns, sender: netns.name, packet: back }).flatMap((reply): readonly Reason[] => {
    const { end } = reply;
    if (end.kind === 'delivered' || !OF_THE_WAY.has(end.failure.code)) return [];
    const failure = { ...end.failure, walk: 'reply' } as const;
    if (isDoubtful(context, { ...path, reply }, failure)) return [];
    const { code, origin } = failure;
    return [
      {
        code,
        message: sentence(`${ON_THE_WAY_BACK}${describeFailure(failure)}`),
        walk: 'reply',
        hop: reply.hops.length - 1,
        client: 'time-out',
        locus: origin.locus,
        fix: fixesFor(context, { ...path, reply, failure }, failure),
      },
    ];
  });
}
