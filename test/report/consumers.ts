import { createRequire } from 'node:module';
import { DOMParser, type Element } from '@xmldom/xmldom';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { marked } from 'marked';
import { Parser } from 'tap-parser';

/** Readers of each format that know nothing of us. */

/** What no output may hold, line ends aside: control characters, and what turns the direction of text (UAX 9). */
export const CONTROL = /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

export interface JUnitCase {
  readonly name: string;
  readonly classname: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type: string | null;
  readonly text: string;
}

/** By an XML parser, to which every error and warning is fatal. */
export function junitCases(text: string): { readonly totals: Readonly<Record<string, number>>; readonly cases: readonly JUnitCase[] } {
  const fail = (level: string, message: string) => {
    throw new Error(`${level}: ${message}`);
  };
  const document = new DOMParser({ onError: fail }).parseFromString(text, 'text/xml');
  const root = document.documentElement;
  if (root?.tagName !== 'testsuites') throw new Error('no testsuites');
  const totals = Object.fromEntries(['tests', 'failures', 'errors', 'skipped'].map((n) => [n, Number(root.getAttribute(n))]));
  const cases = [...root.getElementsByTagName('testcase')].map((c): JUnitCase => {
    const child = (name: string): Element | undefined => c.getElementsByTagName(name)[0];
    const failure = child('failure') ?? child('error');
    const outcome =
      failure?.tagName === 'error' ? 'error' : failure !== undefined ? 'failure' : child('skipped') !== undefined ? 'skipped' : 'passed';
    return {
      name: c.getAttribute('name') ?? '',
      classname: c.getAttribute('classname') ?? '',
      outcome,
      type: failure?.getAttribute('type') ?? null,
      text: failure?.textContent ?? child('skipped')?.getAttribute('message') ?? '',
    };
  });
  return { totals, cases };
}

const require = createRequire(import.meta.url);
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats.default(ajv);
// Draft 4, of which nothing is used here that draft 7 reads otherwise.
const { $schema: _draft, id: _id, ...schema } = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const validate = ajv.compile(schema);

/** What the published schema has against a log. */
export function sarifErrors(text: string): readonly string[] {
  return validate(JSON.parse(text)) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
}

interface TapEnd {
  readonly ok: boolean;
  readonly count: number;
  readonly pass: number;
  readonly fail: number;
  readonly bailout: boolean | string;
}

export const tapResults = (text: string) => {
  const state: { end: TapEnd | null } = { end: null };
  const parser = new Parser({ strict: true }, (results) => {
    state.end = results;
  });
  const tests: { ok: boolean; name: string; todo: boolean | string; skip: boolean | string; diag: unknown }[] = [];
  parser.on('assert', ({ ok, name, todo, skip, diag }) => tests.push({ ok, name, todo, skip, diag }));
  parser.end(text);
  return { end: state.end, tests };
};

export interface Annotation {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** As GitHub's runner reads a step's output: a line that begins with `::` is a command, and escapes are undone last. */
export function annotations(text: string): readonly Annotation[] {
  const unescaped = (s: string, more: readonly (readonly [string, string])[]) =>
    [...more, ['%0D', '\r'] as const, ['%0A', '\n'] as const, ['%25', '%'] as const].reduce((t, [from, to]) => t.replaceAll(from, to), s);
  return text.split(/\r?\n/).flatMap((line) => {
    const [, command, list = '', message = ''] = /^::([\w-]+)(?: (.*?))?::(.*)$/.exec(line.trimStart()) ?? [];
    if (command === undefined) return [];
    const properties = list.split(',').map((p) => {
      const equals = p.indexOf('=');
      return [
        p.slice(0, equals),
        unescaped(p.slice(equals + 1), [
          ['%3A', ':'],
          ['%2C', ','],
        ]),
      ];
    });
    return [{ command, properties: Object.fromEntries(properties), message: unescaped(message, []) }];
  });
}

/** Markdown as GitHub's dialect makes HTML of it. */
export const html = (text: string): string => marked.parse(text, { gfm: true, async: false }) as string;
