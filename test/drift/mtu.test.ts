import { expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';
import { driftOf, type Files, flowText, healthy } from './world.ts';

/** Handshakes are small: only packets of a size meet an MTU. */

const LINK = 'state/node-1/ip-link';
const LINE = '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1300 qdisc noqueue state UP mode DEFAULT group default qlen 1000';
const LINKS = [
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000',
  '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0',
  LINE,
  '    link/ether 02:00:c0:a8:01:0b brd ff:ff:ff:ff:ff:ff promiscuity 0',
  '3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000',
  '    link/ether 0a:58:0a:f4:01:01 brd ff:ff:ff:ff:ff:ff promiscuity 0',
  '    bridge forward_delay 1500 hello_time 200 max_age 2000',
  '4: veth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cni0 state UP mode DEFAULT group default qlen 1000',
  '    link/ether 0a:58:00:00:00:04 brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 1',
  '    veth',
  '    bridge_slave state forwarding priority 32 cost 2 hairpin on',
  '',
];

const narrow = async (): Promise<Files> => ({ ...(await healthy()), [LINK]: LINKS.join('\n') });

test('an MTU that no packet meets is counted, and what would ask about it is said', async () => {
  const files = await narrow();
  const drift = await driftOf(files);
  expect([drift.status, drift.asked.size, drift.withoutEffect]).toEqual([
    0,
    null,
    [
      {
        node: 'node-1',
        part: 'ip link and ip addr',
        kind: 'mtu',
        text: 'the MTU of eth0 is 1300, and should be 1500',
        source: expect.objectContaining({ file: LINK, line: 3, text: LINE }),
      },
    ],
  ]);
  const { stdout } = await run('drift -f world.yaml --node-state state --width 160', { files });
  expect(stdout).toContain('without effect on what was asked: 1 MTU, on node-1; -v shows each.');
  expect(stdout).toContain('--size BYTES asks about such');
});

test.each([
  ['1301', ['a -> b 8080: delivered, rejected MTU_EXCEEDED']],
  ['1300', []],
  // A pod makes segments of its own MTU of it, 1500.
  ['1501', ['a -> b 8080: delivered, rejected MTU_EXCEEDED']],
])('--size %s', async (size, flows) => {
  const drift = await driftOf(await narrow(), `--from a --to b --size ${size}`);
  expect([drift.asked.size, drift.flows.map(flowText)]).toEqual([Number(size), flows]);
  for (const { cause } of drift.flows)
    expect(cause).toMatchObject({
      kind: 'device',
      text: 'the MTU of eth0 is 1300, and should be 1500',
      source: { file: LINK, line: 3 },
      restore: { commands: ['ip link set dev eth0 mtu 1500'] },
    });
});

test('a size that no IP packet has', async () => {
  const { status, stderr } = await run('drift -f world.yaml --node-state state --size 10', { files: await narrow() });
  expect([status, stderr]).toEqual([2, expect.stringContaining('--size 10: expected the bytes of an IP packet, from 64 to 65535')]);
});
