import { FINDINGS, type FindingCode } from '../source/findings.ts';
import { didYouMean } from '../source/suggest.ts';

/** Codes that a person can leave out or ask for alone: all but the errors. */
export const LINT_CODES: readonly string[] = Object.entries(FINDINGS).flatMap(([code, f]) => (f.severity === 'error' ? [] : [code]));

/** A code, or the words that several codes begin with: `firewall` is all of the firewalls'. */
export const fits = (pattern: string, code: string): boolean => code === pattern || code.startsWith(`${pattern}-`);

/** Why no finding could ever fit, and what was meant; null when some can. */
export function misfit(pattern: string): { readonly message: string; readonly hint: string | null } | null {
  if (LINT_CODES.some((code) => fits(pattern, code))) return null;
  const error = Object.keys(FINDINGS).some((code) => fits(pattern, code));
  if (error) return { message: `${pattern} is an error, and no error can be left out`, hint: null };
  return { message: `there is no finding ${pattern}`, hint: didYouMean(pattern, LINT_CODES) };
}

/** The findings that the command line asks for: only these (none: all), and not those. */
export interface Choice {
  readonly select: readonly string[];
  readonly ignore: readonly string[];
}

export function chosen(code: FindingCode, { select, ignore }: Choice): boolean {
  if (FINDINGS[code].severity === 'error') return true;
  return (select.length === 0 || select.some((p) => fits(p, code))) && !ignore.some((p) => fits(p, code));
}
