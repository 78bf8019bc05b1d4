import { type Diagnostic, diagnosticAt, type Result } from '../diagnostic.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Expectation, Selection } from '../k8s/expectation.ts';
import { at, type Locus } from '../origin.ts';
import type { Parsed } from '../query/place.ts';
import type { Question } from '../query/question.ts';
import { type Request, resolveRequest } from '../query/request.ts';
import { type Chosen, expand } from '../query/selection.ts';

/** One question that an expectation asks. */
export interface Pair {
  readonly expectation: Expectation;
  readonly request: Request;
  readonly question: Question;
}

/** More questions than this are a wildcard that nobody meant. */
const MOST_PAIRS = 200_000;

/** All questions of all expectations; or everything that is wrong with them. */
export function pairsOf(cluster: Cluster, expectations: readonly Expectation[], namespace: string): Result<readonly Pair[]> {
  const diagnostics: Diagnostic[] = [];
  const pairs: Pair[] = [];
  for (const expectation of expectations) {
    const found = pairsOfOne(cluster, expectation, namespace);
    if (found.ok) for (const pair of found.value) pairs.push(pair);
    else diagnostics.push(found.diagnostic);
  }
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, value: pairs, warnings: [] };
}

type Found = { readonly ok: true; readonly value: readonly Pair[] } | { readonly ok: false; readonly diagnostic: Diagnostic };

function pairsOfOne(cluster: Cluster, expectation: Expectation, namespace: string): Found {
  const ends = (['from', 'to'] as const).map((end) => ({ end, chosen: expand(cluster, expectation[end], namespace) }));
  const [from, to] = ends;
  for (const { end, chosen } of ends) if (!chosen.ok) return bad(expectation[end].locus, chosen);
  if (from?.chosen.ok !== true || to?.chosen.ok !== true) throw new Error('an expectation has two ends');
  const sources = from.chosen.value;
  const destinations = to.chosen.value;
  const count = sources.length * destinations.length;
  if (count > MOST_PAIRS)
    return bad(expectation.locus, {
      message: `this stands for ${count} connections, and ${MOST_PAIRS} are the most`,
      hint: 'name fewer, by label or namespace',
    });
  const value: Pair[] = [];
  for (const source of sources)
    for (const destination of destinations) {
      if (source.name === destination.name && (source.oneOfMany || destination.oneOfMany)) continue;
      const request = requestOf(expectation, source, destination, namespace);
      const question = resolveRequest(cluster, request);
      if (!question.ok) return bad(culprit(cluster, expectation, source, namespace), question);
      value.push({ expectation, request, question: question.value });
    }
  return value.length > 0 ? { ok: true, value } : bad(expectation.locus, { message: 'this stands for no connection at all', hint: null });
}

function requestOf({ port, protocol }: Expectation, source: Chosen, destination: Chosen, namespace: string): Request {
  return {
    source: source.name,
    destination: destination.name,
    namespace,
    ...(port === null ? {} : { port }),
    ...(protocol === null ? {} : { protocol }),
  };
}

/** The end that is at fault: a source that can call itself by ICMP is none. */
function culprit(cluster: Cluster, { from, to }: Expectation, source: Chosen, namespace: string): Locus {
  const alone = resolveRequest(cluster, { source: source.name, destination: '127.0.0.1', protocol: 'icmp', namespace });
  return placeIn(alone.ok ? to : from);
}

/** A mapping is cited at its names. */
const placeIn = (selection: Selection): Locus =>
  selection.labels === null && selection.except.length > 0 ? at(selection.locus, 'names') : selection.locus;

function bad(locus: Locus, { message, hint }: Pick<Extract<Parsed<never>, { ok: false }>, 'message' | 'hint'>): Found {
  return { ok: false, diagnostic: diagnosticAt(locus.document, locus.path, { code: 'bad-expectation', message, hint }) };
}
