import type * as z from 'zod';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import type { ErrorCode } from '../../source/findings.ts';
import { unknownFields } from '../../source/objects.ts';
import type { Path, SourceDocument } from '../../source/origin.ts';
import { didYouMean, nearest, orList } from '../../source/suggest.ts';
import { AmbiguousScalar } from '../syntax/document.ts';

type Issue = z.core.$ZodIssue;

/** Turns what the schema says into what a person needs: place, field, what was expected, what is there. */
export function diagnose(document: Read, issues: readonly Issue[]): readonly Diagnostic[] {
  return within(document, issues, []);
}

/** What an issue says of the data, without its place. */
export const wordsOf = (issue: Issue, data: unknown): string => splitHint(messageOf(issue, valueAt(data, pathOf(issue))))[0];

/** A document, or an object of one. */
interface Read {
  readonly source: SourceDocument;
  readonly data: unknown;
}

/** Issues of the value at `base`. */
const within = (document: Read, issues: readonly Issue[], base: Path): readonly Diagnostic[] =>
  withoutMisspelt(withoutEchoes(issues), valueAt(document.data, base)).flatMap((issue) => explain(document, issue, base));

/** A field that is missing because its name is misspelt is one error: that of the name. */
function withoutMisspelt(issues: readonly Issue[], data: unknown): readonly Issue[] {
  const meant = new Set(
    issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return [];
      const { known } = unknownFields(issue.message);
      const names = issue.keys.flatMap((key) => nearest(key, known));
      return names.map((name) => keyOf([...issue.path, name]));
    }),
  );
  if (meant.size === 0) return issues;
  return issues.filter((issue) => {
    const parent = issue.path.slice(0, -1);
    const or: unknown = issue.code === 'custom' ? issue.params?.['or'] : undefined;
    const fields = [issue.path.at(-1), ...(Array.isArray(or) ? or : [])];
    return valueAt(data, pathOf(issue)) !== undefined || !fields.some((field) => meant.has(keyOf([...parent, field])));
  });
}

const keyOf = (path: readonly unknown[]) => path.map(String).join('\u0000');

/**
 * zod counts the letters of a text that stands where a list should be, and finds too few of them, or too many; and a number that is too
 * large for a field may be too large for a whole number as well, which is said before.
 */
function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const wrong = new Set(issues.flatMap((i) => (i.code === 'invalid_type' ? [keyOf(i.path)] : [])));
  return issues.filter((i) => {
    if (i.code !== 'too_small' && i.code !== 'too_big') return true;
    return !wrong.has(keyOf(i.path)) && !issues.some((j) => j !== i && j.code === i.code && isSafeInteger(i) && !isSafeInteger(j));
  });
}

/** The bound that is every whole number's. */
const isSafeInteger = (issue: Issue) =>
  (issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) ||
  (issue.code === 'too_small' && issue.minimum === Number.MIN_SAFE_INTEGER);

function explain(document: Read, issue: Issue, base: Path): readonly Diagnostic[] {
  const path = [...base, ...pathOf(issue)];
  const found = valueAt(document.data, path);
  if (issue.code === 'unrecognized_keys') {
    const { known, elsewhere } = unknownFields(issue.message);
    return issue.keys.map((key, i) => {
      const hint = elsewhere[i] || (didYouMean(key, known) ?? `known here: ${known.join(', ')}`);
      return diagnosticAt(document.source, [...path, key], { code: 'unknown-field', message: 'unknown field', hint }, true);
    });
  }
  if (issue.code === 'invalid_union' && found !== undefined) {
    const branch = fittingBranch(issue.errors, found);
    if (branch !== null) return within(document, branch, path);
  }
  if (found instanceof AmbiguousScalar) return [ambiguous(document, path, found)];
  const isKey = issue.code === 'invalid_key' || (issue.code === 'custom' && issue.params?.['key'] === true);
  const [message, own] = splitHint(messageOf(issue, found));
  const hint = own ?? (found === null ? unspaced(path) : null);
  return [diagnosticAt(document.source, path, { code: codeOf(issue, found), message, hint }, isKey)];
}

/** In `{ app:web }` the colon is a part of the name. */
function unspaced(path: Path): string | null {
  const [, name, value] = String(path.at(-1)).match(/^([^:]+):([^:]+)$/) ?? [];
  return name === undefined ? null : `a colon needs a space after it: ${name}: ${value}`;
}

const pathOf = (issue: Issue): Path => issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));

/** A hint follows a semicolon: it is shown on a line of its own. */
function splitHint(text: string): readonly [string, string | null] {
  const [message = text, ...hint] = text.split('; ');
  return [message, hint.length === 0 ? null : hint.join('; ')];
}

/**
 * The alternative that was meant is one that takes this type of value: its complaints are about what is inside. Of several, the one
 * that reads the text closely (an address, a prefix) knows more than a list of words.
 */
