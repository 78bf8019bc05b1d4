import { sentencesOf } from '../document/sentences.ts';
import type { FamilyDocument, PathDocument, ReasonDocument, SourceDocumentRef, TraceDocument } from '../document/trace-schema.ts';
import { capitalized } from '../source/sentence.ts';
import { ofFamily, shownFamily } from './families.ts';
import { outcomePaint, type Paint } from './paint.ts';
import { pathWays } from './path-ways.ts';
import { policyWhy } from './policy-why.ts';
import type { RenderOptions } from './renderer.ts';
import { hanging, safe, withPort, wrap } from './text.ts';

type Family = FamilyDocument['family'];

/** The first line: outcome, code, one sentence; with several IP families it is about the one that is shown, and each other has a line. */
export function verdict(trace: TraceDocument, p: Paint, options: RenderOptions): readonly string[] {
  const shown = shownFamily(trace);
  if (shown === null) return outcomeLines('', trace, sentence(trace, null), p, options);
  const others = (trace.families ?? []).filter((f) => f !== shown);
  return [
    ...outcomeLines('', trace, sentence(ofFamily(trace, shown), shown.family), p, options),
    ...others.flatMap((f) => outcomeLines(`${f.family} `, f, sentence(ofFamily(trace, f), f.family), p, options)),
  ];
}

function outcomeLines(
  lead: string,
  { outcome, reason }: Pick<TraceDocument, 'outcome' | 'reason'>,
  text: string,
  p: Paint,
  { width }: RenderOptions,
): readonly string[] {
  const head = [outcome, ...(reason === null ? [] : [reason.code])].join(' ');
  const [first = '', ...rest] = wrap(`${lead}${head}: ${text}`, width);
  const end = lead.length + head.length;
  return [lead + p.strong(outcomePaint(p, outcome)(first.slice(lead.length, end))) + first.slice(end), ...rest];
}

/** The family is named where there are several; null: there is one. */
function sentence(trace: TraceDocument, family: Family | null): string {
  if (trace.over !== 'network') return sharing(trace);
  return `${asPinged(trace)}${sentenceOfPacket(trace, family)}`;
}

/** An answer to a ping says nothing of the pod's processes, so it comes first that it is one. */
function asPinged({ destination }: TraceDocument): string {
  if (destination.pinged !== true) return '';
  const { container, name } = destination;
  return `${safe(container === null ? name : `${container}@${name}`)} states no port, so it is pinged: `;
}

function sentenceOfPacket(trace: TraceDocument, family: Family | null): string {
  const { outcome, reason, paths } = trace;
  const [from, called] = ends(trace);
  const to = family === null ? called : `${called} over ${family}`;
  if (reason?.walk === 'data' && outcome !== 'mixed')
    return `${from} opens a connection to ${to}, but the data packet does not get through. ${message(reason)}`;
  if (outcome === 'mixed') {
    const failing = paths.filter((x) => x.reason !== null && x.outcome !== 'exits');
    const share = failing.reduce((sum, x) => sum + x.probability, 0);
    return `${from} reaches ${to} only sometimes: ${failing.length} of ${paths.length} paths (${percent(share)} of connections) ${failing.length === 1 ? 'fails' : 'fail'}. ${message(reason)}`;
  }
  if (outcome === 'delivered') {
    const elsewhere = paths.map(redirectOf).find((to) => to !== null);
    if (elsewhere !== undefined) return `${from} gets an answer for ${to}: a redirect to ${safe(elsewhere)}.`;
    const all = paths.length > 1 ? ` on all ${paths.length} paths` : '';
    const granted = paths.some((x) => x.forward.hops.at(-1)?.evidence === 'assumed') ? ', if something listens there' : '';
    return `${from} reaches ${to}${all}, and the answer comes back${granted}.${notEnforced(paths)}`;
  }
  if (outcome === 'exits') return `what ${from} sends to ${to} leaves what the input describes. ${message(reason)}${notEnforced(paths)}`;
  if (outcome === 'undetermined') return `whether ${from} reaches ${to} is not known. ${message(reason)}`;
  return `${from} does not reach ${to}. ${message(reason)}`;
}

