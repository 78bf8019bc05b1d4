import { describe, expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';
import { driftOf, edited, FORWARD_REJECT, flowText, healthy, lineOf, ROUTES, SAVE, SYSCTL, WORLD, without } from './world.ts';

/** Something that is wrong with a node is planted into what was found there: which flows end otherwise, and which line makes them. */

const PODS_OF_NODE_2 = ['a -> b 8080', 'a -> web 80'];

test('what should be there is no drift', async () => {
  const drift = await driftOf(await healthy());
  expect([drift.status, drift.outcome, drift.flows]).toEqual([0, 'same', []]);
  expect(drift.asked).toMatchObject({ nodes: ['node-1'], by: 'pairs', notAsked: 0 });
});

describe('what is planted is found', () => {
  test('a REJECT that comes first', async () => {
    const files = edited(await healthy(), SAVE, (text) => text.replace('-A FORWARD', `${FORWARD_REJECT}\n-A FORWARD`));
    const drift = await driftOf(files);
    expect(drift.status).toBe(1);
    expect(drift.flows.map(flowText)).toContain('a -> b 8080: delivered, rejected FILTER_REJECT');
    for (const { cause } of drift.flows)
      expect(cause).toMatchObject({
        kind: 'foreign-rule',
        node: 'node-1',
        part: 'iptables filter',
        source: {
          file: SAVE,
          line: lineOf(files, SAVE, FORWARD_REJECT),
          object: 'Node/node-1 iptables filter FORWARD 1',
          text: FORWARD_REJECT,
        },
      });
  });

  test('a nat table without the chains of kube-proxy', async () => {
    const files = edited(await healthy(), SAVE, (text) =>
      text.replace(/\*nat[\s\S]*?COMMIT/, (table) => table.replace(/^(-A .*|:(KUBE|POD)-.*)\n/gm, '')),
    );
    const drift = await driftOf(files);
    const toService = drift.flows.filter((f) => f.destination === 'Service/default/web');
    expect(toService.map((f) => [flowText(f).replace(/:.*/, ''), f.has.outcome === 'delivered'])).toContainEqual(['a -> web 80', false]);
    expect(toService[0]?.cause).toMatchObject({
      kind: 'missing-table',
      text: 'iptables nat has no rules',
      source: { file: SAVE, line: null },
    });
  });

  test('a rule of a service that is not there', async () => {
    const files = edited(await healthy(), SAVE, without(/^-A KUBE-SERVICES -d 10\.96\.0\.10.*\n/m));
    const [flow] = (await driftOf(files, '--from a --to svc/web')).flows;
    expect(flow?.cause).toMatchObject({ kind: 'missing-rule', part: 'iptables nat', source: { file: SAVE, line: null } });
    expect(flow?.cause?.text).toMatch(/^a rule of iptables nat is not there: -A KUBE-SERVICES -d 10\.96\.0\.10\/32 /);
  });

  test('an endpoint that is another pod', async () => {
    const files = edited(await healthy(), SAVE, (text) =>
      text.replace('--to-destination 10.244.2.10:8080', '--to-destination 10.244.1.10:8080'),
    );
    const [flow] = (await driftOf(files, '--from node/node-1 --to svc/web')).flows;
    expect([flow?.should.endpoints, flow?.has.endpoints]).toEqual([['default/b:8080'], ['default/a:8080']]);
    expect(flow?.cause).toMatchObject({ kind: 'missing-rule', part: 'iptables nat' });
  });

  test('no route to the pods of another node', async () => {
    const files = edited(await healthy(), ROUTES, without(/^10\.244\.2\.0.*\n/m));
    const drift = await driftOf(files, '--from a');
    expect(drift.flows.map((f) => flowText(f).replace(/:.*/, ''))).toEqual(PODS_OF_NODE_2);
    for (const { cause } of drift.flows)
      expect(cause).toMatchObject({
        kind: 'missing-route',
        text: 'no route to 10.244.2.0/24 via 192.168.1.12 dev eth0: packets go by default via 192.168.1.1 dev eth0',
        source: { file: ROUTES, line: 1, text: 'default via 192.168.1.1 dev eth0' },
      });
  });

  test('a route to nobody', async () => {
    const files = edited(await healthy(), ROUTES, (text) => text.replace('via 192.168.1.12', 'via 192.168.1.77'));
    const drift = await driftOf(files, '--from a --to b');
    expect(drift.flows.map(flowText)).toEqual(['a -> b 8080: delivered, rejected NEXT_HOP_UNKNOWN']);
    expect(drift.flows[0]?.cause).toMatchObject({ kind: 'wrong-route', source: { file: ROUTES, line: 3 } });
  });

  test('a setting', async () => {
    const files = edited(await healthy(), SYSCTL, (text) => text.replace('ip_forward = 1', 'ip_forward = 0'));
    const drift = await driftOf(files, '--from a --to b');
    expect(drift.flows.map(flowText)).toEqual(['a -> b 8080: delivered, dropped FORWARDING_DISABLED']);
    expect(drift.flows[0]?.cause).toMatchObject({
      kind: 'setting',
      part: 'net.ipv4.ip_forward',
      text: 'net.ipv4.ip_forward is 0, and should be 1',
      source: { file: SYSCTL, line: 1, text: 'net.ipv4.ip_forward = 0' },
    });
  });

  const VPN = (address: string) => `table inet vpn {
\tchain fwd {
\t\ttype filter hook forward priority -10; policy accept;
\t\tip daddr ${address} drop
\t}
}
`;

  test('a table of nft that drops what iptables lets through', async () => {
    const files = { ...(await healthy()), 'state/node-1/nft-ruleset': VPN('10.244.2.0/24') };
    const drift = await driftOf(files, '--from a');
    expect(drift.flows.map((f) => flowText(f).replace(/:.*/, ''))).toEqual(PODS_OF_NODE_2);
    for (const { cause } of drift.flows)
      expect(cause).toMatchObject({
        kind: 'foreign-rule',
        part: 'nft inet vpn',
        source: { file: 'state/node-1/nft-ruleset', line: 4, text: 'ip daddr 10.244.2.0/24 drop' },
        restore: { commands: [], words: expect.stringMatching(/^delete that rule alone: nft -a list chain inet vpn fwd shows its handle/) },
      });
    expect(drift.withoutEffect).toEqual([]);
  });

  test('one whose chain drops what none of its rules lets through', async () => {
    const files = {
      ...(await healthy()),
      'state/node-1/nft-ruleset':
        'table inet vpn {\n\tchain fwd {\n\t\ttype filter hook forward priority -10; policy drop;\n\t\toifname "wg0" accept\n\t}\n}\n',
    };
    const drift = await driftOf(files, '--from a --to b');
    expect(drift.flows.map(flowText)).toEqual(['a -> b 8080: delivered, dropped FILTER_DROP']);
    for (const { cause } of drift.flows)
      expect(cause).toMatchObject({
        kind: 'chain-policy',
        text: 'the policy of fwd of nft inet vpn is DROP',
        source: { file: 'state/node-1/nft-ruleset', line: 3, text: 'type filter hook forward priority -10; policy drop;' },
        restore: { by: null, commands: ["nft chain inet vpn fwd '{ policy accept; }'"] },
      });
  });

  test('one that changes nothing is counted', async () => {
    const files = { ...(await healthy()), 'state/node-1/nft-ruleset': VPN('10.99.0.0/24') };
    const drift = await driftOf(files);
    const source = {
      file: 'state/node-1/nft-ruleset',
      line: 4,
      object: 'Node/node-1 nft inet vpn fwd 1',
      text: 'ip daddr 10.99.0.0/24 drop',
    };
    expect([drift.status, drift.withoutEffect]).toEqual([
      0,
      [{ node: 'node-1', part: 'nft inet vpn', kind: 'table', text: 'table inet vpn', source }],
    ]);
  });

  test('rules, routes and settings that change nothing are counted, and -v shows each', async () => {
    const rule = '-A FORWARD -i docker0 -j ACCEPT';
    const route = '172.17.0.0/16 dev cni0 scope link src 172.17.0.1';
    const setting = 'net.ipv4.conf.eth0.rp_filter = 2';
    let files = edited(await healthy(), SAVE, (text) => text.replace('-A FORWARD', `${rule}\n-A FORWARD`));
    files = edited(files, ROUTES, (text) => `${text}${route}\n`);
    files = edited(files, SYSCTL, (text) => `${text}${setting}\n`);
    const { status, withoutEffect } = await driftOf(files);
    expect([status, withoutEffect.map(({ kind, source }) => [kind, source?.text])]).toEqual([
      0,
      [
        ['rule', rule],
        ['route', route],
        ['setting', setting],
      ],
    ]);
    const { stdout } = await run('drift -f world.yaml --node-state state --width 160', { files });
    expect(stdout).toContain(
      "Not the cluster's, or not as it should be, and without effect on what was asked: 1 rule of iptables, 1 route, 1 setting, on node-1; -v shows each.",
    );
    const all = (await run('drift -f world.yaml --node-state state -v --width 160', { files })).stdout;
    for (const line of [rule, route, setting]) expect(all).toContain(line);
  });

  test('a rule that was among the causes is not without effect', async () => {
    const files = edited(await healthy(), SAVE, (text) => text.replace('-A FORWARD', `${FORWARD_REJECT}\n-A FORWARD`));
    expect((await driftOf(files)).withoutEffect).toEqual([]);
  });

  test('what is dropped on the way to a node port of another node is dropped by the rule, and not for want of kube-proxy', async () => {
    const world = WORLD.replace('10.96.0.10, selector', '10.96.0.10, type: NodePort, selector').replace(
      'targetPort: 8080 }',
      'targetPort: 8080, nodePort: 30080 }',
    );
    const files = edited(await healthy(world), SAVE, (text) => text.replace('-A FORWARD', `${FORWARD_REJECT}\n-A FORWARD`));
    const drift = await driftOf(files, '--from a --to node/node-2 -p 30080');
    expect(drift.flows.map((f) => [f.destination, f.port, f.has.code])).toEqual([['Node/node-2', 30080, 'FILTER_REJECT']]);
  });

  test('rules that nobody models: of these flows nobody knows', async () => {
    const rule = '-A FORWARD -i cni0 -m bpf --bytecode "1,6 0 0 65535" -j DROP';
    const files = edited(await healthy(), SAVE, (text) => text.replace('-A FORWARD', `${rule}\n-A FORWARD`));
    const drift = await driftOf(files, '--from a --to b');
    expect([drift.status, drift.outcome]).toEqual([3, 'undetermined']);
    expect(drift.flows[0]).toMatchObject({
      kind: 'undetermined',
      cause: { kind: 'unmodelled-rule', source: { line: lineOf(files, SAVE, rule) } },
    });
  });

  // The kernel's own entry for all-nodes multicast is there, and that of the other node's tunnel is not.
  test('no entry in the forwarding table of a tunnel', async () => {
    const world = WORLD.replace('cni: bridge', 'cni: { plugin: flannel, backend: { type: vxlan } }');
    const files = { 'world.yaml': world, 'state/node-1/bridge-fdb': '33:33:00:00:00:01 dev eth0 self permanent\n' };
    const drift = await driftOf(files, '--from a --to b');
    expect(drift.flows.map(flowText)).toEqual(['a -> b 8080: delivered, dropped TUNNEL_PEER_UNKNOWN']);
    expect(drift.flows[0]?.cause).toMatchObject({
      kind: 'fdb',
      part: 'bridge fdb',
      text: 'the forwarding table of flannel.1 has no entry for the tunnel to 192.168.1.12',
      source: { file: 'state/node-1/bridge-fdb', line: null },
    });
  });

  test('two that need each other: neither alone is to blame', async () => {
    const vpn = { ...(await healthy()), 'state/node-1/nft-ruleset': VPN('10.244.2.0/24') };
    const files = edited(vpn, SAVE, (text) => text.replace('-A FORWARD', `${FORWARD_REJECT}\n-A FORWARD`));
    const [flow] = (await driftOf(files, '--from a --to b')).flows;
    expect(flow?.cause).toMatchObject({
      part: 'nft inet vpn',
      together: ["node-1: a rule of iptables filter that is not the cluster's comes first"],
      instead: [],
    });
  });
});
