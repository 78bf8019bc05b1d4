import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUILT_IN, jsonSchema, render, type SchemaName } from '../../src/index.ts';
import { documentOf, sample } from '../check/checking.ts';
import { ask } from '../tracing.ts';
import { TRACES, tracesOf } from './traces.ts';

type Json = Readonly<Record<string, unknown>>;
type Check = (data: unknown) => readonly string[];

/** What a JSON Schema validator that knows nothing of us says; draft 7 is what editors read. */
async function checker(name: SchemaName): Promise<Check> {
  const ajv = new Ajv({ allErrors: true, strictTypes: false });
  addFormats.default(ajv);
  const validate = ajv.compile((await jsonSchema(name)) as Json);
  return (data) => (validate(data) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`));
}

const options = { color: false, width: 100, allPaths: false, reply: false, verbose: false };
const FIXTURES = join(import.meta.dirname, '../../fixtures');

describe('-o json against `schema trace`', () => {
  let check: Check;
  beforeAll(async () => {
    check = await checker('trace');
  });

  test.each(Object.keys(TRACES))('%s', (name) => {
    expect(check(JSON.parse(render('json', tracesOf(name), options)))).toEqual([]);
  });

  test.each([
    ['ingress', 'laptop', 'https://shop.example.com/'],
    ['ingress', 'client', 'https://shop.example.com/cart'],
    ['ingress', 'client', 'https://lost.example.com/'],
    ['ingress', 'client', 'https://nobody.example.com/'],
    ['gateway', 'internet', 'https://shop.example.com/old/x'],
    ['gateway', 'internet', 'http://shop.example.com/'],
    ['gateway', 'client', 'https://shop.example.com/mixed'],
    ['broken', 'client', 'http://x.example.com/mute'],
  ])('fixtures/http/%s.yaml: %s %s', (fixture, source, url) => {
    const trace = ask(`http/${fixture}.yaml`, source, url);
    expect(check(JSON.parse(render('json', trace, options)))).toEqual([]);
    for (const format of ['table', 'trace', 'minimal'] as const) expect(render(format, trace, options)).toContain(trace.outcome);
  });

  test('of both IP families', () => {
    const trace = ask('ipv6/one-family-cut.yaml', 'a', 'svc/web');
    expect(trace.families).toHaveLength(2);
    expect(check(JSON.parse(render('json', trace, options)))).toEqual([]);
  });

  test.each(Object.keys(TRACES))('%s: -o yaml has the same data', (name) => {
    const trace = tracesOf(name);
    expect(parse(render('yaml', trace, options))).toEqual(JSON.parse(render('json', trace, options)));
  });

  test('the traces here have every outcome, so that the schema is tried on them', () => {
    const outcomes = new Set(Object.keys(TRACES).map((name) => tracesOf(name).outcome));
    expect([...outcomes].sort()).toEqual(['delivered', 'dropped', 'exits', 'looped', 'mixed', 'rejected', 'undetermined']);
  });

  test('added fields are allowed, missing and misspelt ones are not', () => {
    const trace = JSON.parse(render('json', tracesOf('other node'), options));
    expect(check({ ...trace, added: 1, source: { ...trace.source, added: 2 } })).toEqual([]);
    for (const field of ['schemaVersion', 'source', 'destination', 'outcome', 'reason', 'paths', 'assumptions']) {
      const { [field]: _left, ...rest } = trace;
      expect([field, check(rest).length > 0]).toEqual([field, true]);
    }
    expect(check({ ...trace, outcome: 'arrived' })).not.toEqual([]);
    expect(check({ ...trace, schemaVersion: 2 })).not.toEqual([]);
  });

  test('flags that are for people change nothing in the data', () => {
    const trace = tracesOf('a service with two endpoints');
    for (const format of ['json', 'yaml'] as const) {
      const plain = render(format, trace, options);
      expect(plain).toContain('schemaVersion');
      expect(render(format, trace, { color: true, width: 40, allPaths: true, reply: true, verbose: true })).toBe(plain);
    }
  });
});

describe('`schema check` and `schema expectations`', () => {
  test.each(['before', 'after'] as const)('fixtures/sample/%s: what comes out, and what goes in', async (which) => {
    const out = await checker('check');
    const document = JSON.parse(JSON.stringify(await documentOf(sample(which))));
    expect(out(document)).toEqual([]);
    expect(out({ ...document, added: 1 })).toEqual([]);
    for (const field of ['schemaVersion', 'undetermined', 'failOn', 'summary', 'results']) {
      const { [field]: _left, ...rest } = document;
      expect([field, out(rest).length > 0]).toEqual([field, true]);
    }
    const into = await checker('expectations');
    const text = readFileSync(join(FIXTURES, 'sample', which, 'expectations.yaml'), 'utf8');
    expect(into(parse(text))).toEqual([]);
    for (const [good, bad] of [
      ['outcome: blocked', 'outcome: blockd'],
      ['severity: note', 'severty: note'],
      ['to: svc/cart:80', 'two: svc/cart:80'],
    ] as const)
      expect([bad, into(parse(text.replace(good, bad))).length > 0]).toEqual([bad, true]);
  });
});

describe('topologies against `schema topology`', () => {
  let check: Check;
  beforeAll(async () => {
    check = await checker('topology');
  });
  const read = (path: string): unknown => parse(readFileSync(join(FIXTURES, path), 'utf8'), { version: '1.1', merge: true });

  test('the built-in cluster, and fixtures/four-pods.yaml, which is the same text', () => {
    expect(check(parse(BUILT_IN))).toEqual([]);
    expect(readFileSync(join(FIXTURES, 'four-pods.yaml'), 'utf8')).toBe(BUILT_IN);
  });

  test.each(['valid', 'http'].flatMap((folder) => readdirSync(join(FIXTURES, folder)).map((name) => `${folder}/${name}`)))(
    'fixtures/%s',
    (name) => {
      expect(check(read(name))).toEqual([]);
    },
  );

  test.each([
    'unknown-field.yaml',
    'unknown-field.json',
    'wrong-type.yaml',
    'missing-field.yaml',
    'not-supported-yet.yaml',
    'bad-value.yaml',
  ])('an editor sees that fixtures/invalid/%s is wrong', (name) => {
    expect(check(read(`invalid/${name}`))).not.toEqual([]);
  });

  test('a single unknown field is enough', () => {
    const good = parse(BUILT_IN);
    for (const bad of [
      { ...good, podz: [] },
      { ...good, nodes: [{ ...good.nodes[0], podCidr: '10.0.0.0/8' }] },
    ])
      expect(check(bad).join()).toMatch(/additional properties/);
  });

  test.each(['topology', 'expectations'] as const)('every field of %s has a description, which editors show', async (name) => {
    const missing: string[] = [];
    const described = new Map<string, string>();
    const look = (schema: unknown, path: string) => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties')
          for (const [field, property] of Object.entries(value as Json)) {
            const { description } = property as { description?: string };
            if (description === undefined) missing.push(`${path}.${field}`);
            else described.set(`${path}.${field}`, description);
          }
        look(value, ['properties', 'items', 'anyOf'].includes(key) ? path : `${path}.${key}`);
      }
    };
    look(await jsonSchema(name), '');
    expect(missing).toEqual([]);
    expect(described.size).toBeGreaterThan(name === 'topology' ? 60 : 16);
  });

  test('a description belongs to its field, and is not lent to others of the same type', async () => {
    const text = JSON.stringify(await jsonSchema('topology'));
    expect(text.split('The range of all pod addresses.').length - 1).toBe(1);
  });
});
