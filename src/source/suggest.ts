/** How many edits (insert, delete, replace, swap neighbours) make `a` into `b`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** Two names of two letters in common are two names. */
const LEAST_IN_COMMON = 3;

/** Alike enough to be one name misspelt: by its letters, or as the other one without its last. */
function mayBeMeant(wanted: string, candidate: string): boolean {
  const isCut = wanted.length > 1 && candidate.length === wanted.length + 1 && candidate.startsWith(wanted);
  return wanted === candidate || isCut || lettersInCommon(wanted, candidate) >= LEAST_IN_COMMON;
}

function lettersInCommon(a: string, b: string): number {
  const left = [...b];
  return [...a].filter((letter) => {
    const at = left.indexOf(letter);
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  }).length;
}

/** The names most like `name`, best first: at most three, equally near, and none that is more different than alike. */
export function nearest(name: string, names: Iterable<string>): readonly string[] {
  const wanted = name.toLowerCase();
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const candidate of new Set(names)) {
    if (Math.abs(candidate.length - name.length) > Math.max(3, name.length / 2)) continue;
    const score = distance(wanted, candidate.toLowerCase());
    if (!mayBeMeant(wanted, candidate.toLowerCase())) continue;
    if (score <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) * 0.4))) scored.push({ name: candidate, score });
  }
  const best = Math.min(...scored.map((s) => s.score));
  return scored
    .filter((s) => s.score === best)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((s) => s.name);
}

/** `did you mean a, b or c?`, or null when nothing is like it. */
export function didYouMean(name: string, names: Iterable<string>): string | null {
  const found = nearest(name, names);
  return found.length === 0 ? null : `did you mean ${orList(found)}?`;
}

export function orList(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

type Labels = ReadonlyMap<string, string>;

export const pairsOf = (labels: Labels): readonly string[] => [...labels].map(([name, value]) => `${name}=${value}`);

/** The labels that a selector comes nearest to: those spelt like one of its pairs, then those with one of its keys or values. */
export function nearestLabels(selector: Labels, labels: readonly Labels[]): readonly string[] {
  const pairs = new Set(labels.flatMap(pairsOf));
  const values = new Set(selector.values());
  const like = [...pairs].filter((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return values.has(value) || selector.has(name);
  });
  const close = pairsOf(selector).flatMap((pair) => nearest(pair, pairs));
  return [...new Set([...close, ...like])].slice(0, 5);
}
