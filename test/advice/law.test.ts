import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Request } from '../../src/index.ts';
import type { Case } from '../cases/case.ts';
import { CONTAINERS } from '../cases/containers.ts';
import { FAMILIES } from '../cases/families.ts';
import { HTTP } from '../cases/http.ts';
import { NETWORK } from '../cases/network.ts';
import { NODES } from '../cases/nodes.ts';
import { OUTSIDE } from '../cases/outside.ts';
import { POLICIES } from '../cases/policies.ts';
import { SERVICES } from '../cases/services.ts';
import { breachesOf, input, type Met, networkFrom } from './law.ts';
import { questionsOf } from './questions.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

/** Of each fixture; on demand, more. */
const QUESTIONS = Number(process.env['K8S_TRACE_ADVICE_QUESTIONS'] ?? 12);

const met: Met = new Map();

const texts = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('invalid/'))
  .sort();

test.each(texts)('%s: its fixes help', (name) => {
  const files = input(readFileSync(join(FIXTURES, name), 'utf8'), name);
  const network = networkFrom(files);
  if (typeof network === 'string') return;
  const requests = questionsOf(network, QUESTIONS);
  const others = (request: Request) => requests.filter((r) => r.source === request.source).slice(0, 4);
  expect(
    requests.flatMap((r) => breachesOf(files, network, r, others(r), met).map((b) => ({ ...b, ask: `${r.source} ${r.destination}` }))),
  ).toEqual([]);
});

const CASES: Readonly<Record<string, Case>> = {
  ...SERVICES,
  ...NODES,
  ...OUTSIDE,
  ...NETWORK,
  ...HTTP,
  ...CONTAINERS,
  ...FAMILIES,
  ...POLICIES,
};
const troubles = Object.entries(CASES).flatMap(([name, found]) => {
  if (!('troubles' in found)) return [];
  const works = (found.works ?? []).map(({ from, to, on: _, ...more }) => ({ source: from, destination: to, ...more }));
  return found.troubles.map(({ from, to, size, over }) => {
    const request = { source: from, destination: to, ...(size === undefined ? {} : { size }), ...(over === undefined ? {} : { over }) };
    return { name, from, to, request, works };
  });
});

test.each(troubles)('$name, $from to $to: its fixes help, and what works goes on working', ({ name, request, works }) => {
  const files = input(readFileSync(join(FIXTURES, `cases/${name}.yaml`), 'utf8'), `${name}.yaml`);
  const network = networkFrom(files);
  if (typeof network === 'string') throw new Error(network);
  expect(breachesOf(files, network, request, works, met)).toEqual([]);
});

test('most codes have fixes that a program can apply, and these were tried', () => {
  const tried = new Set([...met.keys()].filter((what) => !what.endsWith('advice')).map((what) => what.split(' ')[0]));
  expect(tried.size).toBeGreaterThan(30);
});
