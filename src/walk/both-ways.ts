import type { Hop } from '../hop/hop.ts';
import { tupleOf } from '../net/packet.ts';
import type { Open, Supposed } from '../stage/open.ts';
import type { Walk } from './walk.ts';

/** A path of a connection, as far as it matters here. */
interface Path {
  readonly probability: number;
  readonly outcome: string;
  readonly client: string;
  readonly failure: { readonly code: string } | null;
  readonly forward: Walk;
  readonly reply: Walk | null;
  readonly ack: Walk | null;
  readonly data: Walk | null;
}

type Attempt<P extends Path> = (supposed: Supposed | null) => readonly P[];

/** So many matches that nobody knows the answer of are tried both ways: twice as many attempts with each. */
const MOST_OPEN = 6;

/**
 * A connection may meet rules with matches that are not modelled, policies that the input leaves open, and base chains whose order nobody
 * knows. Each is tried all ways: where all that follows is alike, it does not matter, and the walk goes on as if the rule did not match, and
 * the chains ran as they are listed. Else it ends there.
 */
export function triedBothWays<P extends Path>(attempt: Attempt<P>, supposed: Supposed | null = null): readonly P[] {
  return decide(attempt, supposed, MOST_OPEN);
}

function decide<P extends Path>(attempt: Attempt<P>, supposed: Supposed | null, left: number): readonly P[] {
  const paths = attempt(supposed);
  const asked = firstOpen(paths, supposed);
  if (asked === null) return paths;
  const answers = answersTo(asked, supposed);
  const after = left - Math.ceil(Math.log2(answers.length));
  if (after < 0) return paths;
  const [first, ...others] = answers;
  const usual = first === undefined ? paths : decide(attempt, first, after);
  if (others.every((other) => areAlike(usual, decide(attempt, other, after)))) return usual;
  return decide(attempt, leftOpen(asked, supposed), after);
}

function answersTo(asked: Open, older: Supposed | null): readonly Supposed[] {
  if ('tied' in asked) return asked.tied.orders.map((_, order) => ({ kind: 'tie', asked, order, older }));
  return [false, true].map((matches) => ({ kind: 'match', asked, matches, older }));
}

const leftOpen = (asked: Open, older: Supposed | null): Supposed =>
  'tied' in asked ? { kind: 'tie', asked, order: null, older } : { kind: 'match', asked, matches: null, older };

const walksOf = ({ forward, reply, ack, data }: Path): readonly Walk[] => [forward, reply, ack, data].filter((w) => w !== null);

/** What ended a walk, and of which nothing was taken yet. */
function firstOpen(paths: readonly Path[], supposed: Supposed | null): Open | null {
  for (const path of paths)
    for (const { end } of walksOf(path))
      if (end.kind === 'undetermined' && end.open !== undefined && !isSupposed(end.open, supposed)) return end.open;
  return null;
}

function isSupposed(open: Open, supposed: Supposed | null): boolean {
  for (let s = supposed; s !== null; s = s.older) {
    if (s.kind === 'tie' && 'tied' in open && s.asked.tied === open.tied) return true;
    if (s.kind === 'match' && !('tied' in open) && s.asked.of === open.of && s.asked.at === open.at) return true;
  }
  return false;
}

/** Do they end the same ways, by the same devices, as often? */
export function areAlike(some: readonly Path[], others: readonly Path[]): boolean {
  const [a, b] = [shares(some), shares(others)];
  return a.size === b.size && [...a].every(([path, share]) => Math.abs(share - (b.get(path) ?? -1)) < 1e-9);
}

function shares(paths: readonly Path[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const path of paths) {
    const text = [path.outcome, path.client, path.failure?.code, ...walksOf(path).map(crossings)].join('\n');
    found.set(text, (found.get(text) ?? 0) + path.probability);
  }
  return found;
}

const crossings = ({ hops }: Walk): string => hops.flatMap((h) => (h.kind === 'interface' ? crossing(h) : [])).join('; ');

const crossing = ({ netns, device, direction, packet }: Extract<Hop, { kind: 'interface' }>): string =>
  [netns, device, direction, ...Object.values(tupleOf(packet))].join(' ');
