import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run, traceOf } from './fake-io.ts';

const read = (fixture: string) => readFileSync(new URL(`../../fixtures/${fixture}`, import.meta.url), 'utf8');
const world = { files: { 'topology.yaml': read('sharing/volumes.yaml') } };

/** Command line to [port, protocol, address] that is called, and its outcome. */
const CALLED: readonly (readonly [string, readonly unknown[]])[] = [
  // A container's ports come before its other sockets; then TCP before UDP.
  ['admin@web app@web', [8080, 'tcp', '127.0.0.1', 'delivered']],
  ['admin@web app@web:http', [8080, 'tcp', '127.0.0.1', 'delivered']],
  ['admin@web app@web:9000', [9000, 'tcp', '127.0.0.1', 'delivered']],
  ['admin@web app@web --protocol udp', [5353, 'udp', '127.0.0.1', 'delivered']],
  ['admin@web app@web:5353', [5353, 'udp', '127.0.0.1', 'delivered']],
  ['admin@web app@web --protocol icmp', [null, 'icmp', '127.0.0.1', 'delivered']],
  ['web admin@web', [9100, 'tcp', '127.0.0.1', 'delivered']],
  ['app@web admin@web --size 9000', [9100, 'tcp', '127.0.0.1', 'delivered']],
  ['app@web admin@web:9999', [9999, 'tcp', '127.0.0.1', 'rejected']],
  ['app@web shipper@web', [null, 'icmp', '127.0.0.1', 'delivered']],
  ['agent app@host-2', [7000, 'tcp', '127.0.0.1', 'delivered']],
  // Without a container it is the pod that is called, and that has an address.
  ['web web', [8080, 'tcp', '10.244.1.2', 'delivered']],
  ['app@reader app@web', [8080, 'tcp', '10.244.1.2', 'delivered']],
  ['app@reader admin@web:9100', [9100, 'tcp', '10.244.1.2', 'rejected']],
];

/** Command line to what stderr has to say about it. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['app@web admin@web:9000', /admin has no port 9000\n.*write app@web:9000/],
  ['app@web admin@web:http', /admin has no port named http\n.*it is a port of app@web/],
  ['admin@web app@web:htp', /app has no port named htp\n.*did you mean http\?/],
  ['app@web admin@web --protocol udp', /admin states no udp port\n.*--port 80/],
  ['app@web amdin@web', /no container amdin\n.*did you mean admin\?/],
  ['web reader --over ip', /--over ip: expected network, ipc, volume\n.*did you mean ipc\?/],
  ['web reader --over ipc -p 80', /--port is about a packet.*shared memory\n.*leave --port out/],
  ['web reader --over volume --size 100', /--size is about a packet.*a volume/],
  ['web reader --over volume --protocol tcp', /--protocol is about a packet/],
  ['web reader:80 --over volume', /reader:80: a volume has no port/],
  ['web node/node-1 --over ipc', /node\/node-1 is no pod/],
  ['node/node-1 web --over ipc', /node-1 is no pod/],
  ['web nobody --over ipc', /nobody/],
];

describe('containers of one pod', () => {
  test.each(CALLED)('%s', async (argv, [port, protocol, ip, outcome]) => {
    const trace = await traceOf(argv, world);
    expect(trace).toMatchObject({ over: 'network', destination: { port, protocol, ip }, outcome });
  });

  test.each(REFUSED)('%s: refused', async (argv, says) => {
    const { status, stdout, stderr } = await run(argv, world);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });

  test.each([
    ['app@web admin@web --over ipc', 0],
    ['app@web shipper@web --over volume', 0],
    ['shipper@web app@web --over volume', 1],
    ['web reader --over ipc', 1],
    ['web open --over volume', 3],
  ])('%s: exit status %i', async (argv, status) => {
    expect((await run(argv, world)).status).toBe(status);
    const trace = await traceOf(argv, world);
    expect(trace.destination).toMatchObject({ port: null, protocol: null, ip: null });
  });

  test('who calls from outside hears that the socket is on loopback, and what a program sees is said in its words', async () => {
    expect((await run('app@reader admin@web:9100', world)).stdout).toMatch(/LISTENS_ON_LOOPBACK/);
    expect((await run('web reader --over ipc', world)).stdout).toMatch(/program sees No such file or directory \(ENOENT\)/);
    expect((await run('shipper@web app@web --over volume', world)).stdout).toMatch(/program sees Read-only file system \(EROFS\)/);
  });
});
