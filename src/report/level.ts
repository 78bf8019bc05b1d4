import type { CheckDocument, CheckResult } from '../document/check-schema.ts';

export type Level = 'error' | 'warning' | 'note';
const LEVELS: readonly Level[] = ['note', 'warning', 'error'];

/** The level of a result; null: it is not reported. An undetermined one has the level that `--undetermined` gives it. */
export function levelOf({ status, severity }: CheckResult, { undetermined }: Pick<CheckDocument, 'undetermined'>): Level | null {
  if (status === 'holds') return null;
  if (status === 'fails' || undetermined === 'fail') return severity;
  return undetermined === 'warn' ? 'warning' : null;
}

/** Does this result make the whole check fail? */
export function counts(result: CheckResult, document: Pick<CheckDocument, 'undetermined' | 'failOn'>): boolean {
  const { failOn } = document;
  const level = levelOf(result, document);
  return level !== null && failOn !== 'never' && LEVELS.indexOf(level) >= LEVELS.indexOf(failOn);
}

/** 0: all that matters holds; 1: some does not; 3: nothing fails, but something is undetermined, and that counts. */
export function checkStatus(document: CheckDocument): 0 | 1 | 3 {
  const bad = document.results.filter((r) => counts(r, document));
  if (bad.length === 0) return 0;
  return bad.some((r) => r.status === 'fails') ? 1 : 3;
}
