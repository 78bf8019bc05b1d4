import { sentencesOf } from '../document/sentences.ts';
import type { FamilyDocument, PathDocument, ReasonDocument, TraceDocument } from '../document/trace-schema.ts';
import { capitalized } from '../source/sentence.ts';
import { safe, withPort } from './text.ts';

type Family = FamilyDocument['family'];

/** The family is named where there are several; null: there is one. */
export function sentence(trace: TraceDocument, family: Family | null): string {
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

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.01 ? 2 : 1))} %`;
}

/** Source and destination in words: `shop/pod-a`, `web:80/tcp`. */
export function ends({ source, destination, paths }: TraceDocument): readonly [string, string] {
  const named = ({ namespace, name, container }: Pick<TraceDocument['source'], 'namespace' | 'name' | 'container'>) =>
    safe(`${container === null ? '' : `${container}@`}${namespace === null || namespace === 'default' ? '' : `${namespace}/`}${name}`);
  const what = destination.kind === 'Service' ? 'service ' : '';
  if (destination.kind === 'URL') return [named(source), safe(`${destination.name}${sentOn(paths)}`)];
  const called = destination.dnsName === null ? `${what}${named(destination)}` : safe(destination.dnsName.replace(/\.$/, ''));
  if (destination.kind === 'Name' && destination.port === null) return [named(source), called];
  const { port, protocol } = destination;
  return [named(source), port === null ? `${called} (${protocol})` : `${withPort(called, port)}/${protocol}`];
}
