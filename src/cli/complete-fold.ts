import type { Candidate } from '../index.ts';

/** More than a screen of names is no help. */
const MOST = 200;

/**
 * Too many candidates become their beginnings: up to the next dash, dot, colon or slash, else one character further. Leaving some out would not
 * do, because shells insert what all that they are given have in common.
 */
export function fold(
  candidates: readonly Candidate[],
  typed: string,
): { readonly candidates: readonly Candidate[]; readonly folded: boolean } {
  if (candidates.length <= MOST) return { candidates, folded: false };
  const shared = sharedBeginning(candidates.map((c) => c.text)).length;
  const from = Math.max(shared, typed.length);
  const byWord = grouped(candidates, (text) => /^[^-./:]*[-./:]?/.exec(text.slice(from))?.[0].length ?? 0, from);
  const groups = byWord.length <= MOST ? byWord : grouped(candidates, () => 1, from);
  return { candidates: groups, folded: true };
}

function grouped(candidates: readonly Candidate[], further: (text: string) => number, from: number): readonly Candidate[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const beginning = candidate.text.slice(0, from + further(candidate.text));
    const group = groups.get(beginning);
    if (group === undefined) groups.set(beginning, [candidate]);
    else group.push(candidate);
  }
  return [...groups].map(([text, [first, ...others]]) =>
    first !== undefined && others.length === 0 ? first : { text, about: `${others.length + 1} names` },
  );
}

function sharedBeginning(texts: readonly string[]): string {
  let shared = texts[0] ?? '';
  for (const text of texts) while (!text.startsWith(shared)) shared = shared.slice(0, -1);
  return shared;
}
