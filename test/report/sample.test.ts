import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sample } from '../check/checking.ts';
import { run } from '../cli/fake-io.ts';
import { annotations } from './consumers.ts';

/**
 * fixtures/sample: a shop, what is expected of it, and a change that breaks it in three places. A wider firewall rule lets the world in to
 * the database; a port is renamed in a service and not in its pods; a blackhole route takes the way to the internet from node-2's pods.
 */
const GOLDEN = join(import.meta.dirname, 'golden');
const FORMATS = {
  text: 'text.txt',
  junit: 'junit.xml',
  sarif: 'sarif.json',
  github: 'github.txt',
  gitlab: 'gitlab.json',
  tap: 'tap.txt',
  markdown: 'markdown.md',
} as const;
const page = (code: string) => `# ${code}\n\nA sentence about it.\n\nSee [NO_ROUTE](NO_ROUTE.md).\n`;
const pages = { TARGET_PORT_UNRESOLVED: page('TARGET_PORT_UNRESOLVED'), BLACKHOLE_ROUTE: page('BLACKHOLE_ROUTE') };

const files = (which: 'before' | 'after') => Object.fromEntries(sample(which).map((f) => [f.name, f.text]));
const check = (which: 'before' | 'after', flags: string) => run(`check -f ${which} ${flags}`, { files: files(which), pages });

test.each(Object.entries(FORMATS))('-o %s', async (format, golden) => {
  const { stdout, status } = await check('after', `-o ${format}`);
  expect(stdout).toBe(readFileSync(join(GOLDEN, golden), 'utf8'));
  expect(status).toBe(1);
});

test('before the change all holds', async () => {
  expect(await check('before', '')).toMatchObject({ status: 0, stdout: '16 of 16 connections, 6 of 6 expectations hold.\n', stderr: '' });
});

describe('positions', () => {
  const lines = (which: 'before' | 'after') => files(which)[`${which}/topology.yaml`]?.split('\n') ?? [];
  const changed = lines('after').flatMap((line, i) => (lines('before').includes(line) ? [] : [{ line: i + 1, text: line.trim() }]));

  test('the annotations are on the lines that the change touched, where a reviewer would have commented', async () => {
    const { stdout } = await check('after', '-o github');
    const where = new Set(annotations(stdout).map((a) => `${a.properties['file']}:${a.properties['line']}`));
    const telling = changed.filter(({ text }) => text.startsWith('- {')).map(({ line }) => `after/topology.yaml:${line}`);
    expect([...where].sort()).toEqual(telling.sort());
    expect(telling).toHaveLength(3);
  });

  test('a change that only moves things moves no fingerprint', async () => {
    const moved = Object.fromEntries(Object.entries(files('after')).map(([name, text]) => [name, `# one\n\n# more\n${text}`]));
    const prints = async (world: Readonly<Record<string, string>>, format: string) => {
      const { stdout } = await run(`check -f after -o ${format}`, { files: world });
      return [...stdout.matchAll(/"(?:fingerprint|k8sTraceExpectation\/v1)": "(\w+)"/g)].map((m) => m[1]);
    };
    for (const format of ['sarif', 'gitlab']) {
      const before = await prints(files('after'), format);
      expect(new Set(before).size).toBe(7);
      expect(await prints(moved, format)).toEqual(before);
    }
  });
});
