import { UsageError } from './io.ts';

/** How bad a finding has to be for `--fail-on`. */
export const FAIL_ON = ['error', 'warning', 'note', 'never'] as const;

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
