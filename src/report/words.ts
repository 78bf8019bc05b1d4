import type { CheckDocument, CheckResult, SourceRef } from '../document/check-schema.ts';
import { safe } from '../render/text.ts';
import { type Level, levelOf } from './level.ts';
import type { Directory } from './reporter.ts';

/** The words that all reports share. Text from the input is made safe for a line here; each format escapes its own markup. */

/** An expectation's name stands for as many connections as its wildcards do, and for each in its IP families. */
export function titleOf({ name, from, to, ...result }: CheckResult): string {
  const ends = `${from} -> ${to}`;
  const family = isOneOfFamilies(result) ? ` (${result.family})` : '';
  return safe(`${name === ends ? ends : `${name}: ${ends}`}${family}`);
}

/** Is this one of the connections that a program tries between two ends, and not the only one? */
const isOneOfFamilies = ({ families }: Pick<CheckResult, 'families'>): boolean => families.length > 1;

/** A finding is called by the code of its reason, or by that there is none, or no answer. */
export const codeOf = ({ reason, unasked }: CheckResult): string =>
  unasked === undefined ? (reason?.code ?? 'NOT_AS_EXPECTED') : NOT_ASKED;

/** The rule of expectations that cannot be asked. */
export const NOT_ASKED = 'NOT_ASKED';

/** Expectation and result in one line. */
export const briefly = ({ expected, got }: CheckResult): string => safe(`expected ${expected}; got ${got}`);

/** The same, with all that is known of why, and what to change: one line each. */
export function inFull(result: CheckResult): readonly string[] {
  const { reason, mismatches } = result;
  const more = mismatches.filter(isMore).map(safe);
  return [briefly(result), ...more, ...(reason === null ? [] : [safe(reason.message), ...reason.fix.map((fix) => `fix: ${safe(fix)}`)])];
}

/** A mismatch that `got` says already is not said again. */
export const isMore = (mismatch: string): boolean => !/^expected .*, got /.test(mismatch);

/** Where a reviewer would look: the rule or field that decided, else the expectation. */
export const placeOf = ({ decided, source }: CheckResult): SourceRef => decided ?? source;

/** A file as reports name it: from the root, with forward slashes; as it was written where it is not below. Null for what is no file. */
export function fileOf({ file }: Pick<SourceRef, 'file'>, { working, root }: Directory): string | null {
  if (file.startsWith('(')) return null;
  const parts = partsOf(/^([A-Za-z]:)?[\\/]/.test(file) ? file : `${working}/${file}`);
  const above = partsOf(root);
  const below = above.every((part, i) => part === parts[i]);
  return below ? parts.slice(above.length).join('/') : file.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}

/** The first is empty, or a drive. */
function partsOf(path: string): readonly string[] {
  const [start = '', ...names] = path.replaceAll('\\', '/').split('/');
  const parts = [start];
  for (const name of names)
    if (name === '..') parts.splice(Math.max(1, parts.length - 1), 1);
    else if (name !== '.' && name !== '') parts.push(name);
  return parts;
}

/** Two findings of one kind about one expectation differ by their number. Lines are no part of it: they move. */
export function fingerprints(results: readonly CheckResult[], directory: Directory): ReadonlyMap<CheckResult, string> {
  const seen = new Map<string, number>();
  return new Map(
    results.map((r) => {
      const family = isOneOfFamilies(r) ? [r.family] : [];
      const text = JSON.stringify([fileOf(r.source, directory), r.name, r.from, r.to, ...family, codeOf(r)]);
      const number = seen.get(text) ?? 0;
      seen.set(text, number + 1);
      return [r, hash(number === 0 ? text : `${text} ${number}`)];
    }),
  );
}

/** FNV-1a, 64 bits: there is no reason to make two findings look like one. */
export function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value.toString(16).padStart(16, '0');
}

export interface Finding {
  readonly result: CheckResult;
  readonly level: Level;
}

const ORDER: readonly Level[] = ['error', 'warning', 'note'];

/** The results that do not hold and are to be reported, the worst first, each kind in the order of the input. */
export function findings(document: CheckDocument): readonly Finding[] {
  const all = document.results.flatMap((result): readonly Finding[] => {
    const level = levelOf(result, document);
    return level === null ? [] : [{ result, level }];
  });
  return ORDER.flatMap((level) => all.filter((f) => f.level === level));
}

/** `6 of 8 expectations hold, 2 fail.` Where an expectation stands for several connections: `11 of 15 connections, 6 of 8 expectations hold; 4 connections fail.` */
export function summaryOf({ summary }: CheckDocument): string {
  const { expectations, expectationsHold, checks, hold, fail, undetermined } = summary;
  const many = checks !== expectations;
  const noun = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  const met = `${expectationsHold} of ${noun(expectations, 'expectation')} ${expectations === 1 && !many ? 'holds' : 'hold'}`;
  const unmet = [
    ...(fail === 0 ? [] : [`${many ? noun(fail, 'connection') : fail} ${fail === 1 ? 'fails' : 'fail'}`]),
    ...(undetermined === 0 ? [] : [`${undetermined} undetermined`]),
  ];
  const all = many ? `${hold} of ${noun(checks, 'connection')}, ${met}` : met;
  return `${[all, ...(unmet.length === 0 ? [] : [unmet.join(', ')])].join(many ? '; ' : ', ')}.`;
}
