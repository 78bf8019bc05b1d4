import type { Netns } from '../datapath/netns.ts';
import { type Assumption, assumptionsOf } from '../diagnose/assumptions.ts';
import type { Context } from '../diagnose/context.ts';
import { atTheEdge } from '../diagnose/edge.ts';
import { emptyBackend, type OwnAnswer, refusedBy } from '../diagnose/http-failure.ts';
import { interpret } from '../diagnose/interpret.ts';
import { alsoBlocking, type ExplainedPath, type Reason, reasonOf } from '../diagnose/reason.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { type Action, type HttpPlan, urlText } from '../k8s/http/http.ts';
import { key } from '../k8s/pod.ts';
import type { Endpoint } from '../k8s/service.ts';
import { familyOf } from '../net/address.ts';
import type { Question } from '../query/question.ts';
import { sourceTowards } from '../stage/routing.ts';
import type { Flow } from '../walk/flow.ts';
import { afterLookUp } from './dns-query.ts';
import type { Leg, ProxiedPath } from './leg.ts';
import { connect } from './no-packet.ts';
import { proxiedNotes } from './proxied-notes.ts';
import { answersItself, type Controller, controllerAt, failsBehind, reaches, redirects } from './proxied-path.ts';

type Forward = Extract<Action, { kind: 'forward' }>;

export interface ProxiedTrace {
  readonly paths: readonly ProxiedPath[];
  readonly alsoBlockedBy: readonly Reason[];
  readonly assumptions: readonly Assumption[];
}

/** The client's connection ends at a controller, which starts its own to a backend: two connections, joined where they meet. */
export function traceProxied(context: Context, plan: HttpPlan, flows: readonly Flow[]): ProxiedTrace {
  const first = firstLeg(context, plan);
  const legs = flows.flatMap((flow) =>
    connect(first.question, flow).map((p) =>
      explained(first, afterLookUp(context.question, flow.netns, { ...p, probability: p.probability / flows.length })),
    ),
  );
  const paths = legs.flatMap((leg) => (leg.path.reason === null ? beyond(leg, plan) : [alone(leg)]));
  const failing = paths.findIndex((p) => p.reason !== null);
  return { paths, alsoBlockedBy: alsoOf(paths, failing), assumptions: assumedBy(first, plan, paths) };
}

/** To the controller: as a question for its service, where that is known. */
function firstLeg(context: Context, { frontend }: HttpPlan): Context {
  const { question } = context;
  if (frontend?.service == null) return context;
  return { ...context, question: { ...question, destination: { kind: 'service', service: frontend.service } } };
}

function explained(context: Context, raw: Parameters<typeof interpret>[1]): Leg {
  const path = atTheEdge(context.cluster, interpret(context, raw));
  return { context, path: { ...path, reason: reasonOf(context, path) } };
}

/** It never comes to the controller. */
const alone = (leg: Leg): ProxiedPath => ({ ...leg.path, endpoint: null, legs: [leg] });

function beyond(leg: Leg, plan: HttpPlan): readonly ProxiedPath[] {
  const controller = controllerAt(leg, plan);
  if (controller === null) {
    const { frontend, request } = plan;
    const where = leg.path.forward.netns.name;
    const text = `the connection ends in ${where}, which is none of the pods behind ${frontend?.name ?? urlText(request)}: what answers there is not in the input`;
    const answer: OwnAnswer = { failure: { code: 'FACT_MISSING', text, origin: leg.path.forward.netns.origin }, client: 'unknown' };
    return [answersItself(leg, null, plan, null, answer)];
  }
  return plan.actions.flatMap((action) => acted(leg, controller, plan, action));
}

function acted(leg: Leg, controller: Controller, plan: HttpPlan, action: Action): readonly ProxiedPath[] {
  const share = withShare(leg, action.share);
  switch (action.kind) {
    case 'refuse':
      return [answersItself(share, controller, plan, action, refusedBy(action, plan.frontend?.api ?? null, urlText(plan.request)))];
    case 'redirect':
      return [redirects(share, controller, plan, action)];
    case 'forward': {
      const ready = backendsOf(share.context.cluster, action);
      if (ready.length === 0) return [answersItself(share, controller, plan, action, emptyBackend(share.context.cluster, action))];
      return ready.flatMap((endpoint) => toEndpoint(withShare(share, 1 / ready.length), controller, plan, action, endpoint));
    }
  }
}

/** The endpoints of the family that the client came by; those of the other one when the service has none of this. */
function backendsOf(cluster: Cluster, { service, port }: Forward): readonly Endpoint[] {
  const own = readyEndpoints(port);
  if (own.length > 0) return own;
  const twin = cluster.other?.services.get(key(service))?.ports.find((p) => p.port === port.port && p.protocol === port.protocol);
  return twin === undefined ? [] : readyEndpoints(twin);
}

function withShare(leg: Leg, share: number): Leg {
  return { ...leg, path: { ...leg.path, probability: leg.path.probability * share } };
}

/** Controllers send to endpoints, and not to the service's address: no rule of kube-proxy takes part. */
function toEndpoint(leg: Leg, controller: Controller, plan: HttpPlan, action: Forward, endpoint: Endpoint): readonly ProxiedPath[] {
  const { netns, process } = controller;
  const source = sourceTowards(netns, endpoint.ip) ?? leg.path.forward.packet.destination;
  const flow: Flow = { netns, process, source, destination: endpoint.ip, port: endpoint.port, protocol: 'tcp', size: null };
  const question = secondQuestion(leg.context.question, netns, flow, action);
  const { cluster } = leg.context;
  const context: Context = {
    ...leg.context,
    cluster: familyOf(endpoint.ip) === cluster.family ? cluster : (cluster.other ?? cluster),
    question,
  };
  return connect(question, flow).map((raw) => {
    const second = explained(context, { ...raw, probability: leg.path.probability * raw.probability });
    const join = { leg, second, controller, plan, action, endpoint };
    return second.path.reason === null ? reaches(join) : failsBehind(join);
  });
}

function secondQuestion(asked: Question, netns: Netns, flow: Flow, { service, port }: Forward): Question {
  return {
    ...asked,
    source: {
      kind: netns.name === netns.node ? 'Node' : 'Pod',
      namespace: null,
      name: netns.name,
      container: null,
      node: netns.node,
      netns: netns.name,
      ip: flow.source,
      process: flow.process,
    },
    destination: { kind: 'service', service },
    resolution: null,
    target: { protocol: 'tcp', port: port.port, addresses: [flow.destination], notes: [], servicePort: port, missing: null },
  };
}

/** What else is in the way is asked of the connection that failed. */
function alsoOf(paths: readonly ProxiedPath[], failing: number): readonly Reason[] {
  const path = paths[failing];
  const leg = path?.legs.at(-1);
  if (path === undefined || leg === undefined) return [];
  const asLegs = paths.map((p, i) => (i === failing ? { ...leg.path, reason: p.reason } : p));
  return alsoBlocking(leg.context, asLegs, failing);
}

function assumedBy(first: Context, plan: HttpPlan, paths: readonly ProxiedPath[]): readonly Assumption[] {
  const notes = proxiedNotes(plan, paths).map((message) => ({ message, locus: null }));
  const byContext = new Map<Context, ExplainedPath[]>([[first, []]]);
  for (const { context, path } of paths.flatMap((p) => p.legs)) byContext.set(context, [...(byContext.get(context) ?? []), path]);
  const all = [...byContext].flatMap(([context, legs]) => assumptionsOf(context, legs));
  const seen = new Set<string>();
  return [...all, ...notes].filter(({ message }) => !seen.has(message) && seen.add(message) !== undefined);
}
