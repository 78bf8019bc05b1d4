import { describe, expect, test } from 'vitest';
import type { DriftDocument } from '../../src/index.ts';
import { run } from '../cli/fake-io.ts';

/** Something that is wrong with a node is planted into what was found there: which flows end otherwise, and which line makes them. */

const WORLD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, labels: { app: a }, containers: [ { name: c, ports: [ { containerPort: 8080 } ] } ] }
  - { name: b, node: node-2, ip: 10.244.2.10, labels: { app: b }, containers: [ { name: c, ports: [ { containerPort: 8080 } ] } ] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: b }, ports: [ { port: 80, targetPort: 8080 } ] }
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 } }
`;

type Files = Readonly<Record<string, string>>;

/** What the compiled node has, as commands print it. */
async function healthy(world = WORLD): Promise<Files> {
  const rules = await run('show node node-1 --rules -f world.yaml', { files: { 'world.yaml': world } });
  return {
    'world.yaml': world,
    'state/node-1/iptables-save': rules.stdout,
    'state/node-1/ip-route': `default via 192.168.1.1 dev eth0
10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1
10.244.2.0/24 via 192.168.1.12 dev eth0
192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.11
`,
    'state/node-1/sysctl': 'net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.conf.all.route_localnet = 1\n',
  };
}

async function driftOf(files: Files, argv = ''): Promise<DriftDocument & { readonly status: number }> {
  const { status, stdout, stderr } = await run(`drift -f world.yaml --node-state state -o json ${argv}`, { files });
  if (stdout === '') throw new Error(stderr);
  return { ...JSON.parse(stdout), status };
}

const edited = (files: Files, name: string, edit: (text: string) => string): Files => {
  const text = files[name];
  if (text === undefined || edit(text) === text) throw new Error(`${name}: the edit changes nothing`);
  return { ...files, [name]: edit(text) };
};

const without = (pattern: RegExp) => (text: string) => text.replace(pattern, '');
const lineOf = (files: Files, name: string, text: string) => (files[name] ?? '').split('\n').findIndex((l) => l.startsWith(text)) + 1;

/** `Pod/default/a -> Pod/default/b 8080: delivered, dropped NO_ROUTE`. */
const flowText = ({ source, destination, port, should, has }: DriftDocument['flows'][number]) => {
  const short = (name: string) => name.replace(/^(Pod|Service)\/default\//, '');
  return `${short(source)} -> ${short(destination)} ${port ?? 'icmp'}: ${should.code ?? should.outcome}, ${has.outcome} ${has.code ?? ''}`.trim();
};

const SAVE = 'state/node-1/iptables-save';
const ROUTES = 'state/node-1/ip-route';
const SYSCTL = 'state/node-1/sysctl';
const FORWARD_REJECT = '-A FORWARD -i cni0 -j REJECT --reject-with icmp-port-unreachable';
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
      });
    expect(drift.withoutEffect).toEqual([]);
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

describe('rules of a policy enforcer, beside what the policies say', () => {
  const policed = `${WORLD.replace('cni: bridge', 'cni: bridge, networkPolicy: kube-router')}networkPolicies:
  - { name: b, podSelector: { matchLabels: { app: b } }, ingress: [ { from: [ { podSelector: { matchLabels: { app: PEER } } } ] } ] }
`;
  const filter = (source: string) => `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-POD-FW-LRCPJNWZQ5EDSB6L - [0:0]
:KUBE-NWPLCY-7GK2QXNVEJT4WFUH - [0:0]
-A FORWARD -d 10.244.2.10/32 -j KUBE-POD-FW-LRCPJNWZQ5EDSB6L
-A KUBE-POD-FW-LRCPJNWZQ5EDSB6L -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-POD-FW-LRCPJNWZQ5EDSB6L -d 10.244.2.10/32 -m comment --comment "run through nw policy b" -j KUBE-NWPLCY-7GK2QXNVEJT4WFUH
-A KUBE-POD-FW-LRCPJNWZQ5EDSB6L -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-NWPLCY-7GK2QXNVEJT4WFUH -s ${source} -j MARK --set-xmark 0x10000/0x10000
COMMIT
`;
  const asked = (peer: string, source: string) =>
    driftOf({ 'world.yaml': policed.replace('PEER', peer), 'state/node-2/iptables-save': filter(source) }, '--from a --to b');

  test.each([
    ['both let it pass', 'a', '10.244.1.10/32'],
    ['both refuse', 'nobody', '10.244.9.9/32'],
  ])('%s: no drift', async (_, peer, source) => {
    expect((await asked(peer, source)).status).toBe(0);
  });

  test('policies refuse, and the rules let it pass', async () => {
    const { flows } = await asked('nobody', '10.244.1.10/32');
    expect(flows.map((f) => [f.should.code, f.has.outcome])).toEqual([['POLICY_DEFAULT_DENY', 'delivered']]);
    expect(flows[0]?.cause).toMatchObject({
      kind: 'policy-rules',
      policyDrift: true,
      node: 'node-2',
      source: { line: 11, text: '-A KUBE-NWPLCY-7GK2QXNVEJT4WFUH -s 10.244.1.10/32 -j MARK --set-xmark 0x10000/0x10000' },
    });
  });

  test('policies let it pass, and the rules refuse', async () => {
    const { flows } = await asked('a', '10.244.9.9/32');
    expect(flows.map((f) => [f.should.outcome, f.has.code])).toEqual([['delivered', 'FILTER_REJECT']]);
    expect(flows[0]?.cause).toMatchObject({ kind: 'policy-rules', policyDrift: true, source: { line: 10 } });
  });
});

describe('what is asked', () => {
  const expecting = `${WORLD}expect:\n  - { from: a, to: b:8080 }\n  - { from: a, to: nosuch:80 }\n`;

  test('what the input expects, if it expects anything', async () => {
    const files = edited(await healthy(expecting), ROUTES, without(/^10\.244\.2\.0.*\n/m));
    const drift = await driftOf(files);
    expect(drift.asked).toEqual({ nodes: ['node-1'], by: 'expectations', flows: 1, notAsked: 1 });
    expect(drift.flows[0]).toMatchObject({ source: 'a', destination: 'b:8080', cause: { kind: 'missing-route' } });
    expect((await driftOf(files, '--no-expectations')).asked.by).toBe('pairs');
    expect((await driftOf(files, '--from a --to svc/web')).asked).toMatchObject({ by: 'pairs', flows: 1 });
  });

  test('one node: what was found on the others does not count', async () => {
    const healthyFiles = await healthy();
    const files: Files = { ...healthyFiles, 'state/node-2/sysctl': 'net.ipv4.ip_forward = 0\n' };
    expect((await driftOf(files)).status).toBe(1);
    expect((await driftOf(files, 'node-1')).status).toBe(0);
    expect((await driftOf(files, 'node/node-2')).flows.every((f) => f.cause?.node === 'node-2')).toBe(true);
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
