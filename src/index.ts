/**
 * k8s-trace as a library: files into a cluster, a question into a trace, a trace into text. Nothing here touches the disk, the
 * environment or the clock.
 */

import { compile } from './compile/index.ts';
import type { SchemaName } from './document/json-schema.ts';
import type { MatrixResult } from './document/matrix-schema.ts';
import { warningsOnTheWay } from './document/passed.ts';
import type { PolicyDocument } from './document/policy-schema.ts';
import { traceDocument } from './document/trace.ts';
import type { TraceDocument } from './document/trace-schema.ts';
import { whatIfOf } from './document/what-if.ts';
import type { Network } from './k8s/compiled-network.ts';
import type { MatrixRequest } from './matrix/request.ts';
import { rowsOfShard, type Shard } from './matrix/shard.ts';
import { everySource } from './query/every-source.ts';
import type { Request } from './query/question.ts';
import { type Format, renderers } from './render/index.ts';
import type { RenderOptions } from './render/renderer.ts';
import { showText } from './render/show.ts';
import { factsText } from './render/show-facts.ts';
import { overview } from './show/cluster.ts';
import { type View, viewOf } from './show/index.ts';
import type { Diagnostic, Result } from './source/diagnostic.ts';
import type { Edit } from './source/edit.ts';
import { type Loaded, load } from './topology/load.ts';
import type { LoadOptions } from './topology/load-options.ts';
import type { InputFile } from './topology/syntax/document.ts';
import { resolveQuestion } from './trace/resolve-question.ts';
import { type Trace, trace } from './trace/trace.ts';
import { tried } from './trace/tried.ts';
import { type Verdict, verdict } from './trace/verdict.ts';

export type { CheckDocument, CheckResult } from './document/check-schema.ts';
export type { DiffDocument } from './document/diff-schema.ts';
export type { SchemaName } from './document/json-schema.ts';
export type { LabDocument, LabFlowDocument, UpView } from './document/lab-schema.ts';
export type { PolicyDocument } from './document/policy-schema.ts';
export type { FamilyDocument, HopDocument, PathDocument, ReasonDocument, TraceDocument, WalkDocument } from './document/trace-schema.ts';
export { whatIfOf } from './document/what-if.ts';
export { CODES, type Code } from './hop/code.ts';
export type { Cluster } from './k8s/cluster.ts';
export type { Network } from './k8s/compiled-network.ts';
export { type Conversation, LabError, type Machine, type Process, type Ran } from './lab/machine.ts';
export { countedWarnings, formatDiagnostics, formatWarnings } from './render/diagnostics.ts';
export { FORMATS, type Format } from './render/index.ts';
export { labText } from './render/lab.ts';
export { upText } from './render/lab-up.ts';
export { markdownText } from './render/markdown.ts';
export { PICTURE_FORMATS, type PictureFormat } from './render/picture-formats.ts';
export type { RenderOptions } from './render/renderer.ts';
export { renderSeveral } from './render/several.ts';
export { jsonText, safe } from './render/text.ts';
export { whatIfHead, whatIfText } from './render/what-if.ts';
export { yamlText } from './render/yaml.ts';
export { inNamespace, type ListView, type Overview, overview } from './show/cluster.ts';
export type { View } from './show/index.ts';
export { overruledBy } from './show/overruled.ts';
export type { Diagnostic, Result } from './source/diagnostic.ts';
export { FINDINGS, type FindingCode, findingPage, type LintCode, type Severity } from './source/findings.ts';
export { didYouMean } from './source/suggest.ts';
export { BUILT_IN, BUILT_IN_NAME } from './topology/built-in.ts';
export { type FactFlags, FlagError, type LoadOptions, type Supposed } from './topology/load-options.ts';
export { bytesAt, type InputFile, type Parts, sizeOf } from './topology/syntax/document.ts';
export type { Verdict, VerdictPath } from './trace/verdict.ts';

/** Files into a network; or everything that is wrong with them. `options`: what is stated beside them, and wins. */
export function loadNetwork(files: readonly InputFile[], options: LoadOptions = {}): Result<Network> {
  const loaded = load(files, options);
  return loaded.ok ? { ...loaded, value: networkOf(loaded.value) } : loaded;
}