/** A policy that nobody enforces is a surprise to whoever wrote it, so it is said where an answer arrives in spite of it. */
function notEnforced(paths: readonly PathDocument[]): string {
  const hops = paths.flatMap((x) => x.forward.hops);
  const pods = new Set(hops.flatMap((h) => (h.kind === 'skip' && h.policy?.why === 'not-enforced' ? [h.policy.pod] : [])));
  if (pods.size === 0) return '';
  return safe(` Warning: policies are stated about ${[...pods].join(' and ')}, and nothing in this cluster enforces them.`);
}

/** Where the answer sends the client, which does not go there; null: it is the backend's own. */
function redirectOf({ forward }: PathDocument): string | null {
  const last = forward.hops.at(-1);
  return last?.kind === 'proxy' && last.action === 'redirect' ? last.to : null;
}

/** The URL where redirects that are followed lead in the end: what closes a circle is not. */
function sentOn(paths: readonly PathDocument[]): string {
  const [followed = []] = paths
    .map(({ forward: { hops } }) =>
      hops.flatMap((h, i) => {
        const next = hops[i + 1];
        const ends = next === undefined || (next.kind === 'drop' && next.netns === h.netns);
        return h.kind === 'proxy' && h.action === 'redirect' && h.to !== null && !ends ? [h.to] : [];
      }),
    )
    .sort((a, b) => b.length - a.length);
  const [last] = followed.slice(-1);
  if (last === undefined) return '';
  return followed.length === 1 ? ` (redirected to ${last})` : ` (redirected ${followed.length} times, at last to ${last})`;
}

/** Without a packet: the things that are shared, or why none is. */
function sharing({ paths, reason }: TraceDocument): string {
  if (reason !== null) return message(reason);
  const hops = paths.flatMap((p) => p.forward.hops);
  const shared = hops.find((h) => h.kind === 'volume' && h.from.writable) ?? hops[0];
  if (shared?.kind !== 'volume') return `${safe(shared?.text ?? '')}.`;
  const { from, to, volume, type } = shared;
  return safe(`what ${from.process} writes at ${from.path} is at ${to.path} for ${to.process}: volume ${volume} (${type}).`);
}

