import type { Cluster } from '../k8s/cluster.ts';
import type { Redirect } from '../k8s/http/http.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { takenToAnswer, takenToAsk } from './dns.ts';
import { parsePlace } from './place.ts';
import type { Question } from './question.ts';
import { fail, type Parsed } from './result.ts';
import { resolveUrl } from './url-question.ts';

/**
 * The question that a redirect makes of the last one, for a client that asked another one at first; in the same IP family if the new host has
 * it. `outside`: the input says nothing of that host.
 */
export function redirectedQuestion(cluster: Cluster, first: Question, last: Question, redirect: Redirect): Parsed<Question> | 'outside' {
  if (!URL.canParse(redirect.location)) return fail(`${redirect.location} is not a URL`);
  const families = [last.family, ...cluster.families.filter((f) => f !== last.family)];
  const questions = families.map((family) => questionIn(cluster, first, last, redirect, family));
  const [own] = questions;
  const found = questions.find((q) => q.ok && isCallable(q.value)) ?? own;
  if (found === undefined) throw new Error('a question has an IP family');
  return found.ok && isOutside(last, found.value, redirect) ? 'outside' : found;
}

const isCallable = ({ target, family }: Question): boolean =>
  target.missing === null && target.addresses.every((a) => familyOf(a) === family);

function questionIn(cluster: Cluster, first: Question, last: Question, redirect: Redirect, family: IpFamily): Parsed<Question> {
  const { source } = last;
  const request = { destination: redirect.location, method: methodAfter(redirect, last), headers: headersFor(first, redirect) };
  const called = resolveUrl(cluster, request, source, family);
  if (!called.ok) return called;
  if (called.value.kind === 'by-rule') return { ok: true, value: called.value.question };
  const { destination } = called.value;
  const { target, resolution } = destination;
  const notes = [...target.notes, ...takenToAnswer(cluster, resolution), ...takenToAsk(resolution)];
  const plain = { destinationContainer: null, over: 'network', dnsServer: null, size: null, http: null } as const;
  return { ok: true, value: { ...plain, ...destination, family, source, target: { ...target, notes } } };
}

/** Source: RFC 9110, 15.4.2 to 15.4.9. */
function methodAfter({ status }: Redirect, { http }: Question): string {
  const method = http?.request.method ?? 'GET';
  if (status === 303) return method === 'HEAD' ? method : 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}

/**
 * Those of the first request, as curl sends them on: a Host header is meant for the host that was called first, Authorization and Cookie for
 * its port and scheme too. Source: curl, lib/http.c, where custom headers are added and where the Host header is made.
 */
function headersFor(first: Question, { location }: Redirect): Readonly<Record<string, string>> {
  const [from, to] = [urlOf(first), new URL(location)];
  const kept = [...(first.http?.request.headers ?? [])].filter(([name]) => {
    if (name === 'host') return from?.hostname === to.hostname;
    return (name !== 'authorization' && name !== 'cookie') || from?.origin === to.origin;
  });
  return Object.fromEntries(kept);
}

/** The URL that a question calls; null: it calls something else. */
export const urlOf = ({ destination }: Question): URL | null => (destination.kind === 'url' ? new URL(destination.url) : null);

/**
 * Nothing says what address the host has, and no rule is for it. That a name stands for a controller all the same is what its user means who
 * asks for it, not who is sent there; but a host that was asked already is the same one.
 */
function isOutside(last: Question, { resolution, http }: Question, { location }: Redirect): boolean {
  const { hostname } = new URL(location);
  if (resolution !== null) return resolution.found.kind === 'unknown';
  const place = parsePlace(hostname);
  const isAddress = place.ok && place.value.address !== null;
  return http !== null && http.hostRank === 0 && !isAddress && urlOf(last)?.hostname !== hostname;
}
