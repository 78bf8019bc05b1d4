import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Request } from '../../src/index.ts';
import { breachesOf, input, type Met, networkFrom } from './law.ts';
import { questionsOf } from './questions.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

const met: Met = new Map();

const texts = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('invalid/'))
  .sort();

test.each(texts)('%s: its fixes help', (name) => {
  const files = input(readFileSync(join(FIXTURES, name), 'utf8'), name);
  const network = networkFrom(files);
  if (typeof network === 'string') return;
  const requests = questionsOf(network, 40);
  const others = (request: Request) => requests.filter((r) => r.source === request.source).slice(0, 6);
  expect(
    requests.flatMap((r) => breachesOf(files, network, r, others(r), met).map((b) => ({ ...b, ask: `${r.source} ${r.destination}` }))),
  ).toEqual([]);
});