function message(reason: ReasonDocument | null): string {
  return reason === null ? '' : `${safe(capitalized(sentencesOf(reason).message))}.`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.01 ? 2 : 1))} %`;
}

/** Source and destination in words: `shop/pod-a`, `web:80/tcp`. */
function ends({ source, destination, paths }: TraceDocument): readonly [string, string] {
  const named = ({ namespace, name, container }: Pick<TraceDocument['source'], 'namespace' | 'name' | 'container'>) =>
    safe(`${container === null ? '' : `${container}@`}${namespace === null || namespace === 'default' ? '' : `${namespace}/`}${name}`);
  const what = destination.kind === 'Service' ? 'service ' : '';
  if (destination.kind === 'URL') return [named(source), safe(`${destination.name}${sentOn(paths)}`)];
  const called = destination.dnsName === null ? `${what}${named(destination)}` : safe(destination.dnsName.replace(/\.$/, ''));
  if (destination.kind === 'Name' && destination.port === null) return [named(source), called];
  const { port, protocol } = destination;
  return [named(source), port === null ? `${called} (${protocol})` : `${withPort(called, port)}/${protocol}`];
}

const CLIENT_WORDS: Readonly<Record<ReasonDocument['client'], string>> = {
  answer: 'an answer',
  refused: 'Connection refused',
  'host-unreachable': 'No route to host',
  'net-unreachable': 'Network is unreachable',
  'not-permitted': 'Operation not permitted, or Permission denied',
  invalid: 'Invalid argument',
  'message-too-long': 'Message too long',
  'time-out': 'nothing, until it gives up (a time-out)',
  'name-not-found': 'that the name has no address',
  'http-404': 'HTTP 404, Not Found',
  'http-500': 'HTTP 500, Internal Server Error',
  'http-502': 'HTTP 502, Bad Gateway',
  'http-503': 'HTTP 503, Service Unavailable',
  'http-504': 'HTTP 504, Gateway Time-out',
  unknown: 'nothing that the input could tell',
};

/** The error of a program that no packet was sent for. */
const WITHOUT_PACKET: Readonly<Partial<Record<ReasonDocument['code'], string>>> = {
  NO_SHARED_NAMESPACE: 'No such file or directory (ENOENT)',
  NO_SHARED_VOLUME: 'No such file or directory (ENOENT)',
  VOLUME_READ_ONLY: 'Read-only file system (EROFS)',
};

/** A limit of the program's own ends it. */
const REDIRECTED = 'redirects, until it has followed as many as it will (curl: 50)';

/** getaddrinfo tells a name without an address (EAI_NONAME) from a query without an answer (EAI_AGAIN). */
const seen = ({ code, client, walk }: ReasonDocument) =>
  walk === 'dns' && client === 'name-not-found'
    ? 'that the name cannot be looked up (Temporary failure in name resolution)'
    : code === 'REDIRECT_LOOP'
      ? REDIRECTED
      : (WITHOUT_PACKET[code] ?? CLIENT_WORDS[client]);

function place(source: SourceDocumentRef): string {
  return source === null ? '' : `${safe(source.file)}:${source.line}:${source.column}`;
}

/** After the hops: why, what to change, what else would block it, what was assumed. */
export function explanation(trace: TraceDocument, p: Paint, { width }: RenderOptions): readonly string[] {
  const { reason, alsoBlockedBy, assumptions } = trace;
  const section = (title: string, text: string) => {
    const lead = `${title.padEnd(8)} `;
    const [first = '', ...rest] = hanging(lead, text, width);
    return [p.strong(first.slice(0, lead.length)) + first.slice(lead.length), ...rest];
  };
  const lines: string[] = [];
  if (reason !== null && trace.outcome !== 'exits') {
    const { message: why, fix: fixes } = sentencesOf(reason);
    const where = reason.source === null ? '' : ` (${place(reason.source)}, ${safe(reason.source.object)})`;
    lines.push(
      ...section('Why', `${safe(capitalized(why))}${where}.`),
      ...policyWhy(trace).flatMap((line) => hanging(`${' '.repeat(9)}- `, line.slice(2), width)),
      ...section('', `The ${trace.over === 'network' ? 'client' : 'program'} sees ${seen(reason)}.`),
    );
    for (const [i, fix] of fixes.entries()) lines.push(...section(i === 0 ? 'Fix' : '', `${safe(capitalized(fix))}.`));
    for (const [i, also] of alsoBlockedBy.entries()) {
      const at = also.source === null ? '' : ` (${place(also.source)})`;
      lines.push(...section(i === 0 ? 'Also' : '', `${also.code}: ${safe(also.message)}${at}.`));
    }
    lines.push(...section('More', `k8s-trace explain ${reason.code}`));
  }
  for (const [i, { message: assumed }] of assumptions.entries()) lines.push(...section(i === 0 ? 'Assumed' : '', `${safe(assumed)}.`));
  return lines;
}

/** Shares are products of fractions: two that differ by less are the same. */
const SAME_SHARE = 1e-9;

/** The path to show when only one is: the first that fails, else the likeliest, of equals the first. */
export function mostTelling(paths: readonly PathDocument[]): number {
  const failing = paths.findIndex((x) => x.reason !== null);
  if (failing !== -1) return failing;
  return paths.reduce((best, x, i) => (x.probability > (paths[best]?.probability ?? 0) + SAME_SHARE ? i : best), 0);
}

/** A line for each path, with its outcome. */
export function pathLines(paths: readonly PathDocument[], p: Paint, { width }: RenderOptions): readonly string[] {
  const ways = pathWays(paths);
  return paths.map(({ probability, outcome, reason }, i) => {
    const head = `Path ${i + 1} of ${paths.length}`;
    const way = `, ${percent(probability)}${ways[i]}:`;
    const end = reason === null ? outcome : `${outcome} ${reason.code}`;
    const painted = outcomePaint(p, outcome)(end);
    if (head.length + way.length + 1 + end.length <= width) return `${p.strong(head)}${way} ${painted}`;
    const [first = '', ...rest] = [...wrap(`${head}${way}`, width), ...hanging('  ', end, width).map((l) => outcomePaint(p, outcome)(l))];
    return [p.strong(head) + first.slice(head.length), ...rest].join('\n');
  });
}
