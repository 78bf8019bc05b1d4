import { describe, expect, test } from 'vitest';
import { run, type World } from './fake-io.ts';
import { TWO_PODS } from './worlds.ts';

/** What is printed of what was asked: nothing, all, or why an option has no meaning here. */

const expecting = (...lines: readonly string[]): World => ({
  files: { 'topology.yaml': `${TWO_PODS}expect:\n${lines.map((l) => `  - ${l}\n`).join('')}` },
});
const HOLDS = '{ name: reached, from: a, to: "b:80" }';
const FAILS = '{ from: a, to: "10.244.9.9:80" }';

describe('-q', () => {
  test.each([
    ['a b:80 -q', expecting(HOLDS), 0],
    ['a 10.244.9.9:80 --quiet', expecting(HOLDS), 1],
    ['check -q', expecting(HOLDS), 0],
    ['check --quiet', expecting(HOLDS, FAILS), 1],
  ])('%s: the exit status only', async (argv, world, status) => {
    expect(await run(argv, world)).toMatchObject({ status, stdout: '', stderr: '' });
  });

  test('a report in a file is written', async () => {
    const { stdout, written } = await run('check -q -o json=x.json', expecting(HOLDS));
    expect([stdout, Object.keys(written)]).toEqual(['', ['x.json']]);
  });
});

test.each([
  ['check -v', true],
  ['check', false],
])('%s: lists what holds: %s', async (argv, lists) => {
  const { stdout } = await run(argv, expecting(HOLDS, FAILS));
  expect(/^holds +reached: a -> b:80: delivered \(topology\.yaml:\d+:\d+\)$/m.test(stdout)).toBe(lists);
  expect(stdout).toMatch(/\n1 of 2 expectations hold, 1 fails\.\n$/);
});

/** Two sources, one destination that answers and one that does not: two connections each. */
test('expectations and connections are counted apart', async () => {
  const { stdout } = await run(
    'check',
    expecting('{ from: [a, b], to: node/node-1, protocol: icmp }', '{ from: a, to: ["b:80", "10.244.9.9:80"] }'),
  );
  expect(stdout).toMatch(/\n3 of 4 connections, 1 of 2 expectations hold; 1 connection fails\.\n$/);
});

test.each(['explain NO_ROUTE', 'explain', 'schema trace', 'completion bash'])(
  '%s has no option of commands that read input',
  async (command) => {
    for (const option of ['-f x.yaml', '-o json', '-v', '-R', '--all-paths', '-q'])
      expect([option, (await run(`${command} ${option}`)).status, (await run(`${command} ${option}`)).stdout]).toEqual([option, 2, '']);
  },
);

test('explain without a code lists all, of reasons and of findings', async () => {
  const { status, stdout } = await run('explain');
  expect(status).toBe(0);
  for (const words of [/^ {2}NO_ENDPOINTS$/m, /`reason:`/, /^ {2}hairpin-off +note +Pods cannot reach/m]) expect(stdout).toMatch(words);
});

test('a reason that there is not leads to that list', async () => {
  const { status, stderr } = await run('check', expecting('{ from: a, to: b, reason: XYZZY }'));
  expect(status).toBe(2);
  expect(stderr).toMatch(/k8s-trace explain lists them all/);
});

test('expectations without their Topology: which file is missing', async () => {
  const text = `apiVersion: k8s-trace/v1\nkind: Expectations\nexpect: [ ${HOLDS} ]\n`;
  const { status, stderr } = await run('check expect.yaml', { files: { 'expect.yaml': text } });
  expect(status).toBe(2);
  expect(stderr).toMatch(/expect\.yaml: error: there are only Expectations here: the file with the Topology .* is missing/);
});

/** Of a service, a port that it does not have: a mistake, unless it is expected to be closed. */
test.each([
  ['{ from: a, to: "svc/w:443", outcome: blocked }', 0],
  ['{ from: a, to: "svc/w:443", reason: NO_ENDPOINTS }', 1],
  ['{ from: a, to: "svc/w:443" }', 1],
])('%s', async (line, status) => {
  const services = 'services: [ { name: w, clusterIP: 10.96.0.77, selector: { app: w }, ports: [ { port: 80 } ] } ]\n';
  const { files } = expecting(line);
  const text = `${files?.['topology.yaml']}${services}`;
  const ran = await run('check', { files: { 'topology.yaml': text } });
  expect(ran.status).toBe(status);
  expect(ran.stdout.includes('not asked')).toBe(line.indexOf('outcome') === -1 && line.indexOf('reason') === -1);
});
