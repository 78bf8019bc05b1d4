import { isExpected } from '../check/judge.ts';
import type { LabDocument, LabFlowDocument } from '../document/lab-schema.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { formatAddress, type IpAddress, withPort } from '../net/address.ts';
import type { Found } from '../query/found.ts';
import { nameOf } from '../query/name.ts';
import type { Request } from '../query/question.ts';
import { resolveRequest } from '../query/request.ts';
import type { Trace } from '../trace/trace.ts';
import { claimsOf, type Flow, unsendable } from './claims.ts';
import type { Machine } from './machine.ts';
import { type Verdict, verify } from './verify.ts';

/** Sends each flow's packets through the kernel, and writes both sides down. */
export async function verifyFlows(machine: Machine, network: Network, flows: readonly Flow[]): Promise<LabDocument> {
  const claims = claimsOf(flows);
  const verdicts = claims.length === 0 ? [] : await verify(machine, network, claims);
  const ofTrace = byTrace(verdicts);
  const documents = flows.flatMap((flow) => {
    const found = ofTrace.get(flow.trace) ?? [];
    return found.length === 0 ? [unsent(network, flow)] : found.map((verdict) => asked(network, flow, verdict));
  });
  const agrees = verdicts.length === 0 ? null : documents.every((d) => d.agrees !== false);
  const unexpected = documents.filter((d) => d.asExpected === false).length;
  return { schemaVersion: 1, kernel: machine.release, agrees, unexpected, flows: documents };
}

function byTrace(verdicts: readonly Verdict[]): ReadonlyMap<Trace, readonly Verdict[]> {
  const groups = new Map<Trace, Verdict[]>();
  for (const verdict of verdicts) {
    const group = groups.get(verdict.trace);
    if (group === undefined) groups.set(verdict.trace, [verdict]);
    else group.push(verdict);
  }
  return groups;
}

function asked(network: Network, flow: Flow, { address, comparison }: Verdict): LabFlowDocument {
  const path = flow.trace.paths[comparison.path];
  const { model, kernel, agrees } = comparison.client;
  return {
    ...names(network, flow, address),
    agrees: comparison.agrees,
    note: null,
    outcome: flow.trace.outcome,
    code: flow.trace.reason?.code ?? null,
    taken: path === undefined ? null : { outcome: path.outcome, code: path.reason?.code ?? null },
    name: flow.name,
    ...expectedOf(flow),
    path: comparison.path,
    paths: flow.trace.paths.length,
    client: { model, kernel, agrees },
    walks: comparison.walks.map((w) => ({ ...w, model: w.model.map((c) => ({ ...c })), kernel: w.kernel.map((c) => ({ ...c })) })),
  };
}

function unsent(network: Network, flow: Flow): LabFlowDocument {
  const { trace } = flow;
  return {
    ...names(network, flow, null),
    agrees: null,
    note: unsendable(flow),
    outcome: trace.outcome,
    code: trace.reason?.code ?? null,
    taken: null,
    name: flow.name,
    ...expectedOf(flow),
    path: null,
    paths: trace.paths.length,
    client: { model: trace.paths[0]?.client ?? 'unknown', kernel: null, agrees: null },
    walks: [],
  };
}

function expectedOf({ expected, trace }: Flow): Pick<LabFlowDocument, 'expected' | 'asExpected'> {
  if (expected === null) return { expected: null, asExpected: null };
  return { expected: expected.join(' or '), asExpected: expected.some((o) => isExpected(o, trace.outcome)) };
}

function names({ cluster }: Network, { trace, namespace }: Flow, address: IpAddress | null) {
  const { protocol, port } = trace.question.target;
  const found = sourceOf(cluster, trace);
  const { container, name } = trace.question.source;
  const source = inContainer(container, found === null ? name : nameOf(cluster, found, namespace));
  const destination = destinationOf(cluster, trace, { source, namespace });
  return { source, destination, family: trace.question.family, protocol, port, address: address === null ? null : formatAddress(address) };
}

const inContainer = (container: string | null, name: string) => (container === null ? name : `${container}@${name}`);

/** TCP is named only where the port alone would stand for another protocol, or for two. */
function destinationOf(cluster: Cluster, { question }: Trace, asked: Pick<Request, 'source' | 'namespace'>): string {
  const { protocol, port } = question.target;
  const name = inContainer(question.destinationContainer, nameOf(cluster, question.destination, asked.namespace ?? 'default'));
  if (port === null || question.destination.kind === 'url') return name;
  const named = withPort(name, port);
  const again = resolveRequest(cluster, { ...asked, destination: named }, question.family);
  const plain = protocol === 'tcp' && again.ok && again.value.target.protocol === 'tcp';
  return `${named}${plain ? '' : `/${protocol}`}`;
}

function sourceOf(cluster: Cluster, { question: { source } }: Trace): Found | null {
  const pod = cluster.pods.get(`${source.namespace}/${source.name}`);
  const node = cluster.nodes.get(source.name);
  if (source.kind === 'Pod') return pod === undefined ? null : { kind: 'pod', pod };
  return node === undefined ? null : { kind: 'node', node };
}
