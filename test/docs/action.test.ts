import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

interface Step {
  readonly env: Readonly<Record<string, string>>;
  readonly run: string;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}
const action: Action = parse(read('action.yml'));

/** In place of k8s-trace: one line for each argument, and an exit status of its own. */
const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-action-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'k8s-trace'), '#!/bin/sh\nprintf "[%s]\\n" "$@"\nexit "$WANTED"\n', { mode: 0o755 });

function check(inputs: Readonly<Record<string, string>>) {
  writeFileSync(join(folder, 'output'), '');
  const ran = spawnSync('bash', [join(ROOT, 'action/check.sh')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${folder}:${process.env['PATH']}`,
      GITHUB_STEP_SUMMARY: '/summary',
      GITHUB_OUTPUT: join(folder, 'output'),
      WANTED: '0',
      ...inputs,
    },
  });
  return {
    args: ran.stdout.trimEnd().split('\n'),
    status: ran.status,
    stderr: ran.stderr,
    output: readFileSync(join(folder, 'output'), 'utf8'),
  };
}

const ALWAYS = ['[check]', '[-o]', '[github]', '[-o]', '[markdown=/summary]', '[--fail-on]', '[error]', '[--undetermined]', '[fail]'];

describe('the action', () => {
  test.each([
    ['nothing', {}, []],
    ['files', { INPUT_FILES: 'a.yaml\r\n\nmy dir/b.yaml\n' }, ['[--filename=a.yaml]', '[--filename=my dir/b.yaml]']],
    ['a file like a flag', { INPUT_FILES: '-R' }, ['[--filename=-R]']],
    ['recursive', { INPUT_RECURSIVE: 'true' }, ['[-R]']],
    ['a namespace', { INPUT_NAMESPACE: 'shop' }, ['[--namespace=shop]']],
    ['reports', { INPUT_SARIF: 'a b.sarif', INPUT_JUNIT: 'r.xml' }, ['[-o]', '[sarif=a b.sarif]', '[-o]', '[junit=r.xml]']],
    ['arguments', { INPUT_ARGS: '--width\n80\n' }, ['[--width]', '[80]']],
    [
      'what a shell would act upon',
      { INPUT_FILES: '$(touch pwned) `touch pwned`; touch pwned', INPUT_ARGS: '"; touch pwned; "' },
      ['[--filename=$(touch pwned) `touch pwned`; touch pwned]', '["; touch pwned; "]'],
    ],
  ])('%s', (_name, inputs, more) => {
    expect(check(inputs)).toEqual({ args: [...ALWAYS, ...more], status: 0, stderr: '', output: 'status=0\n' });
    expect(readdirSync(folder)).not.toContain('pwned');
  });

  test('no answer is an annotation too', () => {
    expect(check({ WANTED: '2' }).args.at(-1)).toBe('::error title=k8s-trace::no answer (exit status 2): the log says why');
    expect(check({ WANTED: '3' }).args).toEqual(ALWAYS);
  });

  test.each(['1', '2', '3'])('exit status %s is the step’s, and an output', (status) => {
    expect(check({ WANTED: status })).toMatchObject({ status: Number(status), output: `status=${status}\n` });
  });

  test('inputs reach scripts by the environment, and never as part of one', () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
  });

  test('every input is used, and in the docs', () => {
    const used = JSON.stringify(action.runs.steps);
    const table = read('docs/ci.md');
    for (const name of Object.keys(action.inputs)) {
      expect(used).toContain(`inputs.${name} }}`);
      expect(table).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
    }
    for (const { env } of action.runs.steps)
      for (const [variable, value] of Object.entries(env))
        expect(value).toBe(
          `\${{ inputs.${variable
            .replace(/^INPUT_/, '')
            .toLowerCase()
            .replaceAll('_', '-')} }}`,
        );
  });

  test.each(['git+https://example.com/x.git', 'npm:other', '1.0.0 other', '$(id)', '../x'])('version %s is none', (version) => {
    const ran = spawnSync('bash', [join(ROOT, 'action/install.sh')], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], RUNNER_TEMP: join(folder, 'temp'), INPUT_VERSION: version, GITHUB_PATH: '/dev/null' },
    });
    expect([ran.status, ran.stdout]).toEqual([2, '::error::version: expected a version, as 0.1.0\n']);
  });
});

test('hooks of pre-commit: both commands, once each, for the files that could matter', () => {
  const hooks: readonly Readonly<Record<string, unknown>>[] = parse(read('.pre-commit-hooks.yaml'));
  expect(hooks.map((h) => [h['id'], h['entry'], h['language'], h['pass_filenames'], h['files']])).toEqual([
    ['k8s-trace-check', 'action/pre-commit.sh check', 'script', false, '\\.(ya?ml|json)$'],
    ['k8s-trace-validate', 'action/pre-commit.sh validate', 'script', false, '\\.(ya?ml|json)$'],
  ]);
});

test('the hooks’ script runs k8s-trace, wherever it is called', () => {
  const ran = spawnSync(join(ROOT, 'action/pre-commit.sh'), ['explain', 'NO_ROUTE'], { cwd: folder, encoding: 'utf8' });
  expect(ran.status).toBe(0);
  expect(ran.stdout).toMatch(/^NO_ROUTE\n/);
});

test('YAML in docs/ci.md is YAML', () => {
  const blocks = [...read('docs/ci.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map((m) => m[1] ?? '');
  expect(blocks.length).toBeGreaterThan(4);
  for (const block of blocks) expect(parse(block)).toBeTruthy();
});
