import { expect, test } from 'vitest';
import type { MatrixDocument } from '../../src/document/matrix-schema.ts';
import type { TraceDocument } from '../../src/document/trace-schema.ts';
import { traceCommand } from '../../src/page/grid/command.ts';
import type { Fact, Group } from '../../src/page/grid/data.ts';
import { run } from '../cli/fake-io.ts';

/** Two namespaces, a policy, a service, a workload of two pods, a block of addresses that a policy tells apart. */
const SHOP = `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [10.244.0.0/16, 'fd00:10:244::/56'], serviceCIDRs: [10.96.0.0/12, 'fd00:10:96::/112'], cni: bridge, kubeProxy: iptables, networkPolicy: calico }
nodes:
  - { name: node-1, ips: [192.168.1.11, 'fd00:1::11'], podCIDRs: [10.244.1.0/24, 'fd00:10:244:1::/64'] }
  - { name: node-2, ips: [192.168.1.12, 'fd00:1::12'], podCIDRs: [10.244.2.0/24, 'fd00:10:244:2::/64'] }
pods:
  - { name: web-1, namespace: shop, node: node-1, labels: { app: web }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: api-1, namespace: shop, node: node-1, labels: { app: api }, containers: [ { name: app, ports: [ { name: http, containerPort: 9000 } ] } ] }
  - { name: db-0, namespace: data, node: node-2, labels: { app: db }, containers: [ { name: app, ports: [ { name: pg, containerPort: 5432 } ] } ] }
  - { name: dns-0, namespace: data, node: node-2, containers: [ { name: app, ports: [ { containerPort: 53, protocol: UDP } ] } ] }
services:
  - { name: db, namespace: data, clusterIP: 10.96.0.11, ipFamilyPolicy: PreferDualStack, selector: { app: db }, ports: [ { name: pg, port: 5432, targetPort: pg } ] }
networkPolicies:
  - { name: deny-all, namespace: data, podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress] }
  - name: db-from-api
    namespace: data
    podSelector: { matchLabels: { app: db } }
    ingress: [ { from: [ { namespaceSelector: {}, podSelector: { matchLabels: { app: api } } }, { ipBlock: { cidr: 203.0.113.0/24 } } ] } ]
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 } }
`;
const files = { 'shop.yaml': SHOP };

/** Every end of a trace, as a connection has it. */
const endsOf = ({ paths, families = [] }: TraceDocument): readonly string[] =>
  [paths, ...families.map((f) => f.paths)].flat().map(({ outcome, reason }) => `${outcome} ${reason?.code ?? null}`);

test('the command of a cell shows what the cell says', async () => {
  const matrix: MatrixDocument = JSON.parse(
    (await run('matrix -f shop.yaml --to workloads,services,nodes,internet --blocked -o json', { files })).stdout,
  );
  const groups = new Map<string, Group>(
    matrix.groups.map(({ id, members, cidrs = [], ...group }) => [id, { ...group, members, size: members.length, cidrs }]),
  );
  const seen = new Map<string, Set<string>>();
  for (const { from, to, family, outcome, code, ...told } of matrix.connections) {
    const [source, destination] = [groups.get(from), groups.get(to)];
    const fact: Fact = { ...told, families: [family], mark: 'reached', says: outcome, codes: [] };
    const command = source && destination ? traceCommand(source, destination, fact) : null;
    if (command === null) continue;
    seen.set(command, (seen.get(command) ?? new Set()).add(`${outcome} ${code}`));
  }
  expect(seen.size).toBeGreaterThan(15);
  expect([...seen.keys()].filter((command) => command.includes('-6'))).not.toEqual([]);
  for (const [command, told] of seen) {
    const words = command.replaceAll("'", '').split(' ').slice(1);
    const { status, stdout, stderr } = await run([...words, '-f', 'shop.yaml', '-o', 'json'], { files });
    expect(status, `${command}: ${stderr}`).not.toBe(2);
    const trace: TraceDocument & { traces?: readonly TraceDocument[] } = JSON.parse(stdout);
    const ends = (trace.traces ?? [trace]).flatMap(endsOf);
    expect(ends, command).toEqual(expect.arrayContaining([...told]));
  }
});

const pod = (name: string): Group => ({ kind: 'Pod', namespace: 'a', name, members: [name], size: 1 });
const fact: Fact = {
  mark: 'reached',
  families: ['IPv4'],
  protocol: 'tcp',
  ports: ['80-90'],
  says: 'delivered',
  codes: [],
  share: 1,
  assumed: false,
};

test.each<[string | null, Group, Group, Partial<Fact>]>([
  ['k8s-trace a/pod/x a/pod/y:80', pod('x'), pod('y'), {}],
  ['k8s-trace a/pod/x a/pod/y:53/udp', pod('x'), pod('y'), { protocol: 'udp', ports: ['53'] }],
  ['k8s-trace a/pod/x a/pod/y --protocol icmp', pod('x'), pod('y'), { protocol: 'icmp', ports: [] }],
  // A name is a word of the shell, whatever it is.
  ["k8s-trace 'a/pod/x'\\''; rm' a/pod/y:80", pod("x'; rm"), pod('y'), {}],
  // zsh takes brackets for a pattern.
  [
    "k8s-trace a/pod/x '[2001:db8::]:80' -6",
    pod('x'),
    { kind: 'Network', namespace: null, name: '2001:db8::/32', members: [], size: 0, cidrs: ['2001:db8::/32'] },
    { families: ['IPv6'] },
  ],
  [
    'k8s-trace a/pod/w-0 a/pod/y:80 --all-sources',
    { kind: 'Rollout', namespace: 'a', name: 'w', members: ['w-0', 'w-1'], size: 2 },
    pod('y'),
    {},
  ],
  [
    'k8s-trace a/deployment/w a/pod/y:80 --all-sources',
    { kind: 'Deployment', namespace: 'a', name: 'w', members: ['w-0', 'w-1'], size: 2 },
    pod('y'),
    {},
  ],
  // One of the nodes is reached: which, the command does not say.
  [null, pod('x'), { kind: 'Node', namespace: null, name: 'nodes', members: ['n-1', 'n-2'], size: 2 }, { share: 0.5 }],
  // Addresses that nobody has.
  [null, pod('x'), { kind: 'Network', namespace: null, name: '0.0.0.0/5', members: [], size: 0, cidrs: ['0.0.0.0/5', '127.0.0.0/8'] }, {}],
])('%s', (command, from, to, more) => {
  expect(traceCommand(from, to, { ...fact, ...more })).toBe(command);
});
