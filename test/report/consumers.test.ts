import { describe, expect, test } from 'vitest';
import { type CheckDocument, type CheckResult, REPORT_FORMATS, reporting } from '../../src/index.ts';
import { fileOf } from '../../src/report/words.ts';
import { documentOf, HOSTILE, hostile, sample } from '../check/checking.ts';
import { annotations, CONTROL, html, junitCases, sarifErrors, tapResults } from './consumers.ts';

const { reporters, checkStatus } = await reporting();
const options = {
  color: false,
  width: 100,
  version: '1.2.3',
  directory: { working: '/home/me', root: '/home/me' },
  verbose: false,
  pages: new Map<string, string>(),
};
const after = await documentOf(sample('after'));
const before = await documentOf(sample('before'));
const evil = await documentOf(hostile());
/** Of names that a patch may have, too: what is supposed is in every report. */
const supposed: CheckDocument = {
  ...after,
  whatIf: HOSTILE.slice(0, 6).map((name) => ({ change: 'down', object: `Node/${name}`, along: [], source: null })),
};
const each: readonly (readonly [string, CheckDocument])[] = [
  ['the sample after its change', after],
  ['the sample before', before],
  ['hostile names', evil],
  ['the sample after its change, supposed that nodes with hostile names are down', supposed],
];

test('the hostile names are all there, each failing once and holding once', () => {
  expect(evil.summary).toEqual({
    expectations: 2 * HOSTILE.length,
    expectationsHold: HOSTILE.length,
    checks: 2 * HOSTILE.length,
    hold: HOSTILE.length,
    fail: HOSTILE.length,
    undetermined: 0,
  });
  expect([...new Set(evil.results.map((r) => r.name))]).toEqual(HOSTILE);
});

