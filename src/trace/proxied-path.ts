import type { Netns } from '../datapath/netns.ts';
import { fixesFor } from '../diagnose/fix.ts';
import { type OwnAnswer, STATUS } from '../diagnose/http-failure.ts';
import type { Reason } from '../diagnose/reason.ts';
import type { ProxyHop } from '../hop/application-hop.ts';
import type { Client } from '../hop/code.ts';
import { dropSentence } from '../hop/describe.ts';
import type { DropHop } from '../hop/linux-hop.ts';
import { type Action, type HttpPlan, type Redirect, urlText } from '../k8s/http/http.ts';
import { netnsOf, type Pod } from '../k8s/pod.ts';
import type { Endpoint } from '../k8s/service.ts';
import type { Packet } from '../net/packet.ts';
import { assumed, inferred, type Origin } from '../source/origin.ts';
import { longer } from '../source/sentence.ts';
import type { Walk } from '../walk/walk.ts';
import { joinedHops } from './join.ts';
import type { Leg, ProxiedPath } from './leg.ts';
import { placeAt } from './place.ts';

/** The process where the client's connection ends. */
export interface Controller {
  readonly netns: Netns;
  readonly process: string;
  readonly pod: Pod;
}

/** Null: the client reached no pod of the controller's. */
export function controllerAt({ context: { cluster }, path: { forward } }: Leg, { frontend }: HttpPlan): Controller | null {
  const { netns, packet } = forward;
  const last = forward.hops.at(-1);
  if (last?.kind !== 'socket') return null;
  const { service } = frontend ?? { service: null };
  const pods = service?.ports.flatMap((p) => p.endpoints.flatMap((e): readonly Pod[] => (e.pod === null ? [] : [e.pod])));
  const isHere = (p: Pod) => netnsOf(p) === netns.name && mayListen(p, packet.destinationPort);
  const pod = pods === undefined ? cluster.pods.get(netns.name) : pods.find(isHere);
  return pod === undefined ? null : { netns, process: last.process, pod };
}

/** A node's own namespace has other processes, too: a pod there has only the ports that it states, if it states any. */
const mayListen = ({ hostNetwork, containers }: Pod, port: number) =>
  !hostNetwork || containers.length === 0 || containers.some((c) => c.ports.some((p) => p.port === port && p.protocol === 'tcp'));

/** The hop that shows a controller's rule and TLS. */
function proxyHop(
  { netns, process }: Controller,
  { request, rule }: HttpPlan,
  more: Pick<ProxyHop, 'action' | 'to' | 'backend' | 'edits' | 'forwardedFor'>,
  packet: Packet,
): ProxyHop {
  const origin: Origin = rule?.origin ?? inferred(null);
  return {
    kind: 'proxy',
    ...placeAt(netns, packet),
    origin,
    process,
    rule: rule?.text ?? 'no rule',
    url: urlText(request),
    tls: request.scheme === 'https' ? 'terminated' : 'none',
    ...more,
  };
}

/** The controller answers itself: the connection stands, and the answer goes its way. */
export function answersItself(
  leg: Leg,
  controller: Controller | null,
  plan: HttpPlan,
  action: Action | null,
  answer: OwnAnswer,
): ProxiedPath {
  const { forward } = leg.path;
  const { failure, client } = answer;
  const { packet, netns } = forward;
  const matched = controller === null || plan.rule === null ? [] : [ownHop('answer', leg, controller, plan, null)];
  const status = STATUS[client];
  const own = status === undefined ? null : { process: controller?.process ?? netns.name, status };
  const drop: DropHop = { kind: 'drop', ...placeAt(netns, packet), failure, answer: own, origin: failure.origin };
  const hops = [...forward.hops, ...matched, drop];
  const outcome = failure.code === 'FACT_MISSING' ? 'undetermined' : 'rejected';
  const ended: Walk = {
    ...forward,
    hops,
    end: outcome === 'rejected' ? { kind: 'refused', failure, refusal: null } : { kind: outcome, failure },
  };
  const path = { ...leg.path, forward: ended, failure: { ...failure, walk: 'forward' } as const };
  // The fix may be one of the backend's service.
  const service = action?.kind === 'forward' ? action.service : null;
  const destination = service === null ? leg.context.question.destination : ({ kind: 'service', service } as const);
  const context = { ...leg.context, question: { ...leg.context.question, destination } };
  const reason: Reason = {
    code: failure.code,
    message: dropSentence(drop),
    walk: 'forward',
    hop: hops.length - 1,
    client,
    locus: failure.origin.locus,
    fix: fixesFor(context, path, path.failure),
  };
  return { ...path, outcome, client, reason, endpoint: null, redirect: null, legs: [leg] };
}

