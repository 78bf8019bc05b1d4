import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { TWO_PODS } from '../cli/worlds.ts';
import { has, makePlace, run, scriptOf } from './shells.ts';

/** The scripts of `completion` in the shells themselves: a line is typed, then a tab, and what is then on the line is looked at. */
const place = makePlace();
afterAll(() => rmSync(place.folder, { recursive: true }));
for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(join(place.folder, shell), scriptOf(place, shell));

/** What is typed before the tab, and what stands there after it. */
const LINES = [
  ['k8s-trace valid', 'k8s-trace validate'],
  ['k8s-trace pod-a svc/o', 'k8s-trace pod-a svc/one'],
  ['k8s-trace pod-a svc/api:4', 'k8s-trace pod-a svc/api:443'],
  ['k8s-trace pod-a svc/dns:53/u', 'k8s-trace pod-a svc/dns:53/udp'],
  ['k8s-trace sidec', 'k8s-trace sidecar@'],
  ['k8s-trace sidecar@p', 'k8s-trace sidecar@pod-a'],
  ['k8s-trace pod-a sh', 'k8s-trace pod-a shop/'],
  ['k8s-trace pod-a shop/svc/', 'k8s-trace pod-a shop/svc/basket'],
  ['k8s-trace pod-a shop/svc/basket:', 'k8s-trace pod-a shop/svc/basket:80'],
  ['k8s-trace --all-p', 'k8s-trace --all-paths'],
  ['k8s-trace -o js', 'k8s-trace -o json'],
  ['k8s-trace --output=js', 'k8s-trace --output=json'],
  ['k8s-trace -f top', 'k8s-trace -f topology.yaml'],
  ['k8s-trace --filename=top', 'k8s-trace --filename=topology.yaml'],
  ['k8s-trace -o json=top', 'k8s-trace -o json=topology.yaml'],
  ['k8s-trace validate top', 'k8s-trace validate topology.yaml'],
  ['k8s-trace -f my\\ dir/two.yaml show node node-1 --ru', 'k8s-trace -f my\\ dir/two.yaml show node node-1 --rules'],
  ['k8s-trace -f "my dir/two.yaml" show pod b', 'k8s-trace -f "my dir/two.yaml" show pod b'],
  ['FOO=1 k8s-trace pod-a svc/o', 'FOO=1 k8s-trace pod-a svc/one'],
  ['k8s-trace nothing-of-that-name', 'k8s-trace nothing-of-that-name'],
] as const;

describe.skipIf(!has('bash'))('bash', () => {
  /** Without a terminal, readline reads its keys from a pipe: nothing has to be waited for. Ctrl-A and Ctrl-E go to the line's ends. */
  const afterTab = (line: string) =>
    run(place, 'bash', ['--noprofile', '--rcfile', join(place.folder, 'bash'), '-i'], `${line}\t\u0001printf '%s' '<\u0005>'\n`).stdout;

  test.each(LINES)('%s', (line, expected) => {
    expect(afterTab(line.replaceAll('"', '')).replace(/ ?>$/, '')).toBe(`<${expected.replaceAll('"', '')}`);
  });

  test('a beginning gets no space, a whole name does', () => {
    expect(afterTab('k8s-trace sidec')).toBe('<k8s-trace sidecar@>');
    expect(afterTab('k8s-trace pod-a svc/o')).toBe('<k8s-trace pod-a svc/one >');
  });

  test('what stands in a file is never run', () => {
    writeFileSync(
      join(place.work, 'hostile.yaml'),
      TWO_PODS.replace('podCIDR: 10.244.0.0/16', 'podCIDR: $(touch pwned)').replace(
        'name: a,',
        'name: "$(touch pwned)`touch pwned`;touch pwned",',
      ),
    );
    for (const line of [
      'k8s-trace -f hostile.yaml ',
      'k8s-trace $(touch pwned) ',
      'k8s-trace -f "$(touch pwned)" svc/',
      'k8s-trace -f `touch pwned` ',
    ])
      run(place, 'bash', ['--noprofile', '--rcfile', join(place.folder, 'bash'), '-i'], `${line}\t\u0001# \n`);
    expect(existsSync(join(place.work, 'pwned'))).toBe(false);
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  /** zsh edits lines on a terminal only, so one zsh has another on a terminal of its own (zpty) and types there. */
  const DRIVER = `
zmodload zsh/zpty
zpty z "zsh -f -i"
zpty -w z "PS1=; autoload -U compinit; compinit -u -D; source ${join(place.folder, 'zsh')}; bindkey -e; unsetopt auto_remove_slash; print REA''DY"
zpty -r z out '*READY*'
for line in "$@"; do
  zpty -w -n z "$line"$'\\t'$'\\001'"print -r -- '<''<"$'\\005'"=E''ND'"$'\\n'
  zpty -r z out '*<<*=END*'
  print -r -- "\${\${out##*<<}%%=END*}"
done
zpty -d z`;
  test('all lines', () => {
    const { stdout, stderr } = run(place, 'zsh', ['-f', '-c', DRIVER, 'zsh', ...LINES.map(([line]) => line)]);
    expect([stderr, stdout.trimEnd().split('\n')]).toEqual(['', LINES.map(([, expected]) => expected)]);
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  test.each(LINES)('%s', (line, expected) => {
    const ran = run(place, 'fish', ['--no-config', '-c', `source ${join(place.folder, 'fish')}; complete -C $argv[1]`, '--', line]);
    const [only, ...others] = ran.stdout.trimEnd().split('\n');
    // fish answers with the word that it would put there, unquoted.
    const word = expected.split(' ').at(-1) ?? '';
    expect([ran.stderr, others]).toEqual(['', []]);
    expect(only?.replace(/\t.*/, '')).toBe(expected === line && word !== 'b' ? '' : word);
  });
});

describe.each(['bash', 'zsh', 'fish'].filter((shell) => !has(shell)))('%s is not on this machine', (shell) => {
  test.skip(`completion in ${shell}`, () => {});
});

test.each(['bash', 'zsh', 'fish'].filter(has))('the script for %s has no error of syntax', (shell) => {
  expect(run(place, shell, ['-n', join(place.folder, shell)])).toEqual({ stdout: '', stderr: '', status: 0 });
});

describe.skipIf(!has('kubectl'))('kubectl', () => {
  test('runs the plugin, and asks it for completions', () => {
    expect(run(place, 'kubectl', ['k8s-trace', 'show', 'node']).stderr).toContain('kubectl k8s-trace show lists all');
    const { stdout } = run(place, 'kubectl', ['__complete', 'k8s-trace', 'pod-a', 'svc/ap']);
    expect(stdout).toBe('svc/api\tservice 80/tcp, 443/tcp\n:4\n');
  });
});

test('the plugin answers as kubectl calls it: by the names of files', () => {
  expect(run(place, 'kubectl-k8s_trace', ['--help']).stdout).toMatch(/^Usage: kubectl k8s-trace /);
  expect(run(place, 'kubectl_complete-k8s_trace', ['pod-a', 'svc/ap']).stdout).toBe('svc/api\tservice 80/tcp, 443/tcp\n:4\n');
});