function networkOf({ cluster, edited }: Loaded): Network {
  const network = { cluster, datapath: compile(cluster) };
  if (edited === null) return network;
  const again = (edits: readonly Edit[]): Network | null => {
    const loaded = edited(edits);
    return loaded === null ? null : networkOf(loaded);
  };
  return { ...network, edited: again };
}

/** The question could not be asked: a name that nothing has, a port that is missing. */
export interface Refused {
  readonly message: string;
  readonly hint: string | null;
}

type Answered = { readonly ok: true; readonly trace: TraceDocument } | ({ readonly ok: false } & Refused);

/** Where does the packet go, and if it does not arrive, why? In each IP family that both ends have. What is advised has been tried. */
export function traceRequest(network: Network, request: Request): Answered {
  const answer = prepareTrace(network, request);
  return answer.ok
    ? { ok: true, trace: { ...traceDocument(tried(network, request, answer.traces)), ...whatIfOf(network.cluster) } }
    : answer;
}

type Prepared = { readonly ok: true; readonly traces: readonly Trace[] } | ({ readonly ok: false } & Refused);

/**
 * The same before advice is tried and before it is written down as a document, for a program that asks thousands of questions and needs the words of few: a trace for
 * each connection, in the order in which they are tried.
 */
export function prepareTrace(network: Network, request: Request): Prepared {
  const resolved = resolveQuestion(network, request);
  return resolved.ok ? { ok: true, traces: resolved.value.map((question) => trace(network, question)) } : resolved;
}

/** The same by its ends alone, several times as fast: each path's outcome, code and receiver, as its trace has them. */
export function verdictsOf(
  network: Network,
  request: Request,
): { readonly ok: true; readonly verdicts: readonly Verdict[] } | ({ readonly ok: false } & Refused) {
  const resolved = resolveQuestion(network, request);
  return resolved.ok ? { ok: true, verdicts: resolved.value.map((question) => verdict(network, question)) } : resolved;
}

/** Of a source that is a workload each pod asks; any other source asks alone. */
export function traceEverySource(
  network: Network,
  request: Request,
): { readonly ok: true; readonly traces: readonly TraceDocument[] } | ({ readonly ok: false } & Refused) {
  const sources = everySource(network.cluster, request.source, request.namespace ?? 'default');
  if (!sources.ok) return sources;
  const traces: TraceDocument[] = [];
  for (const source of sources.value) {
    const answer = traceRequest(network, { ...request, source });
    if (!answer.ok) return answer;
    traces.push(answer.trace);
  }
  return { ok: true, traces };
}

/** A trace in one of the formats. */
export function render(format: Format, trace: TraceDocument, options: RenderOptions): string {
  return renderers[format](trace, options);
}

/** Pictures of traces, one a format; loaded only when one is asked for. */
export const pictures = async () => (await import('./render/pictures.ts')).pictureRenderers;

/** The compiled network: all of it in a few lines, or one namespace or service; null: there is no such thing. */
export function show(
  { cluster, datapath }: Network,
  what: { readonly kind: 'node' | 'pod' | 'service'; readonly name: string; readonly rules: boolean } | null,
): View | null {
  return what === null ? overview(cluster) : viewOf(cluster, datapath, what.kind, what.name, what.rules);
}

/** Of the warnings about the files, those about what a trace passes. */
export const warningsOf = ({ cluster }: Network, trace: TraceDocument, warnings: readonly Diagnostic[]): readonly Diagnostic[] =>
  warningsOnTheWay(trace, cluster, warnings);

export type { Failure } from './report/failure.ts';
export { DIFF_FORMATS, type DiffFormat, REPORT_FORMATS, type ReportFormat } from './report/formats.ts';
export { factsText, showText };

/** Findings about the files without a packet; loaded only by `validate`. */
export const linting = () => import('./lint/index.ts');
/** The input's expectations, asked; loaded only by `check`. */
export const checking = () => import('./check/index.ts');
/** Reports of it, one a format. */
export const reporting = () => import('./report/index.ts');

