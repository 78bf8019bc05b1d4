import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly { readonly env: Readonly<Record<string, string>>; readonly run: string }[] };
}
const action: Action = parse(read('action/diff/action.yml'));

/** In place of the programs: each writes its arguments down, a line each; k8s-trace makes its report, gh answers with an earlier comment. */
const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-action-diff-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'bin'));
const program = (name: string, text: string) => writeFileSync(join(folder, 'bin', name), `#!/bin/bash\n${text}`, { mode: 0o755 });
const NOTE = `{ printf '[%s]' "\${0##*/}" "$@"; echo; } >> "$LOG"\n`;
program(
  'k8s-trace',
  `${NOTE}for a in "$@"; do case $a in markdown=*) echo '<!-- k8s-trace diff -->' > "\${a#markdown=}" ;; esac; done\nexit "$WANTED"\n`,
);
program('gh', `${NOTE}[ -z "$REFUSED" ] || exit 1\ncase "$*" in *--paginate*) printf '%s' "$EARLIER" ;; esac\n`);
program('git', `${NOTE}case $1 in cat-file) exit "\${THERE:-0}" ;; esac\n`);

function diff(inputs: Readonly<Record<string, string>>) {
  for (const name of ['output', 'summary', 'log']) writeFileSync(join(folder, name), '');
  const ran = spawnSync('bash', [join(ROOT, 'action/diff.sh')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      LOG: join(folder, 'log'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_REPOSITORY: 'me/mine',
      TMPDIR: folder,
      WANTED: '1',
      ...inputs,
    },
  });
  const log = readFileSync(join(folder, 'log'), 'utf8')
    .replace(/markdown=[^\]]+/g, 'markdown=REPORT')
    .replace(/body=@[^\]]+/g, 'body=@REPORT');
  return {
    status: ran.status,
    stdout: ran.stdout,
    ran: log.trimEnd().split('\n'),
    summary: readFileSync(join(folder, 'summary'), 'utf8'),
    output: readFileSync(join(folder, 'output'), 'utf8'),
  };
}

const BASE = '0123456789abcdef0123456789abcdef01234567';
const DIFF = '[k8s-trace][diff][-o][github][-o][markdown=REPORT]';
const ask = (more = '') => `${DIFF}${more}[--][git:0123456789ab:.][.]`;
const THERE = `[git][cat-file][-e][${BASE}^{commit}]`;
const COMMENTS = 'repos/me/mine/issues/7/comments';

describe('the action of a diff', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['the base of the pull request', { BASE }, [THERE, ask()]],
    [
      'a base that is not there is fetched',
      { BASE, THERE: '1' },
      [THERE, `[git][fetch][--quiet][--no-tags][--depth=1][origin][${BASE}]`, ask()],
    ],
    ['both inputs', { INPUT_BEFORE: 'old', INPUT_AFTER: 'new' }, [`${DIFF}[--][old][new]`]],
    ['a name like a flag', { INPUT_BEFORE: '-R', INPUT_AFTER: '$(touch pwned)' }, [`${DIFF}[--][-R][$(touch pwned)]`]],
    [
      'flags',
      { BASE, INPUT_RECURSIVE: 'true', INPUT_FAIL_ON: 'lost', INPUT_ARGS: '--to\r\ndeploy/db\n' },
      [THERE, ask('[-R][--fail-on=lost][--to][deploy/db]')],
    ],
  ])('%s', (_, inputs, expected) => {
    const { ran, summary, output } = diff(inputs);
    expect(ran).toEqual(expected);
    expect([summary, output]).toEqual(['<!-- k8s-trace diff -->\n', 'status=1\n']);
    expect(readdirSync(folder)).not.toContain('pwned');
  });

  test.each([
    ['0', 'never', 0],
    ['1', 'never', 0],
    ['1', 'lost', 1],
    ['2', 'never', 2],
    ['4', 'lost', 4],
  ])('status %s with fail-on %s: %i', (wanted, failOn, status) => {
    expect(diff({ BASE, WANTED: wanted, INPUT_FAIL_ON: failOn })).toMatchObject({ status, output: `status=${wanted}\n` });
  });

  const find = `[gh][api][--paginate][${COMMENTS}][--jq][.[] | select(.body | startswith("<!-- k8s-trace diff -->")) | .id]`;

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['none without a token', { NUMBER: '7' }, []],
    ['none where there is no pull request', { INPUT_TOKEN: 't' }, []],
    ['a new one', { INPUT_TOKEN: 't', NUMBER: '7' }, [find, `[gh][api][--silent][--method][POST][${COMMENTS}][-F][body=@REPORT]`]],
    ['none where nothing differs', { INPUT_TOKEN: 't', NUMBER: '7', WANTED: '0' }, [find]],
    [
      'the earlier one is updated, also where nothing differs any more',
      { INPUT_TOKEN: 't', NUMBER: '7', EARLIER: '99\n', WANTED: '0' },
      [find, '[gh][api][--silent][--method][PATCH][repos/me/mine/issues/comments/99][-F][body=@REPORT]'],
    ],
  ])('a comment: %s', (_, inputs, expected) => {
    expect(diff({ BASE, ...inputs }).ran.filter((line) => line.startsWith('[gh]'))).toEqual(expected);
  });

  test('a token that may not write is a warning', () => {
    const { status, stdout } = diff({ BASE, INPUT_TOKEN: 't', NUMBER: '7', REFUSED: '1' });
    expect([status, stdout]).toEqual([
      0,
      '::warning title=k8s-trace diff::no comment could be written; it takes the permission pull-requests: write\n',
    ]);
  });

  test('without a base it says what is missing', () => {
    expect(diff({})).toMatchObject({ status: 2, ran: [''], stdout: expect.stringContaining('Only a pull request has a base') });
  });

  test('inputs reach scripts by the environment, are used, and are in the docs', () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
    const used = JSON.stringify(action.runs.steps);
    const section = read('docs/ci.md').split('## A diff of a pull request')[1] ?? '';
    for (const name of Object.keys(action.inputs)) {
      expect(used).toContain(`inputs.${name} }}`);
      expect(section).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
    }
  });
});
