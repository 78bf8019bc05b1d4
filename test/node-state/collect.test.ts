import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectScript } from '../../src/node-state/collect.ts';
import { recognise } from '../../src/node-state/recognise.ts';

/** The script is run on this machine, and what it writes is recognised. What is installed here is another matter: all that is there is read. */

const there = mkdtempSync(join(tmpdir(), 'collect-'));
const script = join(there, 'collect.sh');
beforeAll(() => writeFileSync(script, collectScript(['a remark', ''])));
afterAll(() => rmSync(there, { recursive: true }));

const recognised = (path: string, text: string) => recognise('node-1', { name: path, path, text });

test('a POSIX shell takes it', () => {
  execFileSync('sh', ['-n', script]);
  expect(collectScript(['a remark', ''])).toMatch(/^#!\/bin\/sh\n# a remark\n#\n\n/);
});

describe('into a directory', () => {
  const run = () => spawnSync('sh', [script, join(there, 'state'), 'node-1'], { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });

  test('a file a command, in the folder of the node; nothing of it is unknown', () => {
    expect(run()).toMatchObject({ status: 0, stderr: '', stdout: '' });
    expect(readdirSync(join(there, 'state'))).toEqual(['node-1']);
    const files = readdirSync(join(there, 'state/node-1'));
    expect(files).toEqual(
      expect.arrayContaining(['iptables-save', 'nft-list-ruleset', 'ip--4-route-show-table-all', 'ip-rule', 'bridge-fdb']),
    );
    for (const file of files) {
      const found = recognised(`node-1/${file}`, readFileSync(join(there, 'state/node-1', file), 'utf8'));
      expect({ file, unknown: found.unknown, unread: found.unread }).toEqual({ file, unknown: null, unread: [] });
    }
  });

  test('a folder that cannot be made ends it', () => {
    writeFileSync(join(there, 'taken'), '');
    expect(spawnSync('sh', [script, join(there, 'taken')]).status).not.toBe(0);
  });
});

test('to standard output, from standard input, as kubectl debug runs it: the same under headings', () => {
  const { status, stdout } = spawnSync('sh', ['-s'], { input: readFileSync(script), encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(status).toBe(0);
  const { texts, unknown, unread } = recognised(
    'node-1.txt',
    `Creating debugging pod node-debugger-a with container debugger on node a.\n${stdout}`,
  );
  expect({ unknown, unread }).toEqual({ unknown: null, unread: [] });
  expect(texts.map((t) => t.text.command)).toEqual(expect.arrayContaining(['ip rule', 'ip -6 rule', 'ip -4 route show table all']));
});

const isRoot = process.getuid?.() === 0;
test.skipIf(!isRoot)(`tables of iptables-legacy are collected beside those of iptables-nft${isRoot ? '' : ' (skipped: not root)'}`, () => {
  const rules = 'iptables-legacy -A FORWARD -p tcp --dport 8080 -j DROP && iptables-nft -A FORWARD -j ACCEPT';
  const { stdout } = spawnSync('unshare', ['-n', 'sh', '-c', `${rules} && sh ${script}`], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const { texts } = recognised('node-1.txt', stdout);
  const ofIptables = texts.filter((t) => t.format === 'iptables').map((t) => t.text.lines.filter((line) => line.startsWith('-A')));
  expect(ofIptables).toContainEqual(['-A FORWARD -p tcp -m tcp --dport 8080 -j DROP']);
});

describe('what a command leaves where it says nothing', () => {
  /** A machine whose programs are these. */
  const run = (programs: Readonly<Record<string, string>>) => {
    const bin = mkdtempSync(join(there, 'bin-'));
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const text = collectScript([]).replace('PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin', `PATH=${bin}:/usr/bin:/bin`);
    return recognised('node-1.txt', spawnSync('sh', ['-s'], { input: text, encoding: 'utf8', maxBuffer: 1 << 28 }).stdout);
  };

  test('no output is a statement, a failure is none, and a program that is not there is named', () => {
    const { texts, faults, missing } = run({
      'iptables-save': 'true',
      nft: 'echo "Operation not permitted (you must be root)" >&2; exit 1',
      ipvsadm: 'exit 127',
    });
    expect(texts.find((t) => t.text.command === 'iptables-save')).toMatchObject({ format: 'iptables', text: { lines: [] } });
    expect(faults.map((f) => f.message)).toEqual(
      expect.arrayContaining([
        'nft list ruleset failed with exit status 1: Operation not permitted (you must be root)',
        'ipvsadm -Sn failed with exit status 127',
      ]),
    );
    expect(missing).toContain('ipset save (not installed)');
    expect(missing.filter((m) => !m.endsWith(' (not installed)'))).toEqual([]);
  });
});
