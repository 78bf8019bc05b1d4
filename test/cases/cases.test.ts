import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CODES, type Diagnostic, loadNetwork, type Request, type TraceDocument, traceRequest } from '../../src/index.ts';
import { linted } from '../lint/linted.ts';
import { file } from '../topology/sources.ts';
import type { Case, RefusedCase, TracedCase, Trouble } from './case.ts';
import { CONTAINERS } from './containers.ts';
import { FAMILIES } from './families.ts';
import { HTTP } from './http.ts';
import { NETWORK } from './network.ts';
import { NODES } from './nodes.ts';
import { OUTSIDE } from './outside.ts';
import { POLICIES } from './policies.ts';
import { SERVICES } from './services.ts';
import { TUNNELS } from './tunnels.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'fixtures/cases');

const CASES: Readonly<Record<string, Case>> = {
  ...SERVICES,
  ...NODES,
  ...OUTSIDE,
  ...NETWORK,
  ...TUNNELS,
  ...HTTP,
  ...CONTAINERS,
  ...FAMILIES,
  ...POLICIES,
};
const traced = Object.entries(CASES).filter((e): e is [string, TracedCase] => 'troubles' in e[1]);
const refused = Object.entries(CASES).filter((e): e is [string, RefusedCase] => 'refused' in e[1]);
const troubles = traced.flatMap(([name, { troubles: all }]) => all.map((t) => ({ name, ...t })));

const text = (name: string) => readFileSync(join(FIXTURES, `${name}.yaml`), 'utf8');

function load(name: string, source = text(name)) {
  const loaded = loadNetwork([file(source, `${name}.yaml`)]);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  return loaded;
}

function ask(name: string, from: string, to: string, more: Pick<Request, 'size' | 'over' | 'family'> = {}, source?: string): TraceDocument {
  const { size, over, family } = more;
  const asked = {
    source: from,
    destination: to,
    ...(size === undefined ? {} : { size }),
    ...(over === undefined ? {} : { over }),
    ...(family === undefined ? {} : { family }),
  };
  const result = traceRequest(load(name, source).value, asked);
  if (!result.ok) throw new Error(`${result.message}; ${result.hint}`);
  return result.trace;
}

/** The only line that has this text. */
function lineOf(name: string, part: string): number {
  const [before = '', ...after] = text(name).split(part);
  expect(after, `${name}: ${part} is there once`).toHaveLength(1);
  return before.split('\n').length + (/^\n*/.exec(part)?.[0].length ?? 0);
}

describe.each(troubles)('$name: $from to $to', (trouble: Trouble & { readonly name: string }) => {
  const { name, from, to, fails } = trouble;

  test('ends as its cause has it, and says what the client sees', () => {
    const trace = ask(name, from, to, trouble);
    const { reason, outcome, paths } = trace;
    expect({ outcome, code: reason?.code, client: reason?.client }).toEqual({
      outcome: trouble.outcome,
      code: trouble.code,
      client: trouble.client,
    });
    if (fails !== undefined) expect([paths.filter((p) => p.reason !== null).length, paths.length]).toEqual(fails);
  });

  test('points at the line that decided', () => {
    const { reason } = ask(name, from, to, trouble);
    expect(reason?.source).toMatchObject({ file: `${name}.yaml`, line: lineOf(name, trouble.cites.trimEnd()) });
  });

  test('has a fix that names the lines to change', () => {
    const fix = ask(name, from, to, trouble).reason?.fix.join('\n') ?? '';
    expect(fix).toContain(trouble.fix);
  });
});

describe.each(traced)('%s', (name, { works, warns, finds, mended, troubles: all }) => {
  test('loads with these warnings', () => {
    expect(load(name).warnings.map((w) => w.code)).toEqual(warns ?? []);
  });

  if (finds !== undefined)
    test('is told of by validate', async () => {
      expect((await linted(text(name))).map((d) => d.code)).toEqual([...(warns ?? []), ...finds]);
    });

  test.each(works ?? [])('$from to $to is delivered all the same', ({ from, to, on, ...more }) => {
    const trace = ask(name, from, to, more);
    expect(trace.outcome).toBe('delivered');
    if (on !== undefined) expect(trace.paths.map((p) => p.endpoint?.node)).toEqual(on);
  });

  const changed = mended.reduce((source, [search, replace]) => source.replace(search, () => replace), text(name));

  test.each(all)('$from to $to is delivered once it is mended', ({ from, to, instead, ...more }) => {
    expect(ask(name, from, instead ?? to, more, changed)).toMatchObject({ outcome: 'delivered', reason: null });
  });

  test.each(mended)('a fix names the line of %j', (search) => {
    const fixes = all.flatMap(({ from, to, ...more }) => ask(name, from, to, more).reason?.fix ?? []).join('\n');
    expect(fixes).toMatch(new RegExp(`${name}\\.yaml:${lineOf(name, search)}\\b`));
  });
});