/** What policies let reach a pod, and what they let it reach, as a document; loaded only by `policy`. */
export async function policyOf(
  { cluster }: Network,
  name: string,
  namespace: string,
): Promise<{ readonly ok: true; readonly document: PolicyDocument; readonly note: string | null } | ({ readonly ok: false } & Refused)> {
  const [{ findPolicyPod }, { podReach }, { podPolicyDocument }] = await Promise.all([
    import('./query/policy-pod.ts'),
    import('./reach/index.ts'),
    import('./document/pod-policy.ts'),
  ]);
  const found = findPolicyPod(cluster, name, namespace);
  if (!found.ok) return found;
  return { ok: true, document: { ...podPolicyDocument(podReach(cluster, found.value.pod)), ...whatIfOf(cluster) }, note: found.value.note };
}

/** Two inputs, and what the later one does to connections; loaded only by `diff`. */
export const differ = () => import('./diff/index.ts');

/** Its formats. */
export const policyFormats = async () => (await import('./render/policy.ts')).policyRenderers;

export type { MatrixDocument, MatrixResult } from './document/matrix-schema.ts';
export type { MatrixRequest } from './matrix/request.ts';
export type { Shard } from './matrix/shard.ts';

/** A matrix that can be made: how large it is, and what makes it. */
export interface MatrixReady {
  readonly rows: number;
  readonly columns: number;
  /** Connections are made as they are asked for, once. */
  /** `shard`: of a part of the rows only. */
  make(progress?: (done: number, all: number) => void, shard?: Shard): MatrixResult;
}

/** Who reaches whom; loaded only by `matrix`. */
export async function matrixOf(
  network: Network,
  request: MatrixRequest,
): Promise<({ readonly ok: true } & MatrixReady) | ({ readonly ok: false } & Refused)> {
  const [{ checkNamespace }, { resolveMatrix }, { matrixOf: make }, { matrixDocument }] = await Promise.all([
    import('./matrix/namespace.ts'),
    import('./matrix/request.ts'),
    import('./matrix/engine.ts'),
    import('./document/matrix.ts'),
  ]);
  const namespace = checkNamespace(request, [network.cluster]);
  if (!namespace.ok) return namespace;
  const question = resolveMatrix(network.cluster, request);
  if (!question.ok) return question;
  const { from, to } = question.value;
  return {
    ok: true,
    rows: from.length,
    columns: to.length,
    make: (progress, shard) => {
      const matrix = make(network, question.value, progress);
      const some =
        shard === undefined
          ? matrix
          : { ...matrix, connections: make(network, { ...question.value, from: rowsOfShard(from, shard) }, progress).connections };
      return { ...matrixDocument(question.value, some), ...whatIfOf(network.cluster) };
    },
  };
}

/** Parts of a matrix into the whole; loaded only by `matrix --merge`. */
export const joining = () => import('./document/matrix-parts.ts');

/** Its formats. */
export const matrixFormats = async () => (await import('./render/matrix.ts')).matrixRenderers;

/** The same network in a real kernel; loaded only by `lab`. */
export const lab = () => import('./lab/index.ts');

/** Names of a cluster for a command line that is being typed; loaded only for completions. */
export const candidates = () => import('./query/candidates.ts');

/** Kubernetes objects pruned to what is read of them; loaded only by `snapshot`. */
export const snapshots = () => import('./topology/snapshot.ts');

/** The ConfigMaps that facts are looked for in, by namespace; loaded only to ask a cluster for them. */
export const configMapsRead = async () => (await import('./topology/kubernetes/infer/names-read.ts')).CONFIG_MAPS;

/** The JSON Schema of what goes in or comes out; made only by `schema`. */
export async function jsonSchema(name: SchemaName): Promise<unknown> {
  return (await import('./document/json-schema.ts')).makeJsonSchema(name);
}

/** 0 delivered or exits, 1 not delivered or mixed, 3 undetermined. */
export function exitStatus(outcome: TraceDocument['outcome']): 0 | 1 | 3 {
  switch (outcome) {
    case 'delivered':
    case 'exits':
      return 0;
    case 'dropped':
    case 'rejected':
    case 'looped':
    case 'mixed':
      return 1;
    case 'undetermined':
      return 3;
  }
}

export type { Candidate } from './query/candidate.ts';
export type { Request } from './query/question.ts';
