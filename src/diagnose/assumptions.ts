import { isNatHop } from '../hop/hop.ts';
import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Locus } from '../source/origin.ts';
import { at } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { asCompiled } from './as-compiled.ts';
import type { Assumption } from './assumption.ts';
import { balancerNotes } from './balancer-notes.ts';
import { beforeTranslation } from './before-translation.ts';
import { beyondNotes } from './beyond-notes.ts';
import type { Context } from './context.ts';
import { calledService } from './context.ts';
import { guessesOn } from './doubt.ts';
import { establishedNotes } from './established.ts';
import { hintNote } from './hint-note.ts';
import { notCollected } from './not-collected.ts';
import { notLedIn } from './not-led-in.ts';
import { orderNote } from './order-note.ts';
import { reliedOn } from './relied-on.ts';
import { unenforced } from './unasked.ts';
import { walksOf } from './walks.ts';

export type { Assumption };

/** The assumptions made on the way, each once. */
export function assumptionsOf(context: Context, paths: readonly FlowPath[]): readonly Assumption[] {
  const { question, cluster } = context;
  const found = new Map<string, Assumption>();
  const add = (message: string, locus: Locus | null) => {
    if (!found.has(message)) found.set(message, { message, locus });
  };
  for (const { message, locus } of reliedOn(context, paths)) add(message, locus);
  for (const { message, locus } of asCompiled(context, paths)) add(message, locus);
  for (const { message, locus } of notCollected(context, paths)) add(message, locus);
  for (const note of question.target.notes) add(note, null);
  for (const { message, locus } of establishedNotes(context, paths)) add(message, locus);
  for (const { message, locus } of unenforced(context, paths)) add(message, locus);
  if (question.source.assumedOutside)
    add(
      `${question.source.name} is taken to be a machine on the internet: no client of the input has this address`,
      cluster.gateway?.locus ?? null,
    );
  for (const message of beyondNotes(cluster, question, paths)) add(message, null);
  for (const { message, locus } of ledIn(question, paths)) add(message, locus);
  for (const { modelled, origin } of [cluster.cni, ...cluster.cniByNode.values()]) if (modelled !== undefined) add(modelled, origin.locus);
  if ([...cluster.nodes.values()].some(({ kubeProxy: { running, mode } }) => running && mode === 'ipvs'))
    add("kube-proxy's mode ipvs is modelled, not verified against a kernel", cluster.kubeProxy.origin.locus);
  for (const path of paths) for (const { message, locus } of guessedNotes(context, path)) add(message, locus);
  const affinity = affinityNote(context, paths);
  if (affinity !== null) add(affinity.message, affinity.locus);
  for (const path of paths) {
    const lost = notLedIn(context, path);
    if (lost !== null) add(lost.message, lost.locus);
    for (const { message, locus } of balancerNotes(context, path)) add(message, locus);
    const order = orderNote(context, path);
    if (order !== null) add(order.message, order.locus);
    const early = beforeTranslation(context, path);
    if (early !== null) add(early.message, early.locus);
    const hints = hintNote(context, path);
    if (hints !== null) add(hints.message, hints.locus);
    for (const { walk } of walksOf(path)) {
      const { end } = walk;
      if (end.kind === 'delivered' && end.socket !== null && end.socket.origin.evidence === 'assumed') {
        add(
          `${end.socket.process} is taken to listen on ${walk.packet.destinationPort}/${walk.packet.protocol}: the input does not say what listens there`,
          end.socket.origin.locus,
        );
      }
      if (path.outcome === 'delivered' && cluster.oneMachine === null) for (const { text, origin } of walk.doubts) add(text, origin.locus);
      if (walk.hops.some((h) => isNatHop(h) && h.steps.some((s) => s.rule.target?.kind === 'MASQUERADE' && s.rule.target.randomFully)))
        add('MASQUERADE --random-fully may give the packet another source port; it is shown with the one it had', null);
    }
  }
  const segment = paths
    .map((p) => p.data?.hops[0]?.packet.size ?? Number.POSITIVE_INFINITY)
    .reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (question.size !== null && segment < question.size)
    add(
      `TCP sends at most ${segment} bytes at once here, which the two ends agree on (MSS): the data packet has no more, not ${question.size}`,
      null,
    );
  const lostEarly = paths.some((p) => p.failure?.walk === 'forward' && p.forward.netns.node === question.source.node);
  if (paths.length > 1 && lostEarly && paths.some((p) => p.outcome === 'delivered'))
    add(
      'a first packet that is lost on its own node is sent again, and may then go to another endpoint: the shares are those of a first try',
      null,
    );
  return [...found.values()];
}

