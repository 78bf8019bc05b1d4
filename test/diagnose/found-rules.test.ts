import { describe, expect, test } from 'vitest';
import { traceSchema } from '../../src/document/trace-schema.ts';
import { run } from '../cli/fake-io.ts';

/** Rules on a node that are none of the cluster's are to blame for what they stop, whatever service it was for: that is not kube-proxy's doing. */

const CLUSTER = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: flannel, kubeProxy: { mode: nftables } }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: web, node: node-1, ip: 10.244.1.2 }
  - { name: db, node: node-2, ip: 10.244.2.2, labels: { app: db }, containers: [{ name: pg, ports: [{ containerPort: 5432 }] }] }
services:
  - { name: db, clusterIP: 10.96.0.10, selector: { app: db }, ports: [{ port: 5432 }] }
internet: { gateway: { ip: 192.168.1.1 } }
`;

/** The rules of node-1 as nft lists them. */
async function listed(cluster = CLUSTER): Promise<string> {
  const { stdout } = await run('show node node-1 --rules -f c.yaml', { files: { 'c.yaml': cluster } });
  return stdout.slice(stdout.indexOf('table ip kube-proxy {')).split('\n# ')[0] ?? '';
}

const table = (hook: string, ...rules: readonly string[]) =>
  `table ip fw {\n\tchain pre {\n\t\ttype filter hook ${hook}; policy accept;\n${rules.map((r) => `\t\t${r}\n`).join('')}\t}\n}\n`;

async function asked(question: string, nft: string, cluster = CLUSTER) {
  const files = { 'c.yaml': cluster, 'state/node-1/nft.txt': nft };
  const { stdout, stderr } = await run(`${question} -f c.yaml --node-state state -o json`, { files });
  if (stdout === '') throw new Error(stderr);
  return traceSchema.parse(JSON.parse(stdout));
}

const inChain = (name: string, rule: string) => (text: string) => text.replace(`chain ${name} {\n`, `chain ${name} {\n\t\t${rule}\n`);
const beside = (more: string) => (text: string) => `${text}${more}`;
const LOCAL = CLUSTER.replace('ports: [{ port: 5432 }]', 'ports: [{ port: 5432 }], internalTrafficPolicy: Local');

interface Row {
  readonly what: string;
  readonly change: (text: string) => string;
  readonly from?: string;
  readonly to?: string;
  readonly cluster?: string;
  readonly code: string;
  readonly client: string;
  /** The line of the rule. Undefined: it is not one of the rules. */
  readonly rule?: string;
}

/** What the client sees of a refusal was held against Linux 6.18 (`lab verify` with these files); the other rows follow from the rules. */
describe('who ended it', () => {
  test.each<Row>([
    {
      what: 'a drop among the services',
      change: inChain('services', 'ip daddr 10.96.0.10 drop'),
      code: 'FILTER_DROP',
      client: 'time-out',
      rule: 'ip daddr 10.96.0.10 drop',
    },
    {
      what: 'a refusal among the services, in a chain of type nat',
      change: inChain('services', 'ip daddr 10.96.0.10 reject'),
      code: 'FILTER_REJECT',
      client: 'refused',
      rule: 'ip daddr 10.96.0.10 reject',
    },
    {
      what: 'a refusal that says so',
      change: inChain('services', 'ip daddr 10.96.0.10 reject with icmp type host-unreachable'),
      code: 'FILTER_REJECT',
      client: 'host-unreachable',
      rule: 'ip daddr 10.96.0.10 reject with icmp type host-unreachable',
    },
    {
      what: 'a refusal of what a node sends itself',
      change: inChain('services', 'ip daddr 10.96.0.10 reject'),
      from: 'node-1',
      code: 'FILTER_REJECT',
      client: 'refused',
      rule: 'ip daddr 10.96.0.10 reject',
    },
    {
      what: 'a drop in a table of its own, at priority raw',
      change: beside(table('prerouting priority raw', 'ip daddr 10.96.0.10 drop')),
      code: 'FILTER_DROP',
      client: 'time-out',
      rule: 'ip daddr 10.96.0.10 drop',
    },
    {
      what: 'a refusal in a table of its own, at priority raw',
      change: beside(table('prerouting priority raw', 'ip daddr 10.96.0.10 reject')),
      code: 'FILTER_REJECT',
      client: 'refused',
      rule: 'ip daddr 10.96.0.10 reject',
    },
    {
      what: 'an address of the services that none has',
      change: inChain('services', 'ip daddr 10.96.0.99 drop'),
      to: '10.96.0.99:80',
      code: 'FILTER_DROP',
      client: 'time-out',
      rule: 'ip daddr 10.96.0.99 drop',
    },
    {
      what: "kube-proxy's own drop, for want of an endpoint on the node",
      change: (text) => text,
      cluster: LOCAL,
      code: 'NO_LOCAL_ENDPOINTS',
      client: 'time-out',
    },
    // Nothing translates it, and so it comes to a chain that would never see it.
    {
      what: 'a drop behind NAT, where the services have no rules',
      change: (text) =>
        text.replace(/\n\t\tip daddr 10.96.0.10 [^\n]*|elements = \{ 10.96.0.10 . tcp[^\n]*/g, '') +
        table('forward priority -120', 'ip daddr 10.96.0.0/12 drop'),
      code: 'PROXY_NOT_RUNNING',
      client: 'time-out',
    },
  ])('$what', async ({ change, from = 'web', to = 'svc/db', cluster = CLUSTER, code, client, rule }) => {
    const nft = change(await listed(cluster));
    const { reason } = await asked(`${from} ${to}`, nft, cluster);
    const line = reason?.source?.file === 'state/node-1/nft.txt' ? nft.split('\n')[reason.source.line - 1]?.trim() : undefined;
    expect({ code: reason?.code, client: reason?.client, rule: line }).toEqual({ code, client, rule });
  });
});

const POLICY = (hook: string) => table(hook).replace('policy accept', 'policy drop');
const ROUTES =
  '# ip route\n10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1\n192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.11\n';

/** That of the policy was run in a kernel: it takes that back, and nothing else of its table. */
describe('what mends it is done on the machine, and is no more than is needed', () => {
  test.each([
    [
      'a rule',
      table('forward priority 0', 'tcp dport 22 accept', 'tcp dport 5432 drop'),
      /^change the rule tcp dport 5432 drop \(state\/node-1\/nft\.txt:5\), or on node-1: delete that rule alone: nft -a list chain ip fw pre shows its handle/,
    ],
    [
      'a rule with its handle',
      table('forward priority 0', 'tcp dport 5432 drop # handle 7'),
      /, or on node-1: nft delete rule ip fw pre handle 7$/,
    ],
    [
      'a policy',
      POLICY('forward priority 0'),
      /^change the policy of pre, .* \(state\/node-1\/nft\.txt:3\); on node-1: nft chain ip fw pre '\{ policy accept; \}'$/,
    ],
    [
      'a rule of iptables',
      '# iptables-save\n*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -i lo -j ACCEPT\n-A FORWARD -d 10.244.2.2/32 -j DROP\nCOMMIT\n',
      / \(state\/node-1\/nft\.txt:5\), or on node-1: iptables -t filter -D FORWARD -d 10\.244\.2\.2\/32 -j DROP$/,
    ],
    ['a route', ROUTES, /^on node-1: ip route add 10\.244\.2\.0\/24 via 10\.244\.2\.0 dev flannel\.1 onlink \(as flannel has it\)$/],
    ['a setting', '# sysctl -a\nnet.ipv4.ip_forward = 0\n', /; on the machine: sysctl -w net\.ipv4\.ip_forward=1$/],
  ])('%s', async (_, state, fix) => {
    const { reason } = await asked('web 10.244.2.2:5432', state, CLUSTER.replace(/internet: .*\n/, ''));
    expect(reason?.fix[0]).toMatch(fix);
  });
});

/** A target that no object has any more, with and without an entry of a neighbour that says so. */
test.each([
  ['nobody has it', ''],
  ['its neighbour entry is failed', '10.244.2.9 dev cni0 FAILED\n'],
])('a rule that sends to what is no endpoint any more: %s', async (_, neighbours) => {
  const nft = (await listed()).replaceAll('10.244.2.2', '10.244.2.9');
  const files = {
    'c.yaml': CLUSTER,
    'state/node-1/nft.txt': nft,
    ...(neighbours === '' ? {} : { 'state/node-2/ip-neigh.txt': neighbours }),
  };
  const { stdout } = await run('web svc/db -f c.yaml --node-state state -o json', { files });
  const { reason } = traceSchema.parse(JSON.parse(stdout));
  expect(reason?.code).toBe('NEIGHBOUR_UNREACHABLE');
  expect(reason?.fix).toEqual([
    expect.stringMatching(
      /^the rules of node-1 send service db to 10\.244\.2\.9:5432 \(state\/node-1\/nft\.txt:\d+\), which is no endpoint of it \(10\.244\.2\.2:5432 is\): let kube-proxy write/,
    ),
  ]);
});

describe('what drops for a mark is not to blame, but the rule that has set it', () => {
  const SAVE = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-FW-A - [0:0]
:KUBE-MARK-DROP - [0:0]
-A PREROUTING -d 10.244.2.2/32 -j KUBE-FW-A
-A KUBE-FW-A -s 10.9.0.0/16 -j RETURN
-A KUBE-FW-A -j KUBE-MARK-DROP
-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m mark --mark 0x8000/0x8000 -j DROP
COMMIT
`;
  test.each([
    [
      'by a chain that does only that: the rule that leads there',
      SAVE,
      /-A KUBE-FW-A -j KUBE-MARK-DROP .*iptables -t nat -D KUBE-FW-A -j KUBE-MARK-DROP$/,
    ],
    [
      'by a rule itself',
      SAVE.replace('-A KUBE-FW-A -j KUBE-MARK-DROP', '-A KUBE-FW-A -p tcp -j MARK --set-xmark 0x8000/0x8000'),
      /-A KUBE-FW-A -p tcp -j MARK .*iptables -t nat -D KUBE-FW-A -p tcp -j MARK --set-xmark 0x8000\/0x8000$/,
    ],
    [
      'for no mark',
      SAVE.replace('-m mark --mark 0x8000/0x8000', '-p tcp'),
      /change the rule -A FORWARD -p tcp -j DROP .*iptables -t filter -D FORWARD -p tcp -j DROP$/,
    ],
  ])('%s', async (_what, save, expected) => {
    const trace = await asked('web 10.244.2.2:5432', save);
    expect(trace.paths[0]?.reason?.code).toBe('FILTER_DROP');
    expect(trace.paths[0]?.reason?.fix).toEqual([expect.stringMatching(expected)]);
  });
});

