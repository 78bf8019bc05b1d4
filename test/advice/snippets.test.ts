import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Diagnostic, linting, loadNetwork } from '../../src/index.ts';
import { input } from './law.ts';

/** A hint of `validate` that is written as YAML is put where the finding points, and is valid there. */

const FIXTURES = join(import.meta.dirname, '../../fixtures');

async function findingsOf(text: string): Promise<readonly Diagnostic[]> {
  const files = input(text);
  const loaded = loadNetwork(files);
  if (!loaded.ok) return loaded.diagnostics;
  const { lint } = await linting();
  return [...loaded.warnings, ...lint(loaded, files, { select: [], ignore: [] }).findings];
}

/** `routers[0].routes` as a path. */
const pathOf = (field: string) => field.split(/[.[\]]+/).flatMap((step) => (step === '' ? [] : [/^\d+$/.test(step) ? Number(step) : step]));

/** The fields that a hint states, to be put into the object that its finding is about; null: it is no YAML, or names what to fill in. */
function snippetOf(hint: string | null): Readonly<Record<string, unknown>> | null {
  const [snippet] = /\w+: [[{].*[\]}]$/.exec(hint ?? '') ?? [];
  return snippet === undefined || snippet.includes('…') ? null : parse(snippet);
}

/** Lists get longer, mappings get the fields that they lack. */
function merged(old: unknown, more: unknown): unknown {
  if (more instanceof Map && Array.isArray(old)) return old.map((item, i) => (more.has(i) ? merged(item, more.get(i)) : item));
  if (Array.isArray(more)) return [...(Array.isArray(old) ? old : []), ...more];
  if (typeof more !== 'object' || more === null) return more;
  const fields: Readonly<Record<string, unknown>> = typeof old === 'object' && old !== null ? { ...old } : {};
  return { ...fields, ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, merged(fields[name], value)])) };
}

/** The input with a hint's fields in the object of its finding, in the document that has its line. */
function withHint(text: string, line: number, field: string, snippet: Readonly<Record<string, unknown>>): string {
  const documents = text.split(/^---\n/m);
  const nth = text
    .split('\n')
    .slice(0, line)
    .filter((l) => l === '---').length;
  return documents.map((d, i) => (i === nth ? withFields(d, field, snippet) : d)).join('\n---\n');
}

function withFields(text: string, field: string, snippet: Readonly<Record<string, unknown>>): string {
  const more = pathOf(field).reduceRight<unknown>(
    (inner, step) => (typeof step === 'number' ? new Map([[step, inner]]) : { [step]: inner }),
    snippet,
  );
  return JSON.stringify(merged(parse(text, { merge: true }), more));
}

const texts = readdirSync(join(FIXTURES, 'lint')).filter((name) => name.endsWith('.yaml'));
const TWO_SEGMENTS = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.2.12, podCIDR: 10.244.2.0/24 }
pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]
underlay:
  segments: [{ name: lan, cidr: 192.168.1.0/24 }, { name: far, cidr: 192.168.2.0/24 }]
  routers:
    - { name: r1, interfaces: [{ segment: lan, ip: 192.168.1.254 }, { segment: far, ip: 192.168.2.254 }] }
`;

describe('hints of findings', () => {
  test('a router has a list of routes, a node adds to those that it has', async () => {
    const hints = (await findingsOf(TWO_SEGMENTS)).map((d) => [d.place?.field, d.hint]);
    expect(hints).toEqual([
      ['underlay.routers[0]', 'routes: [{ to: 10.244.2.0/24, via: 192.168.2.12 }]'],
      ['underlay.routers[0]', 'routes: [{ to: 10.244.1.0/24, via: 192.168.1.11 }]'],
    ]);
  });

  test('are valid where they point, and what was found is gone', async () => {
    let tried = 0;
    for (const text of [TWO_SEGMENTS, ...texts.map((name) => readFileSync(join(FIXTURES, 'lint', name), 'utf8'))])
      for (const { code, message, hint, place } of await findingsOf(text)) {
        const snippet = snippetOf(hint);
        if (snippet === null || place === null) continue;
        tried++;
        const after = await findingsOf(withHint(text, place.line, place.field, snippet));
        expect([hint, after.filter((d) => d.severity === 'error' || (d.code === code && d.message === message))]).toEqual([hint, []]);
      }
    expect(tried).toBeGreaterThan(2);
  });
});
