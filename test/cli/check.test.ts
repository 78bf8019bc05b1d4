import { describe, expect, test } from 'vitest';
import { sample } from '../check/checking.ts';
import { run, type World } from './fake-io.ts';
import { BROKEN, NO_ROUTE, TWO_PODS } from './worlds.ts';

const expectations = (...lines: readonly string[]) => `expect:\n${lines.map((l) => `  - ${l}\n`).join('')}`;
const HOLDS = TWO_PODS + expectations('{ from: a, to: "b:80" }');
const FAILS = NO_ROUTE + expectations('{ from: a, to: "b:80" }', '{ from: b, to: "a:80", outcome: blocked, severity: warning }');
const of = (text: string): World => ({ files: { 'topology.yaml': text } });
const after: World = { files: Object.fromEntries(sample('after').map((f) => [f.name, f.text])) };

describe('exit status', () => {
  test.each([
    ['all hold', 'check', of(HOLDS), 0],
    ['the file as an operand', 'check topology.yaml', of(HOLDS), 0],
    ['the file by -f', 'check -f topology.yaml', of(HOLDS), 0],
    ['a directory', 'check -f after', after, 1],
    ['some do not', 'check', of(FAILS), 1],
    ['never', 'check --fail-on never', of(FAILS), 0],
    ['only a warning', 'check', of(FAILS.replace('to: "b:80" }', 'to: "b:80", severity: note }')), 0],
    [
      'a warning that counts',
      'check --fail-on warning',
      of(TWO_PODS + expectations('{ from: a, to: b, outcome: blocked, severity: warning }')),
      1,
    ],
    [
      'a note that does not count',
      'check --fail-on warning',
      of(TWO_PODS + expectations('{ from: a, to: b, outcome: blocked, severity: note }')),
      0,
    ],
    ['a note that counts', 'check --fail-on note', of(TWO_PODS + expectations('{ from: a, to: b, outcome: blocked, severity: note }')), 1],
    ['no input', 'check', {}, 2],
    ['nothing is expected', 'check', of(TWO_PODS), 2],
    ['a broken file', 'check', of(BROKEN), 2],
    ['a name that nothing has', 'check', of(TWO_PODS + expectations('{ from: a, to: bb }')), 1],
  ])('%s: %s', async (_name, argv, world, status) => {
    const ran = await run(argv, world);
    expect({ status: ran.status, stderr: ran.stderr }).toMatchObject({ status });
    expect(ran.stdout === '').toBe(status === 2);
  });
});

test.each([
  ['nobody says where the checkout is', {}, 'topology.yaml'],
  ['GitHub', { GITHUB_WORKSPACE: '/home' }, 'me/topology.yaml'],
  ['GitHub, at the root', { GITHUB_WORKSPACE: '/home/me' }, 'topology.yaml'],
  ['GitLab', { CI_PROJECT_DIR: '/home/' }, 'me/topology.yaml'],
  ['another checkout', { GITHUB_WORKSPACE: '/home/m', CI_PROJECT_DIR: '' }, 'topology.yaml'],
])('files are named from the root of the checkout: %s', async (_name, env, file) => {
  const { stdout } = await run('check -o github', { ...of(FAILS), env });
  expect(stdout).toMatch(new RegExp(`^::error file=${file},line=`));
});

describe('what cannot be answered', () => {
  test.each([
    ['check -o junti', /junti[\s\S]*did you mean junit\?/],
    ['check -o table', /-o table: there is no such format here[\s\S]*text, json, junit, sarif, github, gitlab, tap, markdown/],
    ['check -o junit -o github', /-o junit and -o github: only one format can go to standard output/],
    ['check -o junit=a.xml -o tap=a.xml', /a\.xml: only one format can go to a file/],
    ['check -o junit=/nowhere/a.xml', /\/nowhere\/a\.xml: cannot be written \(ENOENT\)\n {2}its folder is not there/],
    ['check --fail-on warnings', /--fail-on warnings: expected error, warning, note, never\n.*did you mean warning\?/],
    ['check --undetermined ignore', /--undetermined ignore: expected fail, warn, pass/],
    ['check -f nothing.yaml', /nothing\.yaml: there is no such file/],
  ])('%s', async (argv, says) => {
    const { status, stdout, stderr, written } = await run(argv, of(HOLDS));
    expect([status, stdout, written]).toEqual([2, '', {}]);
    expect(stderr).toMatch(says);
  });

  test('a path is tried before the files are even read', async () => {
    const read = () => Promise.reject(new Error('was read'));
    const { stderr } = await run('check -f topology.yaml -o junit=/nowhere/a.xml', { ...of(HOLDS), io: { read } });
    expect(stderr).toMatch(/cannot be written/);
  });

  test('a topology without expectations: what to add', async () => {
    expect((await run('check', of(TWO_PODS))).stderr).toMatch(
      /topology\.yaml: nothing is expected[\s\S]*add expect: \[.*kind: Expectations/,
    );
  });

  test('the built-in cluster is never checked', async () => {
    expect((await run('check')).stderr).toMatch(/there is no input/);
  });
});

describe('reports', () => {
  test('several at once: one on stdout, others in files, none with colours', async () => {
    const { stdout, written, status } = await run('check -f after -o github -o junit=j.xml -o text=t.txt --color always', after);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=after\/topology\.yaml,line=49,/);
    expect(Object.keys(written)).toEqual(['j.xml', 't.txt']);
    expect(written['t.txt']).toMatch(/^fails {2}the frontend/);
    expect(written['t.txt']).not.toContain('\u001b');
  });

  test('the text has colours on a terminal, and keeps to its width', async () => {
    const { stdout } = await run('check -f after --width 60', { ...after, terminal: 200 });
    expect(stdout).toContain('\u001b[');
    const prose = stdout.split('\n').filter((l) => /^ {2}(expected|got|why|fix)/.test(l));
    expect(prose.length).toBeGreaterThan(10);
    expect(prose.every((l) => l.length <= 60)).toBe(true);
  });

  test("a job's summary on GitHub is added to; any other file is written anew", async () => {
    const world: World = {
      files: { ...after.files, 'summary.md': 'before', 'other.md': 'before' },
      env: { GITHUB_STEP_SUMMARY: 'summary.md' },
    };
    const { written } = await run('check -f after -o markdown=summary.md -o tap=other.md', world);
    expect(written['summary.md']).toMatch(/^before\n<!-- k8s-trace check -->\n/);
    expect(written['other.md']).toMatch(/^TAP version 14\n/);
  });

  test('sarif has the pages of the codes that occur', async () => {
    const pages = { BLACKHOLE_ROUTE: '# BLACKHOLE_ROUTE\n\nThe page.\n' };
    const { stdout } = await run('check -f after -o sarif', { ...after, pages });
    const { rules } = JSON.parse(stdout).runs[0].tool.driver;
    expect(rules.find((r: { id: string }) => r.id === 'BLACKHOLE_ROUTE').help.text).toContain('The page.');
  });

  test('json has the version of its schema, what was asked for, and the traces of what does not hold', async () => {
    const document = JSON.parse((await run('check -f after -o json --fail-on warning --undetermined warn', after)).stdout);
    expect(document).toMatchObject({ schemaVersion: 1, failOn: 'warning', undetermined: 'warn' });
    expect(document.summary).toEqual({ expectations: 6, expectationsHold: 2, checks: 16, hold: 9, fail: 7, undetermined: 0 });
    expect(document.results).toHaveLength(16);
    for (const r of document.results) expect(r.trace === null).toBe(r.status === 'holds');
  });
});
