import { type Assumption, assumptionsOf } from '../diagnose/assumptions.ts';
import type { Context } from '../diagnose/context.ts';
import { emptyBackend, type OwnAnswer, refusedBy } from '../diagnose/http-failure.ts';
import { alsoBlocking, type ExplainedPath, failingOf, type Reason } from '../diagnose/reason.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { type Action, type HttpPlan, urlText } from '../k8s/http/http.ts';
import type { Endpoint } from '../k8s/service.ts';
import { FAMILIES, type IpFamily } from '../net/address.ts';
import type { Flow } from '../walk/flow-path.ts';
import { toEndpoint, toName } from './behind.ts';
import { explain } from './explain.ts';
import type { Leg, ProxiedPath, ProxiedTrace } from './leg.ts';
import { connectEach } from './no-packet.ts';
import { proxiedNotes } from './proxied-notes.ts';
import { answersItself, type Controller, controllerAt, redirects } from './proxied-path.ts';

type Forward = Extract<Action, { kind: 'forward' }>;

/** The client's connection ends at a controller, which starts its own to a backend: two connections, joined where they meet. */
export function traceProxied(context: Context, plan: HttpPlan, flows: readonly Flow[]): ProxiedTrace {
  const first = firstLeg(context, plan);
  return onwards(
    first,
    plan,
    connectEach(first.question, flows).map((p) => explain(first, p)),
  );
}

/** The same for a request over a connection that stands. */
export const traceOver = (context: Context, plan: HttpPlan, connection: ExplainedPath): ProxiedTrace =>
  onwards(firstLeg(context, plan), plan, [connection]);

function onwards(first: Context, plan: HttpPlan, connections: readonly ExplainedPath[]): ProxiedTrace {
  const legs = connections.map((path): Leg => ({ context: first, path }));
  const paths = legs.flatMap((leg) => (leg.path.reason === null ? beyond(leg, plan) : [alone(leg)]));
  const failing = failingOf(paths);
  return { paths, alsoBlockedBy: alsoOf(paths, failing), assumptions: assumedBy(first, plan, paths) };
}

/** To the controller: as a question for its service, where that is known. */
function firstLeg(context: Context, { frontend }: HttpPlan): Context {
  const { question } = context;
  if (frontend?.service == null) return context;
  return { ...context, question: { ...question, destination: { kind: 'service', service: frontend.service } } };
}

/** It never comes to the controller. */
const alone = (leg: Leg): ProxiedPath => ({ ...leg.path, endpoint: null, redirect: null, legs: [leg] });

function beyond(leg: Leg, plan: HttpPlan): readonly ProxiedPath[] {
  const controller = controllerAt(leg, plan);
  if (controller === null) {
    const { frontend, request } = plan;
    const { netns } = leg.path.forward;
    const facts = { why: 'another-process', netns: netns.name, frontend: frontend?.name ?? urlText(request) } as const;
    const answer: OwnAnswer = { failure: { code: 'FACT_MISSING', facts, origin: netns.origin }, client: 'unknown' };
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
      const { externalName } = action.service;
      if (externalName !== null) return toName(share, controller, plan, action, externalName.name);
      const ready = backendsOf(share.context.question.family, action);
      if (ready.length === 0) return [answersItself(share, controller, plan, action, emptyBackend(share.context, action))];
      return ready.flatMap((endpoint) => toEndpoint(withShare(share, 1 / ready.length), controller, plan, action, endpoint));
    }
  }
}

/** The endpoints of the family that the client came by; those of the other one when the service has none of this. */
function backendsOf(family: IpFamily, { port }: Forward): readonly Endpoint[] {
  const byFamily = [family, ...FAMILIES].map((f) => readyEndpoints(port, f));
  return byFamily.find((ready) => ready.length > 0) ?? [];
}

function withShare(leg: Leg, share: number): Leg {
  return { ...leg, path: { ...leg.path, probability: leg.path.probability * share } };
}

/** Further obstacles are those of the connection that failed. */
export function alsoOf(paths: readonly ProxiedPath[], failing: number): readonly Reason[] {
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
