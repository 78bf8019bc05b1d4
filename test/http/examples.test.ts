import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ask } from '../tracing.ts';

/** The examples of docs/http.md: a file of fixtures/http, word for word, and commands with their results. */
const PAGE = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/<!-- fixtures\/(\S+) -->\n\n```yaml\n(.*?)```\n\n```sh\n(.*?)```/gs)].map(
  ([, fixture = '', yaml = '', commands = '']) => ({ fixture, yaml, commands }),
);

const COMMAND = /^k8s-trace (\S+) (\S+)(?: -H '([^:]+): ([^']+)')? -f topology\.yaml +# (\w+)(?:, (\w+))?$/;

const rows = EXAMPLES.flatMap(({ fixture, commands }) =>
  commands
    .trim()
    .split('\n')
    .map((line) => [fixture, line] as const),
);

describe('docs/http.md', () => {
  test('has one example of Ingress and one of Gateway API', () => {
    expect(EXAMPLES.map((e) => e.fixture)).toEqual(['http/example-ingress.yaml', 'http/example-gateway.yaml']);
  });

  test.each(EXAMPLES)('$fixture is what it shows', ({ fixture, yaml }) => {
    expect(yaml).toBe(readFileSync(new URL(`../../fixtures/${fixture}`, import.meta.url), 'utf8'));
  });

  test.each(rows)('%s: %s', (fixture, line) => {
    const [, source = '', url = '', name, value, outcome, code] = COMMAND.exec(line) ?? [];
    const trace = ask(fixture, source, url, name === undefined || value === undefined ? {} : { headers: { [name]: value } });
    expect([trace.outcome, trace.reason?.code]).toEqual([outcome, code]);
  });
});
