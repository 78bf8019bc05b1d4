import { isNatHop } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import { affinityNote } from './affinity-note.ts';
import { asCompiled } from './as-compiled.ts';
import type { Assumption } from './assumption.ts';
import { balancerNotes } from './balancer-notes.ts';
import { beforeTranslation } from './before-translation.ts';
import { beyondNotes } from './beyond-notes.ts';
import type { Context } from './context.ts';
import { establishedNotes } from './established.ts';
import { guessedNotes } from './guessed-notes.ts';
import { hintNote } from './hint-note.ts';
import { notCollected } from './not-collected.ts';
import { notLedIn } from './not-led-in.ts';
import { notVerified } from './not-verified.ts';
import { orderNote } from './order-note.ts';
import { reliedOn } from './relied-on.ts';
import { unenforced } from './unasked.ts';
import { walksOf } from './walks.ts';

export type { Assumption };

/** The assumptions made on the way, each once. */
export function assumptionsOf(context: Context, paths: readonly FlowPath[]): readonly Assumption[] {
  const { question, cluster } = context;
  const all: readonly (Assumption | null)[] = [
    ...reliedOn(context, paths),
    ...asCompiled(context, paths),
    ...notCollected(context, paths),
    ...question.target.notes.map(ofNoPlace),
    ...establishedNotes(context, paths),
    ...unenforced(context, paths),
    assumedOutside(context),
    ...beyondNotes(cluster, question, paths).map(ofNoPlace),
    ...ledIn(question, paths),
    ...notVerified(cluster),
    ...paths.flatMap((path) => guessedNotes(context, path)),
    affinityNote(context, paths),
    ...paths.flatMap((path) => onPath(context, path)),
    lessAtOnce(question, paths),
    sentAgain(question, paths),
  ];
  const found = new Map<string, Assumption>();
  for (const one of all) if (one !== null && !found.has(one.message)) found.set(one.message, one);
  return [...found.values()];
}

const ofNoPlace = (message: string): Assumption => ({ message, locus: null });

function assumedOutside({ question: { source }, cluster }: Context): Assumption | null {
  if (!source.assumedOutside) return null;
  const message = `${source.name} is taken to be a machine on the internet: no client of the input has this address`;
  return { message, locus: cluster.gateway?.locus ?? null };
}

const onPath = (context: Context, path: FlowPath): readonly (Assumption | null)[] => [
  notLedIn(context, path),
  ...balancerNotes(context, path),
  orderNote(context, path),
  beforeTranslation(context, path),
  hintNote(context, path),
  ...walksOf(path).flatMap(({ walk }) => onWalk(context.cluster, path, walk)),
];

function onWalk({ oneMachine }: Cluster, { outcome }: FlowPath, { end, packet, doubts, hops }: Walk): readonly (Assumption | null)[] {
  const socket = end.kind === 'delivered' && end.socket?.origin.evidence === 'assumed' ? end.socket : null;
  const port = `${packet.destinationPort}/${packet.protocol}`;
  const isRandom = hops.some((h) => isNatHop(h) && h.steps.some((s) => s.rule.target?.kind === 'MASQUERADE' && s.rule.target.randomFully));
  return [
    socket === null
      ? null
      : {
          message: `${socket.process} is taken to listen on ${port}: the input does not say what listens there`,
          locus: socket.origin.locus,
        },
    ...(outcome === 'delivered' && oneMachine === null ? doubts.map(({ text, origin }) => ({ message: text, locus: origin.locus })) : []),
    isRandom ? ofNoPlace(RANDOM) : null,
  ];
}

const RANDOM = 'MASQUERADE --random-fully may give the packet another source port; it is shown with the one it had';

function lessAtOnce({ size }: Context['question'], paths: readonly FlowPath[]): Assumption | null {
  const segment = Math.min(...paths.map((p) => p.data?.hops[0]?.packet.size ?? Number.POSITIVE_INFINITY));
  if (size === null || segment >= size) return null;
  return ofNoPlace(
    `TCP sends at most ${segment} bytes at once here, which the two ends agree on (MSS): the data packet has no more, not ${size}`,
  );
}

function sentAgain({ source }: Context['question'], paths: readonly FlowPath[]): Assumption | null {
  const isLostEarly = paths.some((p) => p.failure?.walk === 'forward' && p.forward.netns.node === source.node);
  if (paths.length < 2 || !isLostEarly || !paths.some((p) => p.outcome === 'delivered')) return null;
  return ofNoPlace(
    'a first packet that is lost on its own node is sent again, and may then go to another endpoint: the shares are those of a first try',
  );
}

/** From outside to a pod's own address, where the input says nothing of a way. */
function ledIn({ source }: Context['question'], paths: readonly FlowPath[]): readonly Assumption[] {
  const routes = paths.flatMap(({ forward }) => forward.hops.flatMap((h) => (h.kind === 'route' && h.role === 'outside' ? [h.route] : [])));
  const route = routes.find((r) => r.origin.evidence === 'assumed');
  if (route === undefined) return [];
  const message = `${source.name} is taken to get to the pod's node with its own address: the input does not say how packets come in from outside`;
  return [{ message, locus: route.origin.locus }];
}
