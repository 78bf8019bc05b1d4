import { parse } from 'yaml';
import {
  type InputFile,
  loadNetwork,
  type Network,
  prepareTrace,
  type ReasonDocument,
  type Request,
  type TraceDocument,
  traceRequest,
} from '../../src/index.ts';
import { applied } from './apply.ts';

/**
 * The law of advice: a fix that a program can apply is applied. Then the path that failed is delivered, or what fails is said beforehand to be
 * in the way as well; and nothing that was delivered is lost.
 */

/** A fix that breaks the law, and how. */
export interface Breach {
  readonly code: string;
  readonly fix: string;
  readonly fault: string;
}

/** How often what was met. */
export type Met = Map<string, number>;

type Remedy = ReasonDocument['remedies'][number];
type Instead = Extract<Remedy, { kind: 'ask' }>['instead'];

export const input = (text: string, name = 'x.yaml'): readonly InputFile[] => [{ name, bytes: new TextEncoder().encode(text) }];

export function networkFrom(files: readonly InputFile[]): Network | string {
  const loaded = loadNetwork(files);
  return loaded.ok ? loaded.value : loaded.diagnostics.map((d) => `${d.place?.field}: ${d.message}`).join('; ');
}

/** The breaches of a question's fixes. `others`: questions about the same input, none of whose delivered paths may be lost. */
export function breachesOf(
  files: readonly InputFile[],
  network: Network,
  request: Request,
  others: readonly Request[],
  met: Met,
): readonly Breach[] {
  const answer = traceRequest(network, request);
  if (!answer.ok) return [];
  const { trace } = answer;
  const reasons = [trace.reason, ...trace.paths.map((p) => p.reason)].filter((r) => r !== null);
  const seen = new Set<string>();
  return reasons.flatMap((reason) => {
    if (seen.has(reason.message)) return [];
    seen.add(reason.message);
    if (reason.remedies.length !== reason.fix.length) return [{ code: reason.code, fix: '', fault: 'fixes and remedies differ in number' }];
    return reason.fix.flatMap((fix, i) => {
      const remedy = reason.remedies[i];
      if (remedy === undefined) return [];
      const what = `${reason.code} ${remedy.kind}`;
      met.set(what, (met.get(what) ?? 0) + 1);
      const fault = snippetFault(fix, remedy) ?? faultOf({ files, network, request, others, trace, reason, fix }, remedy);
      return fault === null ? [] : [{ code: reason.code, fix, fault }];
    });
  });
}

/** What a fix shows as YAML is what its edits write, with the fields around it or without. */
function snippetFault(fix: string, remedy: Remedy): string | null {
  const snippets = snippetsIn(fix);
  const values = remedy.kind === 'edit' ? remedy.edits.flatMap((e) => (e.edit === 'remove' ? [] : [JSON.stringify(e.value)])) : [];
  for (const snippet of snippets) {
    const parts = partsOf(parse(snippet)).map((part) => JSON.stringify(part));
    if (remedy.kind === 'edit' && !parts.some((part) => values.includes(part))) return `no edit writes ${snippet}`;
    // Objects are changed in their cluster, or where they are made: by the person who reads it.
    const isElsewhere = remedy.kind === 'advice' && remedy.why === 'it is done in a process or a cluster, not in the input';
    if (remedy.kind !== 'edit' && !isElsewhere && !snippet.includes('…')) return `${snippet} is not written by a program`;
  }
  return null;
}

/** The outermost pieces in braces that have a field. */
function snippetsIn(fix: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [i, c] of [...fix].entries()) {
    if (c === '{' && depth++ === 0) start = i;
    if (c === '}' && --depth === 0) found.push(fix.slice(start, i + 1));
  }
  return found.filter((snippet) => /^\{ \w+: /.test(snippet));
}

/** A value, and all that is in it. */
const partsOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(partsOf)] : [value];

interface Tried {
  readonly files: readonly InputFile[];
  readonly network: Network;
  readonly request: Request;
  readonly others: readonly Request[];
  readonly trace: TraceDocument;
  readonly reason: ReasonDocument;
  readonly fix: string;
}

function faultOf(tried: Tried, remedy: Remedy): string | null {
  switch (remedy.kind) {
    case 'advice':
      return remedy.why === '' ? 'it does not say why it is only advice' : null;
    case 'ask':
      return outcomeFault(tried, tried.network, instead(tried.request, remedy.instead));
    case 'edit': {
      const network = networkFrom(applied(tried.files, remedy.edits));
      if (typeof network === 'string') return `the edited input does not load: ${network}`;
      const asked = remedy.instead === undefined ? tried.request : instead(tried.request, remedy.instead);
      return outcomeFault(tried, network, asked) ?? lossFault(tried, network, remedy.instead === undefined);
    }
  }
}

const instead = (request: Request, { destination, method, headers, size }: Instead): Request => ({
  ...request,
  ...(destination === undefined ? {} : { destination, port: undefined as never, protocol: undefined as never }),
  ...(method === undefined ? {} : { method }),
  ...(headers === undefined ? {} : { headers: { ...request.headers, ...headers } as Record<string, string> }),
  ...(size === undefined ? {} : { size }),
});

/** What was said to be in the way besides. A controller adds what it answers, and another one of its pods may. */
function saidBy({ trace, reason, fix }: Tried): (text: string) => boolean {
  const plain = (text: string) => text.replace('on the way back, ', '').replace(/; \S+ answers \d+$/, '');
  const families = trace.families ?? [trace];
  const reasons = families.flatMap((f) => [...f.alsoBlockedBy, ...f.paths.flatMap((p) => p.reason ?? [])]);
  const texts = new Set(reasons.map((r) => plain(r.message)));
  texts.delete(plain(reason.message));
  return (text) => texts.has(plain(text)) || fix.includes(plain(text));
}

const pathsOf = (network: Network, request: Request) => {
  const answer = prepareTrace(network, request);
  return answer.ok ? answer.traces.flatMap((t) => t.paths) : [];
};

/** The failure is mended: what is left was said. */
function outcomeFault(tried: Tried, network: Network, request: Request): string | null {
  const answer = prepareTrace(network, request);
  if (!answer.ok) return `it cannot be asked: ${answer.message}`;
  const isSaid = saidBy(tried);
  const left = pathsOf(network, request).flatMap((p) => p.reason ?? []);
  const unsaid = left.find(({ code, message: { text } }) => code !== 'LEAVES_INPUT' && !isSaid(text));
  return unsaid === undefined ? null : `then ${unsaid.code}: ${unsaid.message.text}`;
}

/** The delivered paths of a question, by who answers: in whichever family. */
const delivered = (network: Network, request: Request): ReadonlySet<string> =>
  new Set(pathsOf(network, request).flatMap((p) => (p.outcome === 'delivered' ? [`${p.endpoint?.netns}:${p.endpoint?.port}`] : [])));

/** Nothing that works is broken. Where it now meets what was said to be in the way, the fix is not to blame. */
function lossFault(tried: Tried, edited: Network, isSame: boolean): string | null {
  const { network, request, others } = tried;
  const isSaid = saidBy(tried);
  for (const one of [...(isSame ? [request] : []), ...others]) {
    const before = [...delivered(network, one)];
    const now = before.length === 0 ? new Set<string>() : delivered(edited, one);
    const lost = before.filter((d) => !now.has(d));
    const why = lost.length === 0 ? [] : pathsOf(edited, one).flatMap((p) => p.reason?.message.text ?? []);
    if (lost.length > 0 && (why.length === 0 || !why.every(isSaid))) return `${one.source} to ${one.destination} loses ${lost.join(', ')}`;
  }
  return null;
}
