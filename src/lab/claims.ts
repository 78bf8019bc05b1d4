import { pairsOf } from '../check/pairs.ts';
import type { Hop } from '../hop/hop.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Expectation, ExpectedOutcome } from '../k8s/expectation.ts';
import { formatAddress, withPort } from '../net/address.ts';
import { everyPair } from '../query/every-pair.ts';
import type { Request } from '../query/question.ts';
import { diagnosticAt, type Result } from '../source/diagnostic.ts';
import { resolveQuestion } from '../trace/resolve-question.ts';
import { type Trace, trace } from '../trace/trace.ts';
import type { Probe } from './agent.ts';
import { LabError } from './machine.ts';
import type { Claim } from './verify.ts';

/** A flow to be verified, or to be named as one that cannot be. */
export interface Flow {
  readonly trace: Trace;
  readonly namespace: string;
  /** The outcomes that the input's `expect` has for it, one of them; null when it says nothing of it. */
  readonly expected: readonly ExpectedOutcome[] | null;
  /** The expectation's name. */
  readonly name: string | null;
}

/** The flows of one question: one for each IP family that both ends have. */
export function flowsFor(network: Network, request: Request): readonly Flow[] {
  const flows = flowsOf(network, request);
  if (!flows.ok) throw new LabError(flows.message, flows.hint);
  for (const { trace } of flows.value) refuseUnsent(trace);
  return flows.value;
}

function refuseUnsent(trace: Trace): void {
  const { over, http } = trace.question;
  if (http !== null)
    throw new LabError('a URL is two connections or more, and a lab speaks no HTTP: verify each by itself', legCommands(trace));
  if (over !== 'network')
    throw new LabError(
      `--over ${over}: a lab is a network, and sends packets only`,
      `the trace alone: k8s-trace SOURCE DESTINATION --over ${over}`,
    );
  if (protocolOf(trace) === null)
    throw new LabError('SCTP is modelled, not verified: a lab sends no SCTP', 'the trace alone: k8s-trace SOURCE DESTINATION');
}

/** The commands that verify the connections of a URL. */
function legCommands({ paths }: Trace): string {
  const from = ({ role, netns, node }: Hop) => (role === 'outside' ? netns : netns === node ? `node/${node}` : netns.replace('/', '/pod/'));
  const connections = paths.map(({ forward }) => forward.hops.filter((h) => h.kind === 'socket' && h.action === 'send'));
  const [most = []] = connections.sort((a, b) => b.length - a.length);
  const commands = most.map(
    (h) => `k8s-trace lab verify ${from(h)} ${withPort(formatAddress(h.packet.destination), h.packet.destinationPort)}`,
  );
  return [...new Set(commands)].join('; ');
}

/** The flows that the input expects; when it expects none, every pod to every other pod and to every port of a service. */
export function allFlows(network: Network, namespace: string): Result<readonly Flow[]> {
  const { expectations } = network.cluster;
  if (expectations.length > 0) return expectedFlows(network, expectations, namespace);
  const flows = everyPair(network.cluster, namespace).map((request) => flowsOf(network, request));
  const value = flows.flatMap((f) => (f.ok ? f.value : []));
  if (value.length === 0)
    throw new LabError('there is nothing to verify: no expectation, no pair of pods, no service', 'name a SOURCE and a DESTINATION');
  return { ok: true, value, warnings: [] };
}

function expectedFlows(network: Network, expectations: readonly Expectation[], namespace: string): Result<readonly Flow[]> {
  const found = pairsOf(network, expectations, namespace);
  const wrong = found.flatMap((pair) => ('question' in pair ? [] : [pair]));
  if (wrong.length > 0)
    return {
      ok: false,
      diagnostics: wrong.map(({ locus, message, hint }) =>
        diagnosticAt(locus.document, locus.path, { code: 'bad-expectation', message, hint }),
      ),
    };
  const value = found
    .flatMap((pair) => ('question' in pair ? [pair] : []))
    .map(
      ({ expectation, question }): Flow => ({
        trace: trace(network, question),
        namespace,
        expected: expectation.outcomes.length === 0 ? null : expectation.outcomes,
        name: expectation.name,
      }),
    );
  return { ok: true, value, warnings: [] };
}

function flowsOf(network: Network, request: Request) {
  const questions = resolveQuestion(network, request);
  if (!questions.ok) return questions;
  const namespace = request.namespace ?? 'default';
  const value = questions.value.map((question): Flow => ({ trace: trace(network, question), namespace, expected: null, name: null }));
  return { ok: true, value } as const;
}

function protocolOf({ question }: Trace): Probe['protocol'] | null {
  const { protocol } = question.target;
  return protocol === 'sctp' ? null : protocol;
}

/** Why no packet can be sent for a flow; null when one can. */
export function unsendable({ trace }: Flow): string | null {
  if (trace.question.http !== null) return 'a URL is two connections, and a lab speaks no HTTP';
  if (protocolOf(trace) === null) return 'SCTP is modelled, not verified';
  return trace.question.target.addresses.length === 0 ? 'the name has no address, so nothing is sent' : null;
}

export function claimsOf(flows: readonly Flow[]): readonly Claim[] {
  return flows.flatMap((flow) => {
    const protocol = protocolOf(flow.trace);
    return protocol === null || unsendable(flow) !== null ? [] : [{ trace: flow.trace, protocol }];
  });
}
