/**
 * k8s-trace as a library: files into a cluster, a question into a trace, a trace into text. Nothing here touches the disk, the
 * environment or the clock.
 */

import type { SchemaName } from './document/json-schema.ts';
import { warningsOnTheWay } from './document/passed.ts';
import type { TraceDocument } from './document/trace-schema.ts';
import type { Network } from './k8s/compiled-network.ts';
import { type Format, renderers } from './render/index.ts';
import type { RenderOptions } from './render/renderer.ts';
import { showText } from './render/show.ts';
import { factsText } from './render/show-facts.ts';
import { overview } from './show/cluster.ts';
import { type View, viewOf } from './show/index.ts';
import type { Diagnostic } from './source/diagnostic.ts';

export { loadNetwork, prepareTrace, type Refused, traceEverySource, traceRequest, verdictsOf } from './ask.ts';
export { type MatrixReady, matrixOf, policyOf } from './ask-all.ts';
export type { CheckDocument, CheckResult } from './document/check-schema.ts';
export type { DiffDocument } from './document/diff-schema.ts';
export type { DriftDocument } from './document/drift-schema.ts';
export type { SchemaName } from './document/json-schema.ts';
export type { LabDocument, LabFlowDocument, UpView } from './document/lab-schema.ts';
export type { PolicyDocument } from './document/policy-schema.ts';
export type { FamilyDocument, HopDocument, PathDocument, ReasonDocument, TraceDocument, WalkDocument } from './document/trace-schema.ts';
export { whatIfOf } from './document/what-if.ts';
export { CODES, type Code } from './hop/code.ts';
export type { Cluster } from './k8s/cluster.ts';
export type { Network } from './k8s/compiled-network.ts';
export { type Conversation, LabError, type Machine, type Process, type Ran } from './lab/machine.ts';
export { isStateName } from './node-state/names.ts';
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
export { briefly, type View } from './show/index.ts';
export { overruledBy } from './show/overruled.ts';
export type { Diagnostic, Result } from './source/diagnostic.ts';
export { FINDINGS, type FindingCode, findingPage, type LintCode, type Severity } from './source/findings.ts';
export { didYouMean } from './source/suggest.ts';
export { BUILT_IN, BUILT_IN_NAME } from './topology/built-in.ts';
export { type FactFlags, FlagError, type LoadOptions, type NodeFiles, type Supposed } from './topology/load-options.ts';
export { bytesAt, type InputFile, type Parts, sizeOf } from './topology/syntax/document.ts';
export type { Verdict, VerdictPath } from './trace/verdict.ts';

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

/** Two inputs, and what the later one does to connections; loaded only by `diff`. */
export const differ = () => import('./diff/index.ts');

/** What was found on nodes beside what they should have; loaded only by `drift`. */
export const drifting = () => import('./drift/index.ts');

/** Its formats. */
export const driftFormats = async () => (await import('./render/drift.ts')).driftRenderers;

export type { DriftRequest } from './drift/index.ts';

/** Formats of `policy`. */
export const policyFormats = async () => (await import('./render/policy.ts')).policyRenderers;

export type { MatrixDocument, MatrixResult } from './document/matrix-schema.ts';
export type { MatrixRequest } from './matrix/request.ts';
export type { Shard } from './matrix/shard.ts';

/** Parts of a matrix into the whole; loaded only by `matrix --merge`. */
export const joining = () => import('./document/matrix-parts.ts');

/** Its formats. */
export const matrixFormats = async () => (await import('./render/matrix.ts')).matrixRenderers;

/** The same network in a real kernel; loaded only by `lab`. */
export const lab = () => import('./lab/index.ts');

/** Names of a cluster for a command line that is being typed; loaded only for completions. */
export const candidates = () => import('./query/candidates.ts');

/** What is to be run on nodes; loaded only by `collect`. */
export const collecting = () => import('./node-state/collect.ts');

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
