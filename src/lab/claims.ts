import type { Datapath } from '../datapath/netns.ts';
import { diagnosticAt, type Result } from '../diagnostic.ts';
import { withGuest } from '../guests.ts';
import type { Cluster, Expectation } from '../k8s/cluster.ts';
import { everyPair } from '../query/pairs.ts';
import { type Request, resolveRequest } from '../query/request.ts';
import { type Trace, trace } from '../trace.ts';
import type { Shot } from './agent.ts';
import { LabError } from './machine.ts';
import type { Claim } from './verify.ts';

export interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** A flow to be verified, or to be named as one that cannot be. */
export interface Flow {
  readonly trace: Trace;
  readonly namespace: string;
  /** The outcome that the input's `expect` has for it. */
  readonly expected: string | null;
  /** The expectation's name. */
  readonly name: string | null;
}

/** The flow that somebody asks for. */
export function oneFlow(network: Network, request: Request): Flow {
  const flow = flowOf(network, request, null);
  if (!flow.ok) throw new LabError(flow.message, flow.hint);
  const { over } = flow.value.trace.question;
  if (over !== 'network')
    throw new LabError(
      `--over ${over}: a lab is a network, and sends packets only`,
      `the trace alone: k8s-trace SOURCE DESTINATION --over ${over}`,
    );
  if (protocolOf(flow.value.trace) === null)
    throw new LabError('SCTP is modelled, not verified: a lab sends no SCTP', 'the trace alone: k8s-trace SOURCE DESTINATION');
  return flow.value;
}

/** What the input expects; when it expects nothing, every pod to every other pod and to every port of a service. */
export function allFlows(network: Network, namespace: string): Result<readonly Flow[]> {
  const { expectations } = network.cluster;
  if (expectations.length > 0) return expectedFlows(network, expectations, namespace);
  const flows = everyPair(network.cluster, namespace).map((request) => flowOf(network, request, null));
  const value = flows.flatMap((f) => (f.ok ? [f.value] : []));
  if (value.length === 0)
    throw new LabError('there is nothing to verify: no expectation, no pair of pods, no service', 'name a SOURCE and a DESTINATION');
  return { ok: true, value, warnings: [] };
}

function expectedFlows(network: Network, expectations: readonly Expectation[], namespace: string): Result<readonly Flow[]> {
  const asked = expectations.map((e) => ({ e, flow: flowOf(network, { source: e.from, destination: e.to, namespace }, e) }));
  const diagnostics = asked.flatMap(({ e: { locus }, flow }) =>
    flow.ok ? [] : [diagnosticAt(locus.document, locus.path, { code: 'bad-expectation', message: flow.message, hint: flow.hint })],
  );
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, value: asked.flatMap(({ flow }) => (flow.ok ? [flow.value] : [])), warnings: [] };
}

function flowOf(network: Network, request: Request, expectation: Expectation | null) {
  const { cluster, datapath } = withGuest(network, request);
  const question = resolveRequest(cluster, request);
  if (!question.ok) return question;
  const value: Flow = {
    trace: trace(cluster, datapath, question.value),
    namespace: request.namespace ?? 'default',
    expected: expectation?.outcome ?? null,
    name: expectation?.name ?? null,
  };
  return { ok: true, value } as const;
}

function protocolOf({ question }: Trace): Shot['protocol'] | null {
  const { protocol } = question.target;
  return protocol === 'sctp' ? null : protocol;
}

/** Why no packet can be sent for a flow; null when one can. */
export function unsendable({ trace }: Flow): string | null {
  if (protocolOf(trace) === null) return 'SCTP is modelled, not verified';
  return trace.question.target.addresses.length === 0 ? 'the name has no address, so nothing is sent' : null;
}

export function claimsOf(flows: readonly Flow[]): readonly Claim[] {
  return flows.flatMap((flow) => {
    const protocol = protocolOf(flow.trace);
    return protocol === null || unsendable(flow) !== null ? [] : [{ trace: flow.trace, protocol }];
  });
}
