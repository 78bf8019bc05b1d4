import type { Expectation, ExpectedOutcome } from '../k8s/expectation.ts';
import { netnsOf } from '../k8s/pod.ts';
import { formatAddress, type IpAddress, type IpFamily } from '../net/address.ts';
import type { Found } from '../query/found.ts';
import type { Trace, TracePath } from '../trace/trace.ts';
import type { Verdict } from '../trace/verdict.ts';
import type { WaypointTest } from './waypoint.ts';

/** The conditions of an expectation, with their names looked up. */
export interface Conditions {
  readonly expectation: Expectation;
  readonly via: readonly Named<WaypointTest>[];
  readonly notVia: readonly Named<WaypointTest>[];
  readonly at: readonly Named<Found>[];
  /** The addresses that the source may have; null: any. */
  readonly source: Named<readonly IpAddress[]> | null;
}

export interface Named<T> {
  readonly name: string;
  readonly value: T;
  /** Of an address: it binds the connection of its own family only. Null: it binds each. */
  readonly family: IpFamily | null;
}

/** The conditions that bind a connection of this family. */
function bindingIn({ via, notVia, at, source, expectation }: Conditions, family: IpFamily): Conditions {
  const binds = (condition: { readonly family: IpFamily | null }) => condition.family === null || condition.family === family;
  return {
    expectation,
    via: via.filter(binds),
    notVia: notVia.filter(binds),
    at: at.filter(binds),
    source: source !== null && binds(source) ? source : null,
  };
}

/** What is judged: a trace, or a verdict of the same connection. */
export interface Answer {
  readonly question: { readonly family: IpFamily };
  readonly outcome: Trace['outcome'];
  readonly paths: readonly AnswerPath[];
}

interface AnswerPath extends Pick<TracePath, 'outcome' | 'endpoint' | 'forward'> {
  readonly code: string | null;
  /** Of what is missing; null: nobody asked. */
  readonly words: string | null;
}

export const ofTrace = ({ question, outcome, paths }: Trace): Answer => ({
  question,
  outcome,
  paths: paths.map((p) => ({ ...p, code: p.reason?.code ?? null, words: p.reason?.message.text ?? null })),
});

export const ofVerdict = ({ question, outcome, paths }: Verdict): Answer => ({
  question,
  outcome,
  paths: paths.map((p) => ({ ...p, words: null })),
});

export interface Judgement {
  readonly status: 'holds' | 'fails' | 'undetermined';
  /** The path that was decisive. */
  readonly path: number;
  /** One sentence for each condition that does not hold. */
  readonly mismatches: readonly string[];
}

/** Every path has to be as expected, or one of them. A path that is undetermined decides nothing. */
export function judge(all: Conditions, answer: Answer): Judgement {
  const conditions = bindingIn(all, answer.question.family);
  const { expectation } = conditions;
  const judged = answer.paths.map((path, i) => judgePath(conditions, answer.outcome, path, i));
  const first = (status: Judgement['status']) => judged.find((j) => j.status === status);
  const none: Judgement = { status: 'fails', path: 0, mismatches: [] };
  if (expectation.paths === 'every') return first('fails') ?? first('undetermined') ?? judged[0] ?? none;
  return first('holds') ?? first('undetermined') ?? judged[0] ?? none;
}

function judgePath(conditions: Conditions, whole: Trace['outcome'], path: AnswerPath, index: number): Judgement {
  const { outcomes, reasons } = conditions.expectation;
  // Mixed is a whole trace's: each of its paths is then as expected, and only those that fail have a reason.
  const mixed = outcomes.includes('mixed') && whole === 'mixed';
  const rightOutcome = outcomes.length === 0 || mixed || outcomes.some((o) => isExpected(o, path.outcome));
  const rightReason = reasons.length === 0 || reasons.some((code) => code === path.code) || (mixed && path.code === null);
  if (path.outcome === 'undetermined' && !(rightOutcome && rightReason))
    return { status: 'undetermined', path: index, mismatches: [path.words ?? 'the input lacks a fact'] };
  // Where it goes and who receives it only follows from an outcome that is wrong.
  if (!rightOutcome) return { status: 'fails', path: index, mismatches: [outcomeText(outcomes, path)] };
  const mismatches = [
    ...(rightReason ? [] : [`expected ${reasons.join(' or ')}, got ${path.code ?? `no reason: it is ${path.outcome}`}`]),
    ...wayText(conditions, path),
    ...receiverText(conditions, path),
  ];
  return { status: mismatches.length === 0 ? 'holds' : 'fails', path: index, mismatches };
}

const BLOCKED: readonly string[] = ['dropped', 'rejected', 'looped'];

/** Is an outcome, of a path or of a trace, the one that is expected? */
export const isExpected = (expected: ExpectedOutcome, outcome: Trace['outcome']): boolean =>
  expected === 'blocked' ? BLOCKED.includes(outcome) : outcome === expected;

function outcomeText(outcomes: readonly ExpectedOutcome[], path: AnswerPath): string {
  const why = path.code === null ? '' : ` ${path.code}`;
  return `expected ${outcomes.join(' or ')}, got ${path.outcome}${why}`;
}

function wayText({ via, notVia }: Conditions, { forward: { hops } }: AnswerPath): readonly string[] {
  const missed = via.filter(({ value }) => !hops.some(value)).map(({ name }) => `expected to pass ${name}, and does not`);
  const met = notVia.filter(({ value }) => hops.some(value)).map(({ name }) => `expected not to pass ${name}, and does`);
  return [...missed, ...met];
}

function receiverText({ at, source }: Conditions, { endpoint, forward }: AnswerPath): readonly string[] {
  const received = forward.end.kind === 'delivered' ? endpoint : null;
  const who = received === null ? 'nobody' : received.netns.replace(/^default\//, '');
  const right = at.length === 0 || (received !== null && at.some(({ value }) => isAt(value, received)));
  const seen = received === null ? null : forward.packet.source;
  return [
    ...(right ? [] : [`expected to be received by ${at.map((a) => a.name).join(' or ')}, and is by ${who}`]),
    ...(source === null || (seen !== null && source.value.includes(seen))
      ? []
      : [
          `expected the receiver to see ${source.value.map(formatAddress).join(' or ')}, and it sees ${seen === null ? 'nothing' : formatAddress(seen)}`,
        ]),
  ];
}

function isAt(found: Found, { ip, netns, node }: NonNullable<TracePath['endpoint']>): boolean {
  switch (found.kind) {
    case 'pod':
      return netns === netnsOf(found.pod);
    case 'workload':
      return found.workload.pods.some((p) => netns === netnsOf(p));
    case 'node':
      return node === found.node.name;
    case 'host':
      return netns === found.host.name;
    case 'address':
      return ip === found.address;
    case 'name':
    case 'url':
      return false;
    case 'service':
      return found.service.ports.some((p) => p.endpoints.some((e) => e.ip === ip));
  }
}
