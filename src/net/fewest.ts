import { contains, networkOf, type Prefix, prefixOf } from './prefix.ts';

/** As few prefixes as hold the same addresses, in any order. */
export function fewest(prefixes: readonly Prefix[]): readonly Prefix[] {
  const kept: Prefix[] = [];
  for (const prefix of prefixes.toSorted((a, b) => a.length - b.length))
    if (!kept.some((k) => contains(k, prefix.address))) kept.push(prefix);
  for (const one of kept) {
    const both = one.length === 0 ? null : prefixOf(one.address, one.length - 1);
    const other =
      both === null
        ? undefined
        : kept.find((k) => k !== one && k.length === one.length && networkOf(k.address, both.length) === both.address);
    if (both !== null && other !== undefined) return fewest([both, ...kept.filter((k) => k !== one && k !== other)]);
  }
  return kept;
}
