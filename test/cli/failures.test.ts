import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/index.ts';
import { annotations, CONTROL, html, junitCases, sarifErrors, tapResults } from '../report/consumers.ts';
import { run, type World } from './fake-io.ts';
import { TWO_PODS } from './worlds.ts';

/** After exit status 2, a report is its format's own form of an error, or is not there; never one of an older run. */

const EXPECTING = `${TWO_PODS}expect: [ { from: a, to: "b:80" } ]\n`;
const BROKEN = EXPECTING.replace('kind: Topology', 'kind: Topology\nnodez: 1');
const FILES = {
  text: 'a.txt',
  json: 'a.json',
  junit: 'a.xml',
  sarif: 'a.sarif',
  github: 'a.github',
  gitlab: 'a.gitlab',
  tap: 'a.tap',
  markdown: 'a.md',
} as const;
const INTO = Object.entries(FILES).flatMap(([format, file]) => ['-o', `${format}=${file}`]);

const check = (topology: string, world: World = {}, ...flags: readonly string[]) =>
  run(['check', '-f', 'topology.yaml', ...INTO, ...flags], { ...world, files: { 'topology.yaml': topology } });

describe('a file that is wrong', () => {
  test('each format that has errors tells it with its place, the others are gone', async () => {
    const { status, stdout, written, removed } = await check(BROKEN);
    const { json, ...forms } = FILES;
    expect([status, stdout, removed]).toEqual([2, '', [json]]);
    expect(Object.keys(written).sort()).toEqual(Object.values(forms).sort());
    for (const text of Object.values(written)) expect(text).not.toMatch(CONTROL);
    expect(written['a.txt']).toBe('topology.yaml:3:1: error: unknown field; did you mean nodes?\n');
  });

  test('junit: an error, and no test that passed', async () => {
    const { totals, cases } = junitCases((await check(BROKEN)).written['a.xml'] ?? '');
    expect(totals).toEqual({ tests: 1, failures: 0, errors: 1, skipped: 0 });
    expect(cases).toMatchObject([{ outcome: 'error', type: 'unknown-field', name: 'unknown field; did you mean nodes?' }]);
  });

  test('sarif: a run that did not succeed, without results', async () => {
    const text = (await check(BROKEN)).written['a.sarif'] ?? '';
    expect(sarifErrors(text)).toEqual([]);
    const [first] = JSON.parse(text).runs;
    expect(first.results).toBeUndefined();
    expect(first.invocations).toMatchObject([{ executionSuccessful: false, exitCode: 2 }]);
    const [told] = first.invocations[0].toolExecutionNotifications;
    expect(told).toMatchObject({ level: 'error', descriptor: { id: 'unknown-field' } });
    expect(told.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'topology.yaml' },
      region: { startLine: 3, startColumn: 1 },
    });
  });

  test('github, gitlab, tap and markdown', async () => {
    const { written } = await check(BROKEN);
    expect(annotations(written['a.github'] ?? '')).toEqual([
      {
        command: 'error',
        properties: { file: 'topology.yaml', line: '3', col: '1', title: 'k8s-trace: unknown-field' },
        message: 'unknown field; did you mean nodes?',
      },
    ]);
    expect(JSON.parse(written['a.gitlab'] ?? '')).toMatchObject([
      { check_name: 'unknown-field', severity: 'blocker', location: { path: 'topology.yaml', lines: { begin: 3 } } },
    ]);
    expect(tapResults(written['a.tap'] ?? '').end).toMatchObject({ ok: false, bailout: expect.stringContaining('topology.yaml:3:1') });
    expect(html(written['a.md'] ?? '')).toMatch(/<h2>k8s-trace check: no answer<\/h2>[\s\S]*<li>topology\.yaml/);
  });
});

describe('a failure that is in no file', () => {
  test.each([
    ['an input that is not there', ['-f', 'nothing.yaml'], EXPECTING],
    ['nothing that is expected', [], TWO_PODS],
    ['a word that --fail-on does not have', ['--fail-on', 'never-ever'], EXPECTING],
    ['a bad width', ['--width', 'x'], EXPECTING],
  ])('%s', async (_name, flags, topology) => {
    const { status, written, removed } = await check(topology, {}, ...flags);
    expect([status, removed]).toEqual([2, ['a.json', 'a.gitlab']]);
    expect(junitCases(written['a.xml'] ?? '').cases).toMatchObject([{ outcome: 'error', type: 'NO_ANSWER' }]);
    expect(sarifErrors(written['a.sarif'] ?? '')).toEqual([]);
    expect(annotations(written['a.github'] ?? '')).toMatchObject([{ command: 'error', properties: { title: 'k8s-trace: NO_ANSWER' } }]);
    expect(tapResults(written['a.tap'] ?? '').end).toMatchObject({ ok: false });
  });

  test('on standard output, too, where the format has a form for it', async () => {
    for (const [format, begins] of [
      ['github', '::error '],
      ['tap', 'TAP version 14\n'],
      ['junit', '<?xml'],
      ['text', ''],
      ['json', ''],
    ] as const) {
      const { status, stdout } = await run(`check -o ${format} -f nothing.yaml`);
      expect([format, status, stdout.slice(0, begins.length || 1)]).toEqual([format, 2, begins]);
    }
  });
});

