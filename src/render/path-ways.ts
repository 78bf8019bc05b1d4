import type { PathDocument, WalkDocument } from '../document/trace-schema.ts';
import { safe, withPort } from './text.ts';

/** Where each path leads, in a few words that tell it from the others: ` to 10.244.1.11:8080 (pod-b) by node-2`. */
export function pathWays(paths: readonly PathDocument[]): readonly string[] {
  const goals = paths.map(goal);
  const passed = paths.map(passes);
  return paths.map((path, i) => {
    const own = passed[i] ?? [];
    // One that arrives nowhere is told by its way; one that does is told by its endpoint, unless several have that.
    const rivals = passed.filter((_, j) => j !== i && (path.endpoint === null || goals[j] === goals[i]));
    const apart = new Set(rivals.flatMap((rival) => parting(own, rival) ?? []));
    const places = [...new Set(own)].filter((place) => apart.has(place));
    return `${goals[i]}${places.slice(0, MOST).join('')}`;
  });
}

/** More places than these are no title. */
const MOST = 3;

function goal({ endpoint, forward }: PathDocument): string {
  if (endpoint !== null) {
    const { ip, port, pod } = endpoint;
    return ` to ${withPort(ip, port)}${pod === null ? '' : ` (${local(pod)})`}`;
  }
  const [sent, last] = [forward.hops[0]?.packet, forward.hops.at(-1)?.packet];
  const translated = sent !== undefined && last !== undefined && last.destination !== sent.destination;
  return translated ? ` towards ${withPort(last.destination, last.destinationPort)}` : '';
}

const local = (name: string) => safe(name.replace(/^default\//, ''));

/** The network namespaces that the packets of a path come through, in order, each as a title has it. */
function passes({ dns, forward, reply, ack, data }: PathDocument): readonly string[] {
  const there = (walk: Pick<WalkDocument, 'hops'> | null | undefined, word: string) =>
    (walk?.hops ?? []).map((h) => h.netns).flatMap((netns, i, all) => (netns === all[i - 1] ? [] : [`${word} ${local(netns)}`]));
  return [
    ...there(dns?.forward, ', DNS by'),
    ...there(dns?.reply, ', DNS answer by'),
    ...requests(forward).flatMap((request, i) => there(request, i === 0 ? ' by' : ', then by')),
    ...there(reply, ', answer by'),
    ...there(ack, ' by'),
    ...there(data, ' by'),
  ];
}

/** A walk parted where a redirect begins the next request. */
function requests({ hops }: WalkDocument): readonly Pick<WalkDocument, 'hops'>[] {
  const ends = hops.flatMap((h, i) => (h.kind === 'proxy' && h.action === 'redirect' ? [i + 1] : []));
  return [0, ...ends].map((start, i) => ({ hops: hops.slice(start, ends[i]) }));
}

/** The first place of a way that another one does not come through at that step; null: it only ends earlier. */
function parting(own: readonly string[], other: readonly string[]): string | null {
  const step = own.findIndex((place, i) => place !== other[i]);
  return own[step] ?? null;
}
