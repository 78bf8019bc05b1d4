import { describe, expect, test } from 'vitest';
import { file, place, SMALLEST, told } from './sources.ts';

/** Syntax, schema, references: each stage reports everything in all files, and hides the stages after it. */

const SYNTAX_ERROR = 'a: [1\n';
const SCHEMA_ERROR = 'pods: [{ name: pod-a, node: node-1, lables: {} }]\n';
const REFERENCE_ERROR = 'services: [{ name: web, clusterIP: 10.1.0.1, ports: [{ port: 80 }] }]\n';

describe('the stages', () => {
  test.each([
    ['syntax hides schema and references', SCHEMA_ERROR + REFERENCE_ERROR + SYNTAX_ERROR, ['yaml-syntax']],
    ['schema hides references', SCHEMA_ERROR + REFERENCE_ERROR, ['unknown-field']],
    ['references come last', REFERENCE_ERROR, ['address-outside']],
  ])('%s', (_name, more, codes) => {
    expect([...new Set(told(file(SMALLEST + more)).map((d) => d.code))]).toEqual(codes);
  });

  test('errors of all three kinds appear one stage after the other, whichever file they are in', () => {
    const object = (text: string) => file(text, 'b.yaml');
    const broken = told(file(SMALLEST + SCHEMA_ERROR, 'a.yaml'), object('a: [1\n'));
    expect(broken.map((d) => [d.code, d.file])).toEqual([['yaml-syntax', 'b.yaml']]);
    const mended = told(file(SMALLEST + SCHEMA_ERROR, 'a.yaml'), object('a: [1]\n'));
    expect(mended.map((d) => [d.code, d.file])).toContainEqual(['unknown-field', 'a.yaml']);
    expect(mended.map((d) => [d.code, d.file])).toContainEqual(['no-kind', 'b.yaml']);
  });
});

describe('all at once', () => {
  test('syntax errors of both files', () => {
    const tab = 'a:\n\t- 1\n';
    const twice = 'b: 1\nb: 2\nc: 1\nc: 2\n';
    const json = '{ "a": 1, "a": 2 }';
    expect(told(file(tab, 'a.yaml'), file(twice, 'b.yaml'), file(json, 'c.json')).map(place)).toEqual([
      'a.yaml:2:1',
      'b.yaml:2:1',
      'b.yaml:4:1',
      'c.json:1:11',
    ]);
  });

  test('schema errors of both files, when both are topologies; and that there are two', () => {
    const a = file('kind: Topology\napiVersion: v2\ncluster: {}\nnodes: []\n', 'a.yaml');
    const b = file(`${SMALLEST}pods: 1\nservices: 2\n`, 'b.yaml');
    const found = told(a, b);
    expect(found.map((d) => [place(d), d.code])).toEqual(
      expect.arrayContaining([
        ['a.yaml:2:13', 'bad-value'],
        ['a.yaml:3:10', 'missing-field'],
        ['a.yaml:4:8', 'bad-value'],
        ['b.yaml:6:7', 'wrong-type'],
        ['b.yaml:7:11', 'wrong-type'],
        ['b.yaml:2:7', 'two-topologies'],
      ]),
    );
    expect(found).toHaveLength(6);
    expect(found.find((d) => d.code === 'two-topologies')?.message).toMatch(/a\.yaml:1/);
  });

  test('a hundred reference errors, each at its own line', () => {
    const pods = Array.from({ length: 100 }, (_, i) => `  - { name: pod-${i}, node: node-x }\n`).join('');
    const found = told(file(`${SMALLEST}pods:\n${pods}`));
    expect(found.map((d) => d.place?.line)).toEqual(Array.from({ length: 100 }, (_, i) => 7 + i));
  });

  test('a second Topology in a second file names both files', () => {
    const found = told(file(SMALLEST, 'a.yaml'), file(SMALLEST, 'b.yaml'));
    expect(found.map((d) => [place(d), d.code])).toEqual([['b.yaml:2:7', 'two-topologies']]);
    expect(found[0]?.message).toContain('a.yaml:2');
  });
});
