import { compile } from './compile/index.ts';
import { traceDocument } from './document/trace.ts';
import type { TraceDocument } from './document/trace-schema.ts';
import { whatIfOf } from './document/what-if.ts';
import { walkFirst } from './first-walk.ts';
import type { Network } from './k8s/compiled-network.ts';
import { everySource } from './query/every-source.ts';
import type { Request } from './query/question.ts';
import type { Result } from './source/diagnostic.ts';
import type { Edit } from './source/edit.ts';
import { type Loaded, load } from './topology/load.ts';
import type { LoadOptions } from './topology/load-options.ts';
import type { InputFile } from './topology/syntax/document.ts';
import { resolveQuestion } from './trace/resolve-question.ts';
import { type Trace, trace } from './trace/trace.ts';
import { tried } from './trace/tried.ts';
import { type Verdict, verdict } from './trace/verdict.ts';

/** Files into a network; or everything that is wrong with them. `options`: what is stated beside them, and wins. */
export function loadNetwork(files: readonly InputFile[], options: LoadOptions = {}): Result<Network> {
  const loaded = load(files, options);
  if (!loaded.ok) return loaded;
  const network = networkOf(loaded.value);
  if (options.nodeState !== undefined) walkFirst(network, (request) => traceRequest(network, request));
  return { ...loaded, value: network };
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
