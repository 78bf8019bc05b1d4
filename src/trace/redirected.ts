import { fixesFor } from '../diagnose/fix.ts';
import { type ExplainedPath, failingOf, type Reason } from '../diagnose/reason.ts';
import { type Failure, failureSentence } from '../hop/failure.ts';
import type { DropHop } from '../hop/linux-hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Redirect } from '../k8s/http/http.ts';
import type { Question } from '../query/question.ts';
import { redirectedQuestion, urlOf } from '../query/redirect.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { joinedHops } from './join.ts';
import type { ProxiedPath, ProxiedTrace } from './leg.ts';
import { placeAt } from './place.ts';
import { alsoOf } from './proxied.ts';

/** Redirects are followed as `curl -L` does: request after request, which the walks show one after another. */

/** Source: curl(1), --max-redirs. */
const MOST_REDIRECTS = 50;
/** Each request may double the ways of all before it. */
const MOST_PATHS = 64;

/** The answer to one question; where a connection to the same place stands, over that one. */
type Ask = (question: Question, over: ExplainedPath | null) => ProxiedTrace;

interface Client {
  readonly cluster: Cluster;
  readonly ask: Ask;
  /** The redirects that were followed, as told. */
  readonly followed: Set<string>;
  /** Of each request that began a connection. */
  readonly answers: Map<string, ProxiedTrace>;
}

/** The answers of those that the answer to a question leads to in the end. */
export function followRedirects(cluster: Cluster, question: Question, answered: ProxiedTrace, ask: Ask): ProxiedTrace {
  const followed = new Set<string>();
  const whole = follow({ cluster, ask, followed, answers: new Map() }, [question], answered);
  if (followed.size === 0) return whole;
  const told = [...followed].slice(0, 3).join(', then ');
  const message = `the client is taken to follow redirects, as curl -L does: ${told}${followed.size > 3 ? ', …' : ''}`;
  return { ...whole, assumptions: [...whole.assumptions, { message, locus: null }] };
}

/** The same where no redirect is followed. */
export function stayAtRedirects(answered: ProxiedTrace): ProxiedTrace {
  const told = new Set(
    answered.paths.flatMap(({ redirect }) =>
      redirect === null ? [] : [`the answer is a redirect, which is not followed: ${redirectText(redirect)}`],
    ),
  );
  return { ...answered, assumptions: [...answered.assumptions, ...[...told].map((message) => ({ message, locus: null }))] };
}

const redirectText = ({ status, location }: Redirect) => `${status} to ${location}`;

/** `asked`: the questions so far, the one that is answered last. A redirect is a rule's: on whatever way a request comes to it, it gets the same. */
function follow(client: Client, asked: readonly [Question, ...Question[]], answered: ProxiedTrace): ProxiedTrace {
  const redirect = answered.paths.find((p) => p.redirect !== null)?.redirect;
  if (redirect == null) return answered;
  const last = asked.at(-1) ?? asked[0];
  const next = redirectedQuestion(client.cluster, asked[0], last, redirect);
  const endAt = (end: (path: ProxiedPath) => ProxiedPath) =>
    withPaths(
      answered,
      answered.paths.map((p) => (p.redirect === null ? p : end(p))),
    );
  if (next === 'outside') return endAt((p) => leaves(p, redirect));
  if (!next.ok) return endAt((p) => unknown(p, redirect, next.message));
  const before = asked.findIndex((q) => isSame(q, next.value));
  if (before !== -1) return endAt((p) => loops(p, redirect, { why: 'circle', urls: asked.slice(before).map(urlText) }));
  if (asked.length > MOST_REDIRECTS)
    return endAt((p) => loops(p, redirect, { why: 'too-many', most: MOST_REDIRECTS, url: redirect.location }));
  client.followed.add(redirectText(redirect));
  return onwards(client, asked, answered, next.value);
}

/** Each way to the redirect, with each way of what follows from it. */
function onwards(client: Client, asked: readonly [Question, ...Question[]], answered: ProxiedTrace, next: Question): ProxiedTrace {
  const stands = isSamePlace(asked.at(-1) ?? asked[0], next);
  const answer = (over: ExplainedPath | null) => follow(client, [...asked, next], client.ask(next, over));
  const anew = stands ? null : (client.answers.get(requestText(next)) ?? answer(null));
  if (anew !== null) client.answers.set(requestText(next), anew);
  const further: ProxiedTrace[] = [];
  const join = (path: ProxiedPath): readonly ProxiedPath[] => {
    const after = anew ?? answer(connectionOf(path));
    further.push(after);
    return after.paths.map((p) => continued(path, p, stands ? p.probability : path.probability * p.probability));
  };
  const sent = answered.paths.filter((p) => p.redirect !== null);
  const [likeliest] = [...sent].sort((a, b) => b.probability - a.probability);
  const first = likeliest === undefined ? [] : join(likeliest);
  const isMany = first.length * sent.length > MOST_PATHS && sent.length > 1;
  const paths = answered.paths.flatMap((p) => {
    if (p.redirect === null) return [p];
    if (p === likeliest) return isMany ? forAll(first, likeliest, sent) : first;
    return isMany ? [] : join(p);
  });
  const merged = isMany ? [{ message: MERGED, locus: null }] : [];
  const assumptions = [...[answered, ...further].flatMap((f) => f.assumptions), ...merged];
  return withPaths(
    { ...answered, assumptions: assumptions.filter((a, i) => assumptions.findIndex((b) => b.message === a.message) === i) },
    paths,
  );
}