function fittingBranch(branches: readonly (readonly Issue[])[], found: unknown): readonly Issue[] | null {
  const fitting = branches.filter((issues) => !issues.some((i) => i.path.length === 0 && wrongType(i, found)));
  if (typeof found === 'string') {
    const near = fitting.find((issues) =>
      issues.some((i) => i.code === 'invalid_value' && i.path.length === 0 && i.values.some((v) => nearest(found, [String(v)]).length > 0)),
    );
    if (near !== undefined) return near;
  }
  return fitting.find((issues) => issues.some((i) => i.code === 'custom')) ?? fitting[0] ?? null;
}

const wrongType = (issue: Issue, found: unknown) =>
  issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof found !== 'string');

/** The types that the alternatives would have taken, when none takes this value. */
function wanted(branches: readonly (readonly Issue[])[]): string {
  const names = branches.flatMap((issues) => {
    const root = issues.find((i) => i.path.length === 0);
    if (root?.code === 'invalid_type') return [ownWords(root) ?? article(root.expected)];
    return root?.code === 'invalid_value' ? root.values.map(String) : [];
  });
  return orList([...new Set(names)]);
}

function codeOf(issue: Issue, found: unknown): ErrorCode {
  if (found === undefined) return 'missing-field';
  if (/ not supported yet/.test(issue.message)) return 'not-supported-yet';
  if (issue.code !== 'invalid_type') return 'bad-value';
  return issue.expected === 'never' ? 'unknown-field' : 'wrong-type';
}

/** Of alternatives that one of their fields tells apart, that field fits none. */
const isUnknownVariant = (issue: Issue) => issue.code === 'invalid_union' && issue.errors.length === 0;

function messageOf(issue: Issue, found: unknown): string {
  if (issue.code === 'invalid_key') return `bad name: ${issue.issues[0]?.message ?? 'not allowed here'}`;
  if (found === undefined && issue.code !== 'custom') return 'this field is missing';
  if (isUnknownVariant(issue)) return typeof found === 'string' ? issue.message : `${issue.message}, got ${describe(found)}`;
  if (issue.code === 'invalid_union') return `expected ${wanted(issue.errors)}, got ${describe(found)}`;
  if (issue.code === 'invalid_value' && typeof found !== 'string' && !/not supported yet/.test(issue.message))
    return `expected ${orList(issue.values.map(String))}, got ${describe(found)}`;
  if (issue.code !== 'invalid_type')
    return issue.message === 'Invalid input' ? `got ${describe(found)}, which does not fit` : issue.message;
  if (issue.expected === 'never') return issue.message;
  const quotes = issue.expected === 'string' && ['number', 'boolean'].includes(typeof found) ? '; put it in quotes' : '';
  const [expected, hint] = splitHint(ownWords(issue) ?? article(issue.expected));
  return `expected ${expected}, got ${describe(found)}${hint === null ? quotes : `; ${hint}`}`;
}

/** Fields that say themselves what they expect begin with these words. */
const ownWords = (issue: Issue) => (issue.message.startsWith('expected ') ? issue.message.slice('expected '.length) : null);

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  int: 'a whole number',
  boolean: 'true or false',
};
const article = (type: string) => NAMES[type] ?? `a ${type}`;

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'a value that is not a number' : 'an infinite number';
  const text = JSON.stringify(value) ?? 'nothing';
  return `the ${typeof value} ${text.length > 60 ? `${text.slice(0, 57)}…` : text}`;
}

function ambiguous(document: Read, path: Path, { text }: AmbiguousScalar): Diagnostic {
  const message = `${text} means different things in YAML 1.1 (which kubectl reads) and 1.2`;
  return diagnosticAt(document.source, path, {
    code: 'ambiguous-scalar',
    message,
    hint: `put it in quotes: "${text}"; or write a number as a plain decimal`,
  });
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/**
 * Where a boolean is wanted, `yes` and its like mean what YAML 1.1 says, as for kubectl. Puts the booleans in place and says whether
 * there were any, so that the caller parses again.
 */
export function readBooleansAs11(data: unknown, issues: readonly Issue[]): boolean {
  let changed = false;
  const look = (issue: Issue, base: Path) => {
    const path = [...base, ...pathOf(issue)];
    if (issue.code === 'invalid_union') for (const inner of issue.errors.flat()) look(inner, path);
    if (issue.code !== 'invalid_type' || issue.expected !== 'boolean') return;
    const found = valueAt(data, path);
    const parent = valueAt(data, path.slice(0, -1));
    const last = path.at(-1);
    if (!(found instanceof AmbiguousScalar) || typeof found.yaml11 !== 'boolean' || last === undefined) return;
    if (typeof parent === 'object' && parent !== null) Object.assign(parent, { [last]: found.yaml11 });
    changed = true;
  };
  for (const issue of issues) look(issue, []);
  return changed;
}