describe('a route that a plugin has by its tunnel, and that is not there', () => {
  const ROUTES =
    'default via 192.168.1.1 dev eth0\n10.244.1.0/24 dev cni0 scope link\n192.168.1.0/24 dev eth0 scope link src 192.168.1.11\n';
  test.each([
    [
      'is told as the plugin has it',
      CLUSTER,
      'on node-1: ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink (as flannel has it)',
    ],
    [
      'without a tunnel, by the other node',
      CLUSTER.replace('cni: flannel', 'cni: bridge'),
      'on node-1: ip route add 10.244.2.0/24 via 192.168.1.12 (what was found on node-1 wins over the input)',
    ],
  ])('%s', async (_what, cluster, fix) => {
    const files = { 'c.yaml': cluster, 'state/node-1/ip-route': ROUTES };
    const { stdout } = await run('web 10.244.2.2:5432 -f c.yaml --node-state state -o json', { files });
    const reason = traceSchema.parse(JSON.parse(stdout)).paths[0]?.reason;
    expect(reason?.code).toBe('NO_ROUTE');
    expect(reason?.fix).toEqual([fix]);
  });
});

test('a check advises what has been tried, too: behind the rule is the policy', async () => {
  const rules = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -d 10.244.2.2/32 -j DROP\nCOMMIT\n';
  const files = {
    'c.yaml': `${CLUSTER}expect:\n  - { from: web, to: '10.244.2.2:5432' }\n`,
    'state/node-1/iptables-save': rules,
  };
  const { stdout } = await run('check -f c.yaml --node-state state -o json', { files });
  expect(stdout).toContain('iptables -t filter -I FORWARD -s 10.244.1.2/32 -d 10.244.2.2/32 -p tcp -m tcp --dport 5432 -j ACCEPT');
  expect(stdout).toContain('iptables -t filter -I FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT');
  expect(stdout).not.toContain('-D FORWARD');
});