describe.each(each)('%s', (_name, document) => {
  const { checks, hold, fail } = document.summary;

  test.each(REPORT_FORMATS)('%s: no control characters', (format) => {
    expect(reporters[format](document, options)).not.toMatch(CONTROL);
  });

  test('junit, by an XML parser', () => {
    const { totals, cases } = junitCases(reporters.junit(document, options));
    const count = (outcome: string) => cases.filter((c) => c.outcome === outcome).length;
    expect(totals).toEqual({ tests: checks, failures: count('failure'), errors: 0, skipped: count('skipped') });
    expect([cases.length, count('passed')]).toEqual([checks, hold]);
    expect(count('failure')).toBe(document.results.filter((r) => r.status === 'fails' && r.severity === 'error').length);
    for (const c of cases) expect(c.type === null).toBe(c.outcome !== 'failure');
  });

  test('sarif, by the published schema', () => {
    const text = reporters.sarif(document, options);
    expect(sarifErrors(text)).toEqual([]);
    const [run] = JSON.parse(text).runs;
    expect(run.results).toHaveLength(fail);
    for (const r of run.results) expect(r.message.text).not.toContain('](');
    for (const r of run.results) expect(run.tool.driver.rules[r.ruleIndex].id).toBe(r.ruleId);
  });

  test('tap, by a TAP parser', () => {
    const { end, tests } = tapResults(reporters.tap(document, options));
    expect(end).toMatchObject({ count: checks, failures: expect.anything() });
    expect(tests.filter((t) => t.ok)).toHaveLength(hold);
    for (const [i, t] of tests.entries()) expect(t.diag === null || t.diag === undefined).toBe(document.results[i]?.status === 'holds');
  });

  test('github, as the runner reads it', () => {
    const all = annotations(reporters.github(document, options));
    const severities = new Set(document.results.filter((r) => r.status === 'fails').map((r) => r.severity));
    expect(new Set(all.map((a) => a.command))).toEqual(new Set([...severities].map((s) => (s === 'note' ? 'notice' : s))));
    for (const a of all) expect(Object.keys(a.properties)).toEqual(['file', 'line', 'col', 'title']);
  });

  test('gitlab', () => {
    const entries = JSON.parse(reporters.gitlab(document, options));
    expect(entries).toHaveLength(fail);
    for (const e of entries)
      expect(e).toEqual({
        description: expect.any(String),
        check_name: expect.stringMatching(/^[A-Z_]+$/),
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        severity: expect.stringMatching(/^(info|minor|major)$/),
        location: { path: expect.stringMatching(/^[a-z]/), lines: { begin: expect.any(Number) } },
      });
    expect(new Set(entries.map((e: { fingerprint: string }) => e.fingerprint)).size).toBe(fail);
  });

  test('markdown, as HTML: a table with a row for each, and no markup but ours', () => {
    const page = html(reporters.markdown(document, options));
    expect(page.startsWith('<!-- k8s-trace check -->')).toBe(true);
    expect(page.match(/<tr>/g)?.length ?? 0).toBe(fail === 0 ? 0 : fail + 1);
    expect(page.match(/<td>/g)?.length ?? 0).toBe(5 * fail);
    const tags = new Set([...page.matchAll(/<(\/?[a-z]\w*)/g)].map((m) => m[1]?.replace('/', '')));
    const ours = ['h2', 'p', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'details', 'summary', 'ul', 'li', 'pre', 'code'];
    expect([...tags].filter((t) => !ours.includes(t ?? ''))).toEqual([]);
    expect(page.replace(/<pre>[\s\S]*?<\/pre>/g, '')).not.toMatch(/href|@\w|#\d+\b(?!;)|www\.evil|:tada:/);
  });
});

test.each(REPORT_FORMATS)('%s says what is supposed, and says nothing of it where nothing is', (format) => {
  const document: CheckDocument = { ...after, whatIf: [{ change: 'down', object: 'Node/node-2', along: [], source: null }] };
  expect(reporters[format](document, options)).toMatch(format === 'json' ? '"object": "Node/node-2"' : 'Node/node-2 is down');
  expect(reporters[format](after, options)).not.toMatch(/what.if/i);
});

describe('hostile names come out as they went in', () => {
  /** As they are shown: control characters by their number. */
  const plain = (text: string) =>
    text.replace(
      /\n|\p{Cc}|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
      (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );
  const names = HOSTILE.map((name) => `${plain(name)}: a -> 172.16.0.1:80`);
  const wellFormed = (text: string) => text.replace(/[\ud800\ufffe]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);

  test('json', () => {
    expect(JSON.parse(reporters.json(evil, options))).toEqual(evil);
  });

  test('junit', () => {
    const failed = junitCases(reporters.junit(evil, options)).cases.filter((c) => c.outcome === 'failure');
    expect(failed.map((c) => c.name)).toEqual(names.map(wellFormed));
  });

  test('tap', () => {
    const { tests } = tapResults(reporters.tap(evil, options));
    expect(tests.filter((t) => !t.ok).map((t) => t.name)).toEqual(names);
    expect(tests.every((t) => !t.todo && !t.skip)).toBe(true);
  });

  test('github', () => {
    const all = annotations(reporters.github(evil, options));
    expect(all.map((a) => a.properties['title'])).toEqual(names.map((n) => `BLACKHOLE_ROUTE: ${n}`));
    expect(all.map((a) => a.command)).toEqual(names.map(() => 'error'));
  });

  test('markdown', () => {
    const cells = [...html(reporters.markdown(evil, options)).matchAll(/<tr>\s*<td>error<\/td>\s*<td>(.*?)<\/td>/g)].map((m) => m[1] ?? '');
    const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
    const read = (cell: string) =>
      cell
        .replace(/&#(\d+);/g, (_, n) => String.fromCodePoint(Number(n)))
        .replace(/&(lt|gt|amp|quot);/g, (_, n) => entities[n] ?? '')
        .replaceAll('\u200b', '');
    expect(cells.map(read)).toEqual(names);
  });
});

describe('limits', () => {
  const [failing] = after.results.filter((r) => r.status === 'fails');
  if (failing === undefined) throw new Error('the sample fails');
  /** So many of one severity, each at a line of its own. */
  const many = (count: number, severity: CheckResult['severity']): readonly CheckResult[] =>
    Array.from({ length: count }, (_, i) => ({
      ...failing,
      severity,
      name: `${severity} ${i}`,
      source: { ...failing.source, line: i + 1 },
      decided: null,
    }));
  const documentWith = (results: readonly CheckResult[]): CheckDocument => ({
    ...after,
    results: [...results],
    summary: { expectations: results.length, expectationsHold: 0, checks: results.length, hold: 0, fail: results.length, undetermined: 0 },
  });

  test('github shows ten of each severity, errors first, and says how many more', () => {
    const text = reporters.github(documentWith([...many(12, 'note'), ...many(11, 'warning'), ...many(13, 'error')]), options);
    const commands = annotations(text).map((a) => a.command);
    expect(commands).toEqual([...Array(10).fill('error'), ...Array(10).fill('warning'), ...Array(10).fill('notice')]);
    expect(text).toMatch(/^and 3 more of severity error,/m);
    expect(text).toMatch(/^and 1 more of severity warning,/m);
    expect(text).toMatch(/^and 2 more of severity note,/m);
  });

  test('exactly ten need no such line', () => {
    expect(reporters.github(documentWith(many(10, 'error')), options)).not.toMatch(/more of severity/);
  });

  test('github: many connections of one expectation that fail for one reason are one annotation', () => {
    const same = Array.from({ length: 25 }, (_, i) => ({ ...failing, from: `pod-${i}` }));
    const [only, more] = annotations(reporters.github(documentWith(same), options));
    expect(more).toBeUndefined();
    expect(only?.message).toMatch(/the same for 24 more connections$/);
  });

  test('sarif keeps 5,000 results', () => {
    const [run] = JSON.parse(reporters.sarif(documentWith(many(5001, 'error')), options)).runs;
    expect(run.results).toHaveLength(5000);
  });

  test.each([3, 70, 3000])('markdown of %i failures fits into a comment, and says what it leaves out', (count) => {
    const text = reporters.markdown(documentWith(many(count, 'error')), options);
    expect(text.length).toBeLessThan(65_536);
    const rows = text.match(/^\| error/gm)?.length ?? 0;
    const details = text.match(/^<details>/gm)?.length ?? 0;
    const left = (what: string) => Number(new RegExp(`and (\\d+) more ${what}`).exec(text)?.[1] ?? 0);
    expect([rows + left('that do not hold'), details + left('of these')]).toEqual([count, rows]);
    expect(count === 3 ? [rows, details] : [rows < count || details < count]).toEqual(count === 3 ? [3, 3] : [true]);
  });
});

describe('files', () => {
  test.each([
    ['topology.yaml', 'topology.yaml'],
    ['./deploy//topology.yaml', 'deploy/topology.yaml'],
    ['/home/me/deploy/topology.yaml', 'deploy/topology.yaml'],
    ['../other/topology.yaml', '../other/topology.yaml'],
    ['deploy\\topology.yaml', 'deploy/topology.yaml'],
    ['/elsewhere/topology.yaml', '/elsewhere/topology.yaml'],
  ])('%s is named %s', async (given, named) => {
    const files = sample('after').map((f) => ({ ...f, name: f.name === 'after/topology.yaml' ? given : f.name }));
    const document = await documentOf(files);
    const [first] = annotations(reporters.github(document, options));
    expect(first?.properties['file']).toBe(named);
    expect(JSON.parse(reporters.gitlab(document, options))[0].location.path).toBe(named);
    const { uri } = JSON.parse(reporters.sarif(document, options)).runs[0].results[0].locations[0].physicalLocation.artifactLocation;
    expect(uri).toBe(named.startsWith('/') ? `file://${named}` : named);
  });

  test.each([
    ['/home/me/repo', 'topology.yaml', 'deploy/prod/topology.yaml'],
    ['/home/me/repo/', './../topology.yaml', 'deploy/topology.yaml'],
    ['/home/me/repo', '/home/me/repo/a.yaml', 'a.yaml'],
    // Not in the checkout: as it was written.
    ['/home/me/repo', './../../../x.yaml', '../../../x.yaml'],
    ['/home/me/rep', 'topology.yaml', 'topology.yaml'],
    ['C:\\repo', 'C:\\repo\\a.yaml', 'a.yaml'],
  ])('from %s: %s is %s', (root, file, named) => {
    expect(fileOf({ file }, { working: '/home/me/repo/deploy/prod', root })).toBe(named);
  });

  test('standard input is no file', async () => {
    const text = sample('after')
      .map((f) => f.text)
      .join('---\n');
    const document = await documentOf([{ name: '(stdin)', text }]);
    const all = annotations(reporters.github(document, options));
    expect(new Set(all.map((a) => Object.keys(a.properties).join()))).toEqual(new Set(['title']));
    expect(JSON.parse(reporters.gitlab(document, options))).toEqual([]);
    const sarif = reporters.sarif(document, options);
    expect(sarifErrors(sarif)).toEqual([]);
    expect(sarif).not.toContain('physicalLocation');
    expect(junitCases(reporters.junit(document, options)).cases[0]?.classname).toBe('(stdin)');
  });
});

describe('what does not make the check fail', () => {
  const undetermined: CheckDocument = {
    ...after,
    results: after.results.slice(0, 2).map((r) => ({ ...r, status: 'undetermined', mismatches: ['the input lacks a fact'] })),
  };
  const outcomes = (document: CheckDocument) => junitCases(reporters.junit(document, options)).cases.map((c) => c.outcome);
  const taps = (document: CheckDocument) =>
    tapResults(reporters.tap(document, options)).tests.map((t) => (t.ok ? (t.skip ? 'skip' : 'ok') : t.todo ? 'todo' : 'not ok'));

  test.each([
    ['fail', 'failure', 'not ok', 2],
    ['warn', 'skipped', 'skip', 2],
    ['pass', 'skipped', 'skip', 0],
  ] as const)('undetermined, taken for %s', (taken, outcome, tap, annotated) => {
    const document = { ...undetermined, undetermined: taken };
    expect(outcomes(document)).toEqual([outcome, outcome]);
    expect(taps(document)).toEqual([tap, tap]);
    expect(annotations(reporters.github(document, options))).toHaveLength(annotated);
    expect(JSON.parse(reporters.gitlab(document, options))).toHaveLength(annotated);
  });

  test('the exit status: one that fails outweighs those that are undetermined', () => {
    const failing = after.results.filter((r) => r.status === 'fails' && r.severity === 'error').slice(0, 1);
    expect(checkStatus(undetermined)).toBe(3);
    expect(checkStatus({ ...undetermined, results: [...undetermined.results, ...failing] })).toBe(1);
    expect(checkStatus({ ...undetermined, undetermined: 'warn' })).toBe(0);
  });

  /** The sample after its change: two errors, three warnings, two notes. */
  test.each([
    ['never', 0],
    ['error', 2],
    ['warning', 5],
    ['note', 7],
  ] as const)('with --fail-on %s, %i are failures', (failOn, count) => {
    const document = { ...after, failOn };
    expect(outcomes(document).filter((o) => o === 'failure')).toHaveLength(count);
    expect(outcomes(document).filter((o) => o === 'skipped')).toHaveLength(7 - count);
    expect(taps(document).filter((t) => t === 'not ok')).toHaveLength(count);
    expect(taps(document).filter((t) => t === 'todo')).toHaveLength(7 - count);
  });
});

test('sarif: the hops of the decisive path, in order, and the page of the rule without its links', () => {
  const pages = new Map([['BLACKHOLE_ROUTE', '# BLACKHOLE_ROUTE\n\nA sentence.\n\nSee [NO_ROUTE](NO_ROUTE.md).\n']]);
  const [run] = JSON.parse(reporters.sarif(after, { ...options, pages })).runs;
  const result = run.results.find((r: { ruleId: string }) => r.ruleId === 'BLACKHOLE_ROUTE');
  const rule = run.tool.driver.rules[result.ruleIndex];
  expect(rule).toMatchObject({ shortDescription: { text: 'A sentence.' }, help: { markdown: expect.stringContaining('See NO_ROUTE.') } });
  const steps = result.codeFlows[0].threadFlows[0].locations.map(
    ({ location }: { location: { physicalLocation: { region: { startLine: number } }; message: { text: string } } }) =>
      `${location.physicalLocation.region.startLine} ${location.message.text}`,
  );
  // The pod's process, its device, and at last the route that discards it, which is at line 15.
  expect(steps[0]).toMatch(/^24 node-2: app@cart-1 sends a TCP SYN/);
  expect(steps.at(-1)).toMatch(/^15 node-2: .*blackhole/);
});
