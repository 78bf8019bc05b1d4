import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { NO_ROUTE, TWO_PODS } from './worlds.ts';

/** The real command, as `npm run build` makes it (pretest does), in a folder of its own with real pipes and files. */
const COMMAND = join(import.meta.dirname, '../../dist/k8s-trace.cjs');
const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'two.yaml'), TWO_PODS);
writeFileSync(join(folder, 'no-route.yaml'), NO_ROUTE);

/** Nothing of the environment that the tests run in may decide about colours. */
const { FORCE_COLOR: _force, NO_COLOR: _none, K8S_TRACE_TOPOLOGY: _topology, ...environment } = process.env;

function bash(script: string, env: Readonly<Record<string, string>> = {}) {
  const ran = spawnSync('bash', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...environment, TERM: 'xterm-256color', K: COMMAND, NODE: process.execPath, ...env },
  });
  if (ran.error !== undefined) throw ran.error;
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

const hasJq = spawnSync('jq', ['--version']).status === 0;
/** The line of design.md section 5, letter by letter. */
const JQ = `jq -r '.paths[0].forward.hops[] | select(.kind=="interface") | [.netns,.device,.direction,(.packet.outer//.packet).source,(.packet.outer//.packet).destination] | @tsv'`;
/** The same selection, where there is no jq. */
const SAME_IN_NODE = `"$NODE" -e 'const t = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const h of t.paths[0].forward.hops) if (h.kind === "interface") {
  const p = h.packet.outer ?? h.packet;
  console.log([h.netns, h.device, h.direction, p.source, p.destination].join("\\t"));
}'`;

describe('in a shell', () => {
  /** facts/kernel.md: pod to pod, other node. */
  const CROSSINGS = [
    'default/pod-a eth0 out',
    'node-1 veth0 in',
    'node-1 cni0 in',
    'node-1 eth0 out',
    'node-2 eth0 in',
    'node-2 cni0 out',
    'node-2 veth1 out',
    'default/pod-d eth0 in',
  ];

  test.each([...(hasJq ? [['jq', JQ]] : []), ['node', SAME_IN_NODE]])('%s prints the crossings', (_name, filter) => {
    const { stdout, stderr, status } = bash(`set -o pipefail; "$NODE" "$K" pod-a pod-d -o json 2>/dev/null | ${filter}`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n')).toEqual(CROSSINGS.map((c) => `${c} 10.244.1.10 10.244.2.11`.replaceAll(' ', '\t')));
  });

  // The first line is enough for head, which then closes the pipe: longer output than a pipe's buffer makes sure that this is felt.
  test.each([
    ['delivered', 'pod-a pod-d', 0],
    ['delivered, long', 'pod-a svc/web -o json', 0],
    ['delivered, very long', 'pod-a svc/web -v --all-paths --reply --width 40', 0],
    ['rejected', 'a b:80 -f no-route.yaml -o json', 1],
    ['a matrix', 'matrix -o json', 0],
    ['the schema', 'schema trace', 0],
  ])('| head -1 is quiet and keeps the status: %s', (_name, argv, status) => {
    const ran = bash(`"$NODE" "$K" ${argv} 2> err.txt | head -1; echo "status \${PIPESTATUS[0]}"`);
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(ran.stdout).toContain(`status ${status}`);
    expect(readFileSync(join(folder, 'err.txt'), 'utf8')).not.toMatch(/EPIPE|Error|\bat /);
  });

  test('a reader that is gone from the start changes nothing either', () => {
    const ran = bash(`{ "$NODE" "$K" pod-a svc/web -o json; echo "status $?" >&2; } | true`);
    expect(ran.stderr).toMatch(/status 0/);
    expect(ran.stderr).not.toMatch(/EPIPE|Error/);
  });

  test.each([
    ['a pipe', '"$NODE" "$K" pod-a pod-d | cat', {}],
    ['NO_COLOR', '"$NODE" "$K" pod-a pod-d', { NO_COLOR: '1' }],
    ['--no-color in spite of FORCE_COLOR', '"$NODE" "$K" pod-a pod-d --no-color', { FORCE_COLOR: '1' }],
    ['NO_COLOR, errors', '"$NODE" "$K" validate -f nothing.yaml', { NO_COLOR: '1' }],
    ['help', '"$NODE" "$K" --help', {}],
  ])('%s: no escape codes', (_name, script, env) => {
    const { stdout, stderr } = bash(script, env);
    expect(stdout + stderr).not.toBe('');
    expect(stdout + stderr).not.toContain('\u001b');
  });

  test('FORCE_COLOR: escape codes', () => {
    expect(bash('"$NODE" "$K" pod-a pod-d', { FORCE_COLOR: '1' }).stdout).toContain('\u001b[');
  });

  test('results on stdout, the rest on stderr', () => {
    const { stdout, stderr, status } = bash('"$NODE" "$K" pod-a pod-d');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^delivered: pod-a reaches pod-d/);
    expect(stderr).toMatch(/^[^\n]*built-in[^\n]*\n$/);
  });
});