const ownHop = (action: 'answer' | 'redirect', { path: { forward } }: Leg, controller: Controller, plan: HttpPlan, to: string | null) =>
  proxyHop(controller, plan, { action, to, backend: null, edits: [], forwardedFor: forward.packet.source }, forward.packet);

/** An answer that sends the client elsewhere is an answer, until it is followed. */
export function redirects(leg: Leg, controller: Controller, plan: HttpPlan, redirect: Redirect): ProxiedPath {
  const { forward } = leg.path;
  const hop = ownHop('redirect', leg, controller, plan, redirect.location);
  return { ...leg.path, forward: { ...forward, hops: [...forward.hops, hop] }, endpoint: null, redirect, legs: [leg] };
}

/** Two connections that meet in a controller. */
export interface Join {
  /** The client's, with the share of this whole path. */
  readonly leg: Leg;
  readonly second: Leg;
  readonly controller: Controller;
  readonly plan: HttpPlan;
  readonly action: Extract<Action, { kind: 'forward' }>;
  /** Null: an ExternalName's name has no address. */
  readonly endpoint: Pick<Endpoint, 'ip' | 'port' | 'pod'> | null;
}

/** Hops of one connection, the proxy, then those of the other. */
function joined({ leg, controller, plan, action }: Join, kind: 'forward' | 'return', before: Walk, after: Walk): Walk {
  const { namespace, name, externalName } = action.service;
  const more = {
    action: kind,
    to: urlText(action.request),
    backend: `service ${namespace}/${name}:${action.port.port}${externalName === null ? '' : ` (${externalName.name})`}`,
    edits: action.edits,
    forwardedFor: leg.path.forward.packet.source,
  };
  const hop = proxyHop(controller, plan, more, before.packet);
  // To call what an ExternalName stands for is the controller's own choice.
  return {
    ...after,
    hops: joinedHops([...before.hops, externalName === null ? hop : { ...hop, origin: assumed(hop.origin.locus) }], after.hops),
  };
}

function endpointOf({ endpoint, second }: Join): ProxiedPath['endpoint'] {
  const { netns, packet, end } = second.path.forward;
  if (endpoint === null) return null;
  const { ip, port, pod } = endpoint;
  if (pod !== null && pod.node !== null) return { ip, port, netns: netnsOf(pod), node: pod.node };
  return end.kind === 'delivered' ? { ip: packet.destination, port: packet.destinationPort, netns: netns.name, node: netns.node } : null;
}

/** Both connections stand: each walk goes through the controller. */
export function reaches(join: Join): ProxiedPath {
  const { leg, second } = join;
  const [a, b] = [leg.path, second.path];
  return {
    ...b,
    forward: joined(join, 'forward', a.forward, b.forward),
    reply: a.reply === null || b.reply === null ? null : joined(join, 'return', b.reply, a.reply),
    ack: a.ack === null || b.ack === null ? null : joined(join, 'forward', a.ack, b.ack),
    endpoint: endpointOf(join),
    redirect: null,
    legs: [leg, second],
  };
}

/**
 * The second connection fails: the controller tells the client so, over the first one, which stands. The walk that failed is shown as far as
 * it came; the others are the client's.
 */
export function failsBehind(join: Join): ProxiedPath {
  const { leg, second, controller } = join;
  const [a, b] = [leg.path, second.path];
  const reason = b.reason;
  if (reason === null) throw new Error('a connection that fails has a reason');
  const walks = { forward: joined(join, 'forward', a.forward, b.forward), reply: a.reply, ack: a.ack };
  if (reason.walk === 'reply') walks.reply = b.reply;
  if (reason.walk === 'ack' && a.ack !== null && b.ack !== null) walks.ack = joined(join, 'forward', a.ack, b.ack);
  const before = reason.walk === 'forward' ? a.forward.hops.length + 1 : reason.walk === 'ack' ? (a.ack?.hops.length ?? 0) + 1 : 0;
  const open = b.outcome === 'exits' || b.outcome === 'undetermined';
  const client = open ? b.client : gatewayError(b.client);
  const status = STATUS[client];
  return {
    ...b,
    ...walks,
    outcome: open ? b.outcome : 'rejected',
    client,
    reason: {
      ...reason,
      client,
      hop: before + reason.hop,
      message: status === undefined ? reason.message : longer(reason.message, `; ${controller.process} answers ${status}`),
    },
    endpoint: endpointOf(join),
    redirect: null,
    legs: [leg, second],
  };
}

/** 502 when it is told that it cannot connect, 504 when it is told nothing. Source: RFC 9110, 15.6.3 and 15.6.5. */
const gatewayError = (client: Client): Client => (client === 'time-out' ? 'http-504' : 'http-502');
