import { describe, expect, test } from 'vitest';
import { file, place, SMALLEST, told } from './sources.ts';

/** A syntax error is told where it has to be mended, which is seldom where a parser notices it. Line 6 is the first after SMALLEST. */
const CASES: Readonly<Record<string, readonly [text: string, places: readonly string[], says: RegExp]>> = {
  'a } that is missing in the middle of a line': [
    'pods:\n  - { name: a, labels: { app: web , node: node-1 }\n  - { name: b, node: node-1 }\n',
    ['7:5'],
    /^this \{ is opened and not closed\na \} is missing before 8:/,
  ],
  'a { at the end of the file': ['pods:\n  - { name: a,\n\n\n', ['7:5'], /^this \{ is opened and not closed/],
  'a ] that is missing before a }': ['pods: [{ name: a, ports: [80 }]\n', ['6:26'], /^this \[ is opened.*\na \] is missing before 6:30/],
  'a [ that is missing': [
    'pods:\n  - { name: a, ports: { port: 80 }] }\n  - { name: b }\n',
    ['7:35'],
    /^this \] closes nothing: no \[ is open/,
  ],
  'a quote': ['pods:\n  - { name: "a, node: node-1 }\n  - { name: b }\n', ['7:13'], /^this " is opened and not closed/],
  'a colon': ['pods:\n  - name a\n    node: node-1\n', ['7:5'], /a colon is missing\nwrite it as key: value/],
  'two keys on a line': ['pods:\n  - name: a: b\n', ['7:11'], /^this line has two keys\n/],
  'a space after a colon': [
    'pods:\n  - { name: a, node: node-1, labels: { app:web } }\n',
    ['7:40'],
    /\na colon needs a space after it: app: web$/,
  ],
  'brackets in text, comments and block scalars are letters': [
    `pods: # {[\n  - name: a{b\n    "x": "{"\n    it's: [ok, 'it''s }']\n    text: |\n      { [\n  - { name: b\n`,
    ['12:5'],
    /^this \{ is opened and not closed/,
  ],
};

describe('a syntax error in plain words', () => {
  test.each(Object.entries(CASES))('%s', (_name, [text, places, says]) => {
    const found = told(file(SMALLEST + text));
    expect(found.map((d) => place(d).replace('x.yaml:', ''))).toEqual(places);
    expect([found[0]?.message, found[0]?.hint].join('\n')).toMatch(says);
  });

  test('a long line of brackets is looked at in one go', () => {
    expect(told(file(`${SMALLEST}x: [${'{"a":["b"]},'.repeat(50_000)}\n`)).map(place)).toEqual(['x.yaml:6:4']);
  });
});