describe.each(refused)('%s', (name, { refused: code, cites, says }) => {
  const found = (): readonly Diagnostic[] => {
    const loaded = loadNetwork([file(text(name), `${name}.yaml`)]);
    return loaded.ok ? [] : loaded.diagnostics;
  };

  test('is refused at the line that cannot be right', () => {
    expect(found().map((d) => [d.code, d.place?.line])).toEqual([[code, lineOf(name, cites)]]);
    expect(found().map((d) => [d.message, d.hint, d.place?.field].join(' '))).toEqual([expect.stringContaining(says)]);
  });
});

describe('what a case turns on', () => {
  test('all endpoints have hints: only those of the zone are used', () => {
    const hinted = text('hints-missing').replace(
      '{ ip: 10.244.2.20, port: 8080 }',
      '{ ip: 10.244.2.20, port: 8080, hints: { forZones: [zone-b] } }',
    );
    expect(ask('hints-missing', 'client', 'svc/shop', {}, hinted).paths.map((p) => p.endpoint?.node)).toEqual(['node-1']);
  });

  const passes = (source: string) =>
    ask('load-balancer-short-cut', 'client', '203.0.113.51:80', {}, source).paths.map((p) =>
      p.forward.hops.some((h) => h.netns === 'gateway'),
    );

  test('with ipMode VIP pods never get to the load balancer, with Proxy they do', () => {
    const vip = text('load-balancer-short-cut');
    expect(passes(vip)).toEqual([false]);
    expect(new Set(passes(vip.replace('ipMode: VIP', 'ipMode: Proxy')))).toEqual(new Set([true]));
  });
});

test('who does not get into the cluster is not told what would go wrong there', () => {
  const { reason } = ask('selector-value', 'internet', 'svc/redis');
  expect(reason).toMatchObject({ code: 'UNREACHABLE_ROUTE', client: 'host-unreachable' });
  expect(reason?.fix.join('\n')).toMatch(/reachable from outside \(selector-value\.yaml:12\): type: LoadBalancer/);
});

test('a node port is nothing but a rule: without kube-proxy nobody listens there', () => {
  const opened = text('kube-proxy-missing').replace(
    'ports: [{ port: 80, targetPort: 8080 }]',
    'type: NodePort, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]',
  );
  const called = (to: string) => ask('kube-proxy-missing', 'elsewhere', to, {}, opened);
  expect(called('192.168.1.11:30080').reason).toMatchObject({ code: 'PROXY_NOT_RUNNING', client: 'refused' });
  expect(called('10.244.1.1:30080').reason).toMatchObject({ code: 'PROXY_NOT_RUNNING', client: 'refused' });
  expect(called('192.168.1.12:30080').outcome).toBe('delivered');
  expect(called('192.168.1.11:30081').outcome).toBe('delivered');
});

describe('fixtures/cases', () => {
  test('every one is a case, and every case has one', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(
      Object.keys(CASES)
        .map((name) => `${name}.yaml`)
        .sort(),
    );
  });

  test.each(Object.keys(CASES))('%s begins with the trouble in the words of whoever has it', (name) => {
    expect(text(name)).toMatch(/^# ".+"/);
  });
});

/** One row of the table in docs/cases.md: its cells. */
const rows = readFileSync(join(ROOT, 'docs/cases.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| *\d/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

const allOf = (cell: string, pattern: RegExp) => [...cell.matchAll(pattern)].map(([, one, other]) => one ?? other ?? '');

describe('docs/cases.md', () => {
  test('is numbered without gaps', () => {
    expect(rows.map(([number]) => Number(number))).toEqual(rows.map((_, i) => i + 1));
  });

  test('names every fixture, and none that is not there', () => {
    const named = rows.flatMap(([, , , where = '']) => allOf(where, /`([a-z][a-z-]+)`:/g));
    expect([...new Set(named)].sort()).toEqual(Object.keys(CASES).sort());
  });

  test.each(rows)('%s. %s: says of its fixtures what they give, or why there is none', (...[, , , where = '']) => {
    const names = allOf(where, /`([a-z][a-z-]+)`:/g);
    if (names.length === 0) expect(where).toMatch(/^(not yet|never): \S/);
    const given = names.flatMap((name) => codesOf(CASES[name]));
    expect([...new Set(allOf(where, /(?:`([A-Z_]{5,})`|(?:error|warning|note) `([a-z-]+)`)/g))].sort()).toEqual([...new Set(given)].sort());
  });
});

/** All that is said of a case: reasons, findings, errors. */
function codesOf(found: Case | undefined): readonly string[] {
  if (found === undefined) return [];
  return 'refused' in found ? [found.refused] : [...found.troubles.map((t) => t.code), ...(found.warns ?? []), ...(found.finds ?? [])];
}

/** No case has them: nothing in a topology makes them, they are no fault, or a row of test/kernel has them alone. */
const WITHOUT_A_CASE = ['TTL_EXPIRED', 'FILTER_DROP', 'FILTER_REJECT', 'POD_NOT_RUNNING', 'NODE_NOT_READY', 'LEAVES_INPUT', 'FACT_MISSING'];

test('every code has a case whose fix delivers', () => {
  const met = new Set(troubles.map((t) => t.code));
  expect(CODES.filter((code) => !met.has(code))).toEqual(WITHOUT_A_CASE);
});
