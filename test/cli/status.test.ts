import { describe, expect, test } from 'vitest';
import { run, type World } from './fake-io.ts';
import { BROKEN, NO_ROUTE, TWO_PODS } from './worlds.ts';

const topology = (text: string): World => ({ files: { 'topology.yaml': text } });
const halfBroken = `${TWO_PODS.replaceAll('ip: 10.244', 'labels: { app: web }, ip: 10.244').replace('10.244.1.0/24 }', '10.244.1.0/24, routes: { remove: [10.244.2.0/24] } }')}
services: [{ name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80 }] }]
internet: { gateway: { ip: 192.168.1.1 } }
`;

/** design.md section 4: 0 delivered or exits, 1 not delivered or mixed, 2 no answer possible, 3 undetermined, 4 our own fault. */
const CASES: readonly (readonly [string, string, World, number])[] = [
  ['delivered', 'a b:80', topology(TWO_PODS), 0],
  ['exits', 'pod-a 1.1.1.1:443', {}, 0],
  ['rejected', 'a b:80', topology(NO_ROUTE), 1],
  ['dropped', 'a b:80', topology(NO_ROUTE.replace('remove: [10.244.2.0/24]', 'add: [{ to: 10.244.2.0/24, type: blackhole }]')), 1],
  ['mixed: of two endpoints one cannot be reached', 'a svc/web', topology(halfBroken), 1],
  ['a bad topology', 'a b:80', topology(BROKEN), 2],
  ['an unknown name', 'nobody pod-a', {}, 2],
  ['a port that the service does not have', 'pod-a svc/web:81', {}, 2],
  ['an unknown option', 'pod-a pod-d --bogus', {}, 2],
  ['an unknown option, before everything', '--bogus pod-a pod-d', {}, 2],
  ['an option without its value', 'pod-a pod-d -f', {}, 2],
  ['a protocol that is none', 'pod-a pod-d --protocol tpc', {}, 2],
  ['one name', 'pod-a', {}, 2],
  ['three names', 'pod-a pod-b pod-c', {}, 2],
  ['nothing', '', {}, 2],
  ['the command alone', 'trace', {}, 2],
  ['a misspelt command', 'valdate', {}, 2],
  ['help', '--help', {}, 0],
  ['help on a command', 'help show', {}, 0],
  ['version', '--version', {}, 0],
  ['validate: good', 'validate -f topology.yaml', topology(TWO_PODS), 0],
  ['validate: warnings are no errors', 'validate', topology(TWO_PODS.replace('192.168.1.12', '192.168.2.12')), 0],
  ['validate: bad', 'validate', topology(BROKEN), 2],
  ['validate: nothing to look at', 'validate', {}, 2],
  ['show', 'show', {}, 0],
  ['show: no such thing', 'show node node-9', {}, 2],
  ['schema', 'schema trace', {}, 0],
  ['explain: no such code', 'explain NO_SUCH_CODE', {}, 2],
];

describe('exit status', () => {
  test.each(CASES)('%s: %s', async (name, argv, world, status) => {
    const ran = await run(argv, world);
    expect({ status: ran.status, stderr: ran.stderr }).toMatchObject({ status });
    if (status === 2) {
      // The findings of `validate` are its result; any other error is on standard error alone.
      const [said, other] = name === 'validate: bad' ? [ran.stdout, ran.stderr] : [ran.stderr, ran.stdout];
      expect(other).toBe('');
      expect(said).not.toBe('');
      // An error of the user's is not shown as a stack trace.
      expect(said).not.toMatch(/^\s+at /m);
    }
  });

  test('4 when k8s-trace itself is at fault, with what to report', async () => {
    const io = { reasonPage: () => Promise.reject(new TypeError('boom')) };
    const { status, stderr, stdout } = await run('explain NO_ROUTE', { io });
    expect([status, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/fault in k8s-trace itself.*report/);
    expect(stderr).toContain('boom');
  });

  const denied = () => Promise.reject(Object.assign(new Error('permission denied'), { code: 'EACCES' }));
  test.each([
    ['a file that cannot be read', 'validate -f topology.yaml', { read: denied }, 'topology.yaml'],
    ['a directory that cannot be listed', 'validate -f dir', { list: denied }, 'dir'],
    ['standard input that cannot be read', 'validate -f -', { readStdin: denied }, 'stdin'],
    ['a file that cannot be written', 'a b:80 -o json=out.json', { tryWrite: denied }, 'out.json'],
    ['a file that could be written a moment ago', 'a b:80 -o json=out.json', { writeAll: denied }, 'out.json'],
  ])('2 for %s', async (_name, argv, io, names) => {
    const { status, stderr } = await run(argv, { files: { 'topology.yaml': TWO_PODS, 'dir/a.yaml': TWO_PODS }, io });
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain(names);
    expect(stderr).toContain('EACCES');
  });
});
