import { UsageError } from './io.ts';

/** A flag's word, which is one of a few. */
export function oneOf<const T extends string>(
  flag: string,
  text: string,
  values: readonly T[],
  didYouMean: (name: string, names: readonly string[]) => string | null,
): T {
  const found = values.find((v) => v === text);
  if (found === undefined) throw new UsageError(`${flag} ${text}: expected ${values.join(', ')}`, didYouMean(text, values));
  return found;
}
