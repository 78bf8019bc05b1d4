import { describe, expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';
import { driftOf, edited, type Files, healthy, ROUTES, WORLD, without } from './world.ts';

describe('what is asked', () => {
  const expecting = `${WORLD}expect:\n  - { from: a, to: b:8080 }\n  - { from: a, to: nosuch:80 }\n`;

  test('what the input expects, if it expects anything', async () => {
    const files = edited(await healthy(expecting), ROUTES, without(/^10\.244\.2\.0.*\n/m));
    const drift = await driftOf(files);
    expect(drift.asked).toEqual({ nodes: ['node-1'], by: 'expectations', flows: 1, notAsked: 1, size: null });
    expect(drift.flows[0]).toMatchObject({ source: 'a', destination: 'b:8080', cause: { kind: 'missing-route' } });
    expect((await driftOf(files, '--no-expectations')).asked.by).toBe('pairs');
    expect((await driftOf(files, '--from a --to svc/web')).asked).toMatchObject({ by: 'pairs', flows: 1 });
  });

  test('one node: what was found on the others does not count', async () => {
    const healthyFiles = await healthy();
    const files: Files = { ...healthyFiles, 'state/node-2/sysctl': 'net.ipv4.ip_forward = 0\n' };
    expect((await driftOf(files)).status).toBe(1);
    expect((await driftOf(files, 'node-1')).status).toBe(0);
    const causes = (await driftOf(files, 'node/node-2')).flows.map((f) => f.cause?.node);
    expect(new Set(causes)).toEqual(new Set(['node-2']));
  });

  test.each([
    ['nod-1', /there is no node nod-1\n {2}did you mean node-1/],
    ['node-2', /nothing was found on node-2: drift needs its state\n {2}there is some of node-1; k8s-trace collect --print/],
    ['node-1 node-2', /node-2: one word too many/],
    ['--from nosuch', /nosuch/],
    ['-n nosuch', /-n nosuch: the input has no such namespace/],
    ['--expectations', /the input expects nothing that can be asked/],
    ['-o csv', /-o csv: there is no such format here/],
  ])('drift %s is an error', async (argv, says) => {
    const { status, stdout, stderr } = await run(`drift -f world.yaml --node-state state ${argv}`, { files: await healthy() });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });

  test('a machine without objects is one: nothing says what should be there', async () => {
    const files = { 'state/iptables-save': '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n' };
    const { status, stderr } = await run('drift --node-state state', { files });
    expect(status).toBe(2);
    expect(stderr).toMatch(/there are no objects that say what should be on this machine\n {2}-f FILE/);
  });

  test('no state at all is one, too', async () => {
    const { status, stderr } = await run('drift -f world.yaml', { files: { 'world.yaml': WORLD } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/nothing was found on any node: drift needs the state of nodes\n {2}k8s-trace collect --print/);
  });
});