const MERGED = 'with redirects there are too many ways to show: of those that an earlier request may take, the likeliest stands for all';

/** The ways of one standing for those of all: with so many, what the first of a dozen requests passed is no news. */
function forAll(paths: readonly ProxiedPath[], one: ProxiedPath, all: readonly ProxiedPath[]): readonly ProxiedPath[] {
  const share = all.reduce((sum, p) => sum + p.probability, 0) / one.probability;
  return paths.map((p) => ({ ...p, probability: p.probability * share }));
}

function withPaths(answered: ProxiedTrace, paths: readonly ProxiedPath[]): ProxiedTrace {
  const failing = failingOf(paths);
  return { ...answered, paths, alsoBlockedBy: alsoOf(paths, failing) };
}

const urlText = (question: Question): string => urlOf(question)?.href ?? '';

/** The same request again gets the same answer again. */
const isSame = (a: Question, b: Question): boolean => requestText(a) === requestText(b);

const requestText = (question: Question): string => {
  const { method = '', headers = [] } = question.http?.request ?? {};
  return JSON.stringify([method, urlText(question), ...headers]);
};

/** A client keeps its connection for what it asks of the same host and port next. Source: curl(1), "connection reuse"; RFC 9112, 9.3. */
function isSamePlace(last: Question, next: Question): boolean {
  const { origin } = urlOf(last) ?? {};
  return next.http !== null && origin === urlOf(next)?.origin && `${last.target.addresses}` === `${next.target.addresses}`;
}

function connectionOf({ legs }: ProxiedPath): ExplainedPath {
  const [leg] = legs;
  if (leg === undefined) throw new Error('a redirect comes over a connection');
  return leg.path;
}

/** The redirect, then the request that follows from it; what comes back is the last connection's. */
function continued(before: ProxiedPath, after: ProxiedPath, probability: number): ProxiedPath {
  const { reason } = after;
  const shown = before.forward.hops.length;
  return {
    ...after,
    probability,
    forward: { ...after.forward, hops: joinedHops(before.forward.hops, after.forward.hops) },
    reason: reason?.walk === 'forward' ? { ...reason, hop: reason.hop + shown } : reason,
    legs: [...before.legs, ...after.legs],
  };
}

/** The client gives up: the connection stands, and its answer is of no use. */
function loops(path: ProxiedPath, redirect: Redirect, facts: Failure<'REDIRECT_LOOP'>['facts']): ProxiedPath {
  const failure = { code: 'REDIRECT_LOOP', facts, origin: declared(redirect.locus) } as const;
  const { forward } = path;
  const place = placeAt(forward.netns, forward.packet);
  const drop: DropHop = { kind: 'drop', ...place, failure, answer: null, origin: failure.origin };
  const walk = { ...forward, hops: [...forward.hops, drop], end: { kind: 'lost', failure }, looped: true } as const;
  return ended({ ...path, forward: walk }, failure, 'looped');
}

/** Of what is not described no packet is shown. */
function leaves(path: ProxiedPath, { location, locus }: Redirect): ProxiedPath {
  const failure = { code: 'LEAVES_INPUT', facts: { redirect: location }, origin: declared(locus) } as const;
  return ended({ ...path, forward: { ...path.forward, end: { kind: 'exits', failure } }, reply: null, ack: null }, failure, 'exits');
}

/** The location is one that no question can be about. */
function unknown(path: ProxiedPath, { location, locus }: Redirect, message: string): ProxiedPath {
  const words = `the client is sent to ${location}, which cannot be traced: ${message}`;
  const failure = { code: 'FACT_MISSING', facts: { words }, origin: declared(locus) } as const;
  return ended(
    { ...path, forward: { ...path.forward, end: { kind: 'undetermined', failure } }, reply: null, ack: null },
    failure,
    'undetermined',
  );
}

function ended(path: ProxiedPath, failure: Failure, outcome: FlowPath['outcome']): ProxiedPath {
  const at = { ...failure, walk: 'forward' } as const;
  const context = path.legs.at(-1)?.context;
  const reason: Reason = {
    code: failure.code,
    message: failureSentence(failure),
    walk: 'forward',
    hop: path.forward.hops.length - 1,
    client: 'unknown',
    locus: failure.origin.locus,
    fix: context === undefined ? [] : fixesFor(context, path, at),
  };
  return { ...path, outcome, client: 'unknown', failure: at, reason, redirect: null };
}