describe('other commands have no form for it: the file is taken away', () => {
  test.each([
    ...FORMATS.map((format) => `a nobody -f t.yaml -o ${format}=old`),
    'a b:80 -f nothing.yaml -o json=old',
    'a b:80 -f t.yaml -p 99999999 -o json=old',
    'a b:80 c -f t.yaml -o json=old',
    'show node nobody -f t.yaml -o json=old',
    'show nonsense -f t.yaml -o yaml=old',
    'lab verify a nobody -f t.yaml -o json=old',
    'validate -f nothing.yaml -o json=old',
  ])('%s', async (argv) => {
    const { status, written, removed } = await run(argv, { files: { 't.yaml': TWO_PODS } });
    expect([status, written, removed]).toEqual([2, {}, ['old']]);
  });

  test('validate has the forms of check for what it has no results of', async () => {
    const { written, removed } = await run('validate -f nothing.yaml -o junit=a.xml -o sarif=a.sarif -o gitlab=a.json -o json=b.json');
    expect(removed).toEqual(['a.json', 'b.json']);
    expect(junitCases(written['a.xml'] ?? '').cases).toMatchObject([{ outcome: 'error', type: 'NO_ANSWER' }]);
    expect(JSON.parse(written['a.sarif'] ?? '').runs[0].invocations[0].executionSuccessful).toBe(false);
  });

  test('-q prints no form of an error either', async () => {
    expect((await run('check -q -f nothing.yaml -o github')).stdout).toBe('');
  });

  test('validate of a file that is wrong has results', async () => {
    const { status, written, removed } = await run('validate -f t.yaml -o json=new', { files: { 't.yaml': BROKEN } });
    expect([status, removed]).toEqual([2, []]);
    expect(JSON.parse(written['new'] ?? '')).toMatchObject({ valid: false, diagnostics: [{ code: 'unknown-field' }] });
  });
});

describe('what is not ours to take away', () => {
  const world = (files: Readonly<Record<string, string>>): World => ({ files, env: { GITHUB_STEP_SUMMARY: 'summary.md' } });

  test('the summary of a job is added to, and keeps what others wrote, also when the format has nothing to say', async () => {
    const files = { 't.yaml': BROKEN, 'summary.md': '# before\n' };
    const told = await run('check -f t.yaml -o markdown=summary.md', world(files));
    expect(told.written['summary.md']).toMatch(/^# before\n<!-- k8s-trace check -->\n## k8s-trace check: no answer\n/);
    expect(await run('check -f t.yaml -o json=summary.md', world(files))).toMatchObject({ status: 2, written: {}, removed: [] });
  });

  test.each([
    ['by its name', {}, 't.yaml'],
    ['by another', {}, './t.yaml'],
    ['by a link', { 'link.yaml': 't.yaml' }, 'link.yaml'],
  ])('a file that is read, %s, whatever else is wrong', async (_name, links, file) => {
    const files = { 't.yaml': EXPECTING };
    for (const flags of ['', '--fail-on nonsense', '-f missing.yaml', '--width x']) {
      const argv = `check -f t.yaml -o text=${file} -o junit=other.xml ${flags}`;
      const { status, stderr, written, removed } = await run(argv, { files, links });
      expect([status, Object.keys(written), removed]).toEqual([2, ['other.xml'], []]);
      expect(stderr).toContain(`k8s-trace: ${file}: this file is read`);
    }
  });

  const WRONG_LINES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['check -f t.yaml -o junit=a.xml -o json=a.json --nosuch', ['a.xml'], ['a.json']],
    ['check -f t.yaml --nosuch -o junit=a.xml', ['a.xml'], []],
    ['check t.yaml -ojunit=a.xml --color sometimes', ['a.xml'], []],
    ['check --fail-on -f t.yaml --output=junit=a.xml', ['a.xml'], []],
    ['validate -f t.yaml -vo sarif=a.sarif --output json=b.json --nosuch', ['a.sarif'], ['b.json']],
    ['check -f t.yaml -o junit=a.xml -o jnit=b.xml', ['a.xml'], ['b.xml']],
    ['check -f t.yaml -o junit=a.xml -o text -o tap', ['a.xml'], []],
    ['check -f t.yaml -o junit=a.xml -o tap=', ['a.xml'], []],
    ['a b:80 -f t.yaml -o json=a.json --nosuch', [], ['a.json']],
    ['a b:80 -f t.yaml -o json=a.json -o jsn', [], ['a.json']],
    ['show -f t.yaml -o json=a.json -o minimal', [], ['a.json']],
    ['lab verify a b -f t.yaml -o json=a.json --nosuch', [], ['a.json']],
    ['explain NO_ROUTE -o markdown=a.md --nosuch', [], ['a.md']],
    // What is read, or may be, is no report.
    ['check -f t.yaml -o junit=t.yaml --nosuch', [], []],
    ['check t.yaml -o junit=t.yaml --nosuch', [], []],
    ['check -f . -o junit=./t.yaml -o jnit', [], []],
    ['check -ft.yaml -o jnit=t.yaml', [], []],
    ['check -o junit=topology.yaml --nosuch', [], []],
    ['check --filename=t.yaml -o junit=t.yaml --nosuch', [], []],
  ];

  test.each(WRONG_LINES)('a command line that is wrong leaves none: %s', async (argv, forms, gone) => {
    const { status, written, removed } = await run(argv, { files: { 't.yaml': EXPECTING, 'topology.yaml': EXPECTING } });
    expect([status, Object.keys(written), removed]).toEqual([2, forms, gone]);
    for (const text of Object.values(written)) expect(text).toMatch(/error/);
  });

  test('what is written when standard output fails stays: it is no older report', async () => {
    const full = () => {
      throw new Error('full');
    };
    const io = { stdout: { write: full, isTerminal: false, columns: undefined } };
    const { status, written, removed } = await check(EXPECTING, { io }, '-o', 'tap');
    expect([status, removed]).toEqual([4, []]);
    expect(written['a.xml']).toContain('<testcase');
  });
});