/** What is taken for parts of the cluster that are not modelled; and of a pod's packet that comes out of them, its source. */
function guessedNotes(context: Context, path: FlowPath): readonly Assumption[] {
  const { cluster } = context;
  const guesses = guessesOn(context, path);
  const notes = guesses.map(({ what }) => ({
    message: what,
    locus: cluster.cni.guess?.what === what ? cluster.cni.origin.locus : cluster.kubeProxy.origin.locus,
  }));
  const { guess, origin } = cluster.cni;
  const source = guess !== null && guesses.includes(guess) ? unmasqueraded(cluster, path) : null;
  if (guess === null || source === null) return notes;
  const message = `${formatAddress(source)} is taken to stay the packet's source: whether ${guess.name} masquerades it on its way there is not known`;
  return [...notes, { message, locus: origin.locus }];
}

/** The address of a pod that its packet still has where no pod is: on a node, or outside of the cluster. */
function unmasqueraded(cluster: Cluster, { forward }: FlowPath): IpAddress | null {
  const there = forward.hops.find(({ kind, role }) => role === 'gateway' || role === 'outside' || (role === 'node' && kind === 'socket'));
  return there !== undefined && podAt(cluster, there.packet.source) !== null ? there.packet.source : null;
}

/**
 * Session affinity is a list of clients that each node keeps for each endpoint. It starts empty, so a trace has every endpoint; the next
 * connection has only one.
 */
function affinityNote({ cluster }: Context, paths: readonly FlowPath[]): Assumption | null {
  if (paths.length < 2) return null;
  const chosen = paths.flatMap(({ forward: { hops } }) => {
    const translated = hops.findIndex((h) => isNatHop(h) && h.action === 'dnat' && h.role === 'node');
    const before = hops[translated - 1];
    const called = before === undefined ? null : calledService(cluster, before.packet);
    return called === null ? [] : [{ service: called.service, packet: hops[translated]?.packet }];
  });
  const [first] = chosen;
  const endpoints = new Set(chosen.map(({ packet }) => `${packet?.destination}:${packet?.destinationPort}`));
  if (first === undefined || first.service.sessionAffinityTimeoutSeconds === null || endpoints.size < 2) return null;
  const { name, sessionAffinityTimeoutSeconds: affinitySeconds, locus } = first.service;
  const message = `this is the client's first connection to service ${name}; with sessionAffinity ClientIP those of the next ${affinitySeconds} seconds go to the endpoint that it got, and each starts that time anew`;
  return { message, locus: at(locus, 'sessionAffinity') };
}

/** From outside to a pod's own address, where the input says nothing of a way. */
function ledIn({ source }: Context['question'], paths: readonly FlowPath[]): readonly Assumption[] {
  const routes = paths.flatMap(({ forward }) => forward.hops.flatMap((h) => (h.kind === 'route' && h.role === 'outside' ? [h.route] : [])));
  const route = routes.find((r) => r.origin.evidence === 'assumed');
  if (route === undefined) return [];
  const message = `${source.name} is taken to get to the pod's node with its own address: the input does not say how packets come in from outside`;
  return [{ message, locus: route.origin.locus }];
}