describe('with real files', () => {
  test.each([
    ['standard input', '"$NODE" "$K" a b:80 -f - < two.yaml', 0],
    ['standard input from a pipe', 'cat two.yaml | "$NODE" "$K" a b:80 -f -', 0],
    ['a file', '"$NODE" "$K" a b:80 -f no-route.yaml', 1],
    ['the variable', 'K8S_TRACE_TOPOLOGY=no-route.yaml "$NODE" "$K" a b:80', 1],
    ['a missing file', '"$NODE" "$K" a b:80 -f two.yml', 2],
    ['a file in a file', '"$NODE" "$K" a b:80 -f two.yaml/x.yaml', 2],
    ['a link to itself', 'ln -sf loop.yaml loop.yaml; "$NODE" "$K" a b:80 -f loop.yaml', 2],
    ['a folder with a link to itself', 'mkdir -p l; ln -sf x.yaml l/x.yaml; "$NODE" "$K" a b:80 -f l', 2],
    ['a name that is too long', `"$NODE" "$K" a b:80 -f ${'x'.repeat(300)}`, 2],
    ['a directory with two topologies', '"$NODE" "$K" a b:80 -f .', 2],
    ['an empty standard input', '"$NODE" "$K" a b:80 -f - < /dev/null', 2],
  ])('%s', (_name, script, status) => {
    const ran = bash(script);
    expect({ status: ran.status, stderr: ran.stderr }).toMatchObject({ status });
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  });

  test('-R reads a folder once, whatever links lead to it', () => {
    const ran =
      bash(`mkdir -p around/below && cp two.yaml around/below && cd around && ln -s . a && ln -s .. below/b && ln -s ../below below/c
      "$NODE" "$K" validate -R -f .`);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^\.\/below\/two\.yaml: valid/);
  });

  test('-o json=FILE writes the file, in a folder that is there', () => {
    expect(bash('"$NODE" "$K" a b:80 -f two.yaml -o json=out.json').status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')).outcome).toBe('delivered');
    const refused = bash('"$NODE" "$K" a b:80 -f two.yaml -o json=nowhere/out.json');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/nowhere\/out\.json.*ENOENT/);
  });

  test('a report keeps what it replaces: its mode, a link to it, a device; and leaves nothing else behind', () => {
    const ran = bash(`mkdir out && cd out && echo old > real.json && chmod 640 real.json && ln -s real.json link.json && mkdir folder
      "$NODE" "$K" a b:80 -f ../two.yaml -o json=link.json -o yaml=/dev/stderr 2> ../opened.txt -o minimal=new.txt -o table=/dev/null; echo "status $?"
      stat -c '%a %F %N' real.json link.json; stat -c %F /dev/null; head -c 1 real.json; ls -A`);
    expect(ran.stdout).toMatch(
      /^status 0\n640 regular file 'real\.json'\n777 symbolic link 'link\.json' -> 'real\.json'\ncharacter special file\n/,
    );
    expect(ran.stdout).toMatch(/\{folder\nlink\.json\nnew\.txt\nreal\.json\n$/);
    expect(readFileSync(join(folder, 'opened.txt'), 'utf8')).toMatch(/^schemaVersion: 1\n/);
  });

  test('a path that cannot be written: nothing of the others appears either', () => {
    const ran = bash(`mkdir none && cd none && mkdir folder && echo file > file
      for bad in folder nowhere/x file/x; do "$NODE" "$K" a b:80 -f ../two.yaml -o json=good.json -o yaml=$bad; echo "status $?"; done; ls -A`);
    expect(ran.stdout).toBe('status 2\nstatus 2\nstatus 2\nfile\nfolder\n');
    expect(ran.stderr).toMatch(
      /^k8s-trace: folder: cannot be written \(EISDIR\)\n {2}it is a folder\n.*nowhere\/x.*ENOENT[\s\S]*file\/x.*ENOTDIR/m,
    );
  });

  test('a disk that fills up while the reports are written leaves none of them', () => {
    const ran = bash(`mkdir full && cd full && ulimit -f 1 && trap '' XFSZ
      "$NODE" "$K" a b:80 -f ../two.yaml -o minimal=small.txt -o json=large.json; echo "status $?"; ls -A`);
    expect(ran.stdout).toBe('status 2\n');
    expect(ran.stderr).toMatch(/large\.json: cannot be written \(EFBIG\)/);
  });

  test.each([
    ['a trace', 'a b:80 -f two.yaml'],
    ['a check', 'check expecting.yaml -o tap'],
    ['help', '--help'],
    ['the version', '--version'],
    ['a schema', 'schema trace'],
    ['a page', 'explain NO_ROUTE'],
    ['a completion', '__complete ""'],
  ])('standard output on a full disk is exit status 2 and a sentence: %s', (_name, argv) => {
    writeFileSync(join(folder, 'expecting.yaml'), `${TWO_PODS}expect: [ { from: a, to: "b:80" } ]\n`);
    const ran = bash(`"$NODE" "$K" ${argv} > /dev/full`);
    expect([ran.status, ran.stderr]).toEqual([
      2,
      'k8s-trace: standard output: cannot be written (ENOSPC)\n  no space is left on the disk\n',
    ]);
  });

  test('standard error on a full disk changes nothing', () => {
    expect(bash('"$NODE" "$K" pod-a pod-d -o json 2> /dev/full').status).toBe(0);
    expect(bash('"$NODE" "$K" a b:80 -f nothing.yaml 2> /dev/full').status).toBe(2);
  });

  test.each([
    ['a file', '-o json=real.json -o yaml=real.json'],
    ['a file and a longer way to it', '-o json=real.json -o yaml=folder/.././real.json'],
    ['a file and a link to it', '-o json=real.json -o yaml=link.json'],
    ['one that is not there yet', '-o json=new.json -o yaml=folder/../new.json'],
    ['a file that standard output goes to', '-o table -o json=out.txt > out.txt'],
    ['standard output by its name', '-o table -o json=/dev/stdout | cat'],
  ])('two formats into %s are refused', (_name, flags) => {
    const ran = bash(`mkdir -p twice/folder && cd twice && echo old > real.json && ln -sf real.json link.json
      "$NODE" "$K" a b:80 -f ../two.yaml ${flags}; cat real.json; ls -A`);
    expect(ran.stderr).toMatch(/^k8s-trace: .*(only one format|standard output goes to this file)/);
    expect(ran.stdout).toMatch(/^old\nfolder\nlink\.json\n/);
  });

  test.each([
    ['its own name', '-f in.yaml -o json=in.yaml'],
    ['a longer way to it', '-f ./in.yaml -o json=folder/../in.yaml'],
    ['a link', '-f in.yaml -o json=link.yaml'],
    ['a link that is read', '-f link.yaml -o json=in.yaml'],
    ['its folder', '-f . -o json=in.yaml'],
    ['the environment', '-o json=in.yaml'],
    ['standard input', '-f - -o json=in.yaml < in.yaml'],
    ['its own name, beside one that is missing', '-f missing.yaml -f in.yaml -o json=in.yaml'],
  ])('a report over a file that is read is refused, by %s', (_name, flags) => {
    const ran = bash(
      `mkdir -p over/folder && cd over && cp ../two.yaml in.yaml && ln -sf in.yaml link.yaml
      "$NODE" "$K" a b:80 ${flags}; echo "status $?"; cmp in.yaml ../two.yaml && ls -A`,
      { K8S_TRACE_TOPOLOGY: 'in.yaml' },
    );
    expect(ran.stderr).toMatch(/^k8s-trace: (in|link|folder\/\.\.\/in)\.yaml: this file is read, and a report would take its place/);
    expect(ran.stdout).toBe('status 2\nfolder\nin.yaml\nlink.yaml\n');
  });

  test('after exit status 2 no older report is left, by whatever link', () => {
    const ran = bash(`mkdir old && cd old && for f in a.json b.xml real.yaml; do echo old > $f; done && ln -s real.yaml link.yaml
      "$NODE" "$K" a nobody -f ../two.yaml -o json=a.json -o yaml=link.yaml -o minimal=/dev/null; echo "status $?"; ls -A; stat -c %F /dev/null`);
    expect(ran.stdout).toBe('status 2\nb.xml\nlink.yaml\ncharacter special file\n');
  });

  test('check, in a shell', () => {
    writeFileSync(join(folder, 'expect.yaml'), `${TWO_PODS}expect: [ { from: a, to: "b:80" } ]\n`);
    expect(bash('"$NODE" "$K" check expect.yaml -o tap -o junit=report.xml')).toMatchObject({
      status: 0,
      stdout: 'TAP version 14\n1..1\nok 1 - a -> b:80\n',
      stderr: '',
    });
    expect(readFileSync(join(folder, 'report.xml'), 'utf8')).toContain('<testcase name="a -&gt; b:80"');
  });

  test('explain finds its page, wherever it runs', () => {
    const { status, stdout } = bash('"$NODE" "$K" explain NO_ROUTE');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^NO_ROUTE$/m);
  });

  test('the version is that of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(bash('"$NODE" "$K" --version').stdout).toBe(`${version}\n`);
  });
});
