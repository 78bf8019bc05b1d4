import { expect, test } from 'vitest';
import { traceSchema } from '../../src/document/trace-schema.ts';
import type { PathDocument, TraceDocument } from '../../src/index.ts';
import { run } from '../cli/fake-io.ts';

/** web's endpoint is pod-b. pod-c was one once; 10.244.2.99 was a pod once. */
const CLUSTER = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: pod-a, node: node-1, ip: 10.244.1.10, containers: [ { name: app } ] }
  - { name: pod-b, node: node-2, ip: 10.244.2.10, labels: { app: web }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 }, { name: dns, containerPort: 53, protocol: UDP } ] } ] }
  - { name: pod-c, node: node-2, ip: 10.244.2.11, labels: { app: old }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { name: http, port: 80, targetPort: http }, { name: dns, port: 53, protocol: UDP, targetPort: dns } ] }
internet: { gateway: { ip: 192.168.1.1 } }
`;

const UNTRANSLATED =
  'udp 17 29 src=10.244.1.10 dst=10.96.0.10 sport=5000 dport=53 [UNREPLIED] src=10.96.0.10 dst=10.244.1.10 sport=53 dport=5000 mark=0 use=1';
const TRANSLATED =
  'udp 17 29 src=10.244.1.10 dst=10.96.0.10 sport=5001 dport=53 src=10.244.2.10 dst=10.244.1.10 sport=53 dport=5001 mark=0 use=1';
const tcp = (port: number, pod: string, state = 'ESTABLISHED') =>
  `tcp 6 431999 ${state} src=10.244.1.10 dst=10.96.0.10 sport=${port} dport=80 src=${pod} dst=10.244.1.10 sport=8080 dport=${port} [ASSURED] mark=0 use=1`;

interface Answer {
  readonly status: number;
  readonly trace: TraceDocument;
}

const ask = (question: string, states: Readonly<Record<string, readonly string[]>>) => {
  const files = Object.fromEntries(Object.entries(states).map(([node, lines]) => [`state/${node}/conntrack.txt`, `${lines.join('\n')}\n`]));
  const flags = Object.keys(states).length === 0 ? '' : '--node-state state ';
  return run(`-f c.yaml ${flags}${question}`, { files: { 'c.yaml': CLUSTER, ...files } });
};

const isAboutConnection = ({ message }: TraceDocument['assumptions'][number]) => / know(s)? the connection/.test(message);
const aboutConnections = (assumptions: TraceDocument['assumptions']) => assumptions.filter(isAboutConnection).map((a) => a.message);

async function traced(question: string, states: Readonly<Record<string, readonly string[]>>): Promise<Answer> {
  const { status, stdout, stderr } = await ask(`${question} -o json`, states);
  if (stdout === '') throw new Error(stderr);
  return { status, trace: traceSchema.parse(JSON.parse(stdout)) };
}

const shown = ({ probability, outcome, reason, endpoint, forward, ack }: PathDocument) => {
  const first = forward.hops[0]?.packet;
  return {
    share: Math.round(probability * 100),
    outcome,
    code: reason?.code ?? null,
    to: endpoint === null ? null : `${endpoint.ip}:${endpoint.port}`,
    sent: `${first?.tcpFlags ?? 'UDP'} from ${first?.sourcePort}`,
    ack: ack !== null,
  };
};

// Kubernetes#106274: the entry that was made while the service had no endpoint outlives that, and is renewed by each packet.
test('a datagram of a connection that was made without an endpoint goes to the address of the service, which nobody has', async () => {
  const { status, trace } = await traced('pod-a web:53/udp --established', { 'node-1': [UNTRANSLATED] });
  expect(status).toBe(1);
  expect(trace.established).toBe(true);
  expect(trace.paths.map(shown)).toEqual([
    { share: 100, outcome: 'dropped', code: 'NO_ROUTE', to: null, sent: 'UDP from 5000', ack: false },
  ]);
  expect(trace.reason?.fix).toEqual([
    'let node-1 forget the connection (conntrack -D -p udp -s 10.244.1.10 -d 10.96.0.10 --dport 53 --reply-src 10.96.0.10): the next packet asks the rules again',
  ]);
  expect(trace.assumptions.find(isAboutConnection)?.source).toMatchObject({ file: 'state/node-1/conntrack.txt', line: 1 });
  // A new one is well.
  const anew = await traced('pod-a web:53/udp', { 'node-1': [UNTRANSLATED] });
  expect(anew.trace.established).toBeUndefined();
  expect(anew.trace.paths.map(shown)).toEqual([
    { share: 100, outcome: 'delivered', code: null, to: '10.244.2.10:53', sent: 'UDP from 40000', ack: false },
  ]);
});

test('a connection keeps the destination that it got, whatever the rules say by now', async () => {
  const { status, trace } = await traced('pod-a web:80 --established', { 'node-1': [tcp(41000, '10.244.2.11')] });
  expect(status).toBe(0);
  expect(trace.paths.map(shown)).toEqual([
    { share: 100, outcome: 'delivered', code: null, to: '10.244.2.11:8080', sent: 'PSH-ACK from 41000', ack: false },
  ]);
  const [nat] = trace.paths[0]?.forward.hops.filter((h) => h.kind === 'nat') ?? [];
  expect(nat?.source).toMatchObject({ file: 'state/node-1/conntrack.txt', line: 1 });
  expect(nat?.evidence).toBe('declared');
  expect(aboutConnections(trace.assumptions)).toEqual([
    'node-1 knows the connection tcp 10.244.1.10:41000 > 10.96.0.10:80, with 10.244.2.11:8080 as its destination',
    'node-2 is taken not to know the connection, and to pick it up where it is: what conntrack -L prints there is not given',
  ]);
});

test('connections that nodes know alike are one path, with their share', async () => {
  const entries = [tcp(41000, '10.244.2.11'), tcp(41001, '10.244.2.11'), tcp(41002, '10.244.2.99'), tcp(41003, '10.244.2.11')];
  const { trace } = await traced('pod-a web:80 --established', { 'node-1': entries });
  expect(trace.outcome).toBe('mixed');
  expect(trace.paths.map(shown)).toEqual([
    { share: 75, outcome: 'delivered', code: null, to: '10.244.2.11:8080', sent: 'PSH-ACK from 41000', ack: false },
    { share: 25, outcome: 'rejected', code: 'NEIGHBOUR_UNREACHABLE', to: null, sent: 'PSH-ACK from 41002', ack: false },
  ]);
});

test('the node of the other end knows it as well: as it was translated', async () => {
  const there =
    'tcp 6 9 ESTABLISHED src=10.244.1.10 dst=10.244.2.11 sport=41000 dport=8080 src=10.244.2.11 dst=10.244.1.10 sport=8080 dport=41000 [ASSURED] mark=0 use=1';
  const { trace } = await traced('pod-a web:80 --established', { 'node-1': [tcp(41000, '10.244.2.11')], 'node-2': [there] });
  expect(trace.paths.map(shown)).toMatchObject([{ outcome: 'delivered', to: '10.244.2.11:8080' }]);
  expect(aboutConnections(trace.assumptions)).toEqual([
    'node-1 knows the connection tcp 10.244.1.10:41000 > 10.96.0.10:80, with 10.244.2.11:8080 as its destination',
    'node-2 knows the connection tcp 10.244.1.10:41000 > 10.244.2.11:8080, with the destination that it has',
  ]);
});

test.each<readonly [name: string, question: string, states: Readonly<Record<string, readonly string[]>>, said: string]>([
  [
    'another port',
    'pod-a pod-b:8080 --established',
    { 'node-1': [UNTRANSLATED, tcp(41000, '10.244.2.11')] },
    'k8s-trace: --established: no node knows a connection from pod-a to pod-b:8080 (port 8080/tcp)\n  from pod-a there are udp 10.244.1.10:5000 > 10.96.0.10:53, tcp 10.244.1.10:41000 > 10.96.0.10:80\n',
  ],
  [
    'another source',
    'pod-c web:53/udp --established',
    { 'node-1': [TRANSLATED] },
    'k8s-trace: --established: no node knows a connection from pod-c to web:53/udp (port 53/udp)\n  to web:53/udp there are udp 10.244.1.10:5001 > 10.96.0.10:53\n',
  ],
  [
    'another zone',
    'pod-a web:53/udp --established',
    { 'node-1': [`${TRANSLATED} zone=3`] },
    'k8s-trace: --established: no node knows a connection from pod-a to web:53/udp (port 53/udp)\n  nodes know none in zone 0, where packets are looked for\n',
  ],
  [
    'no state',
    'pod-a web:80 --established',
    {},
    'k8s-trace: --established: no conntrack state of any node is given\n  add what conntrack -L prints there, with --node-state\n',
  ],
  [
    'a size',
    'pod-a web:80 --established --size 1400',
    { 'node-1': [tcp(41000, '10.244.2.11')] },
    'k8s-trace: --established: how large packets are was agreed when the connection was made\n  leave --size out\n',
  ],
])('there is no such connection: %s', async (_, question, states, said) => {
  const { status, stdout, stderr } = await ask(question, states);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.slice(stderr.indexOf('k8s-trace:'))).toBe(said);
});

// Data comes by a connection between its handshake and its end. Source: the state table of nf_conntrack_proto_tcp.c.
test.each([
  ['SYN_SENT', false],
  ['SYN_RECV', false],
  ['ESTABLISHED', true],
  ['FIN_WAIT', true],
  ['CLOSE_WAIT', true],
  ['LAST_ACK', true],
  ['TIME_WAIT', false],
  ['CLOSE', false],
] as const)('%s is established: %s', async (state, is) => {
  const { status, stderr } = await ask('pod-a web:80 --established', { 'node-1': [tcp(41000, '10.244.2.11', state)] });
  expect(status).toBe(is ? 0 : 2);
  const said = `from pod-a there are tcp 10.244.1.10:41000 > 10.96.0.10:80 (${state}: not established)`;
  expect(stderr.includes(said)).toBe(!is);
});

test("what is asked of a single machine for another address is none of the machine's own", async () => {
  const own = tcp(41000, '10.244.2.99').replaceAll('10.244.1.10', '192.168.77.1');
  const route =
    'default via 192.168.77.254 dev ens3\n192.168.77.0/24 dev ens3 proto kernel scope link src 192.168.77.1\n10.244.1.0/24 dev cni0 scope link\n';
  const files = { 'm/ip-route': route, 'm/sysctl': 'net.ipv4.ip_forward = 1\n' };
  const alone = await run('10.244.1.10 10.96.0.10:80 --established --node-state m', { files: { ...files, 'm/conntrack.txt': `${own}\n` } });
  expect(alone.status).toBe(2);
  expect(alone.stderr).toContain('to 10.96.0.10:80 there are tcp 192.168.77.1:41000 > 10.96.0.10:80');
  const both = `${own}\n${tcp(41001, '10.244.2.11')}\n`;
  const beside = await run('10.244.1.10 10.96.0.10:80 --established --node-state m -o minimal', {
    files: { ...files, 'm/conntrack.txt': both },
  });
  expect(beside.stdout).toContain('10.244.1.10:41001 > 10.244.2.11:8080');
  expect(beside.stdout).not.toContain('192.168.77.1:41000');
});

test('a machine of which no rules are given translates what it knows', async () => {
  const files = {
    'm/ip-route': 'default via 192.168.1.1 dev ens3\n192.168.1.0/24 dev ens3 proto kernel scope link src 192.168.1.11\n',
    'm/conntrack.txt': `${tcp(41000, '10.244.2.11')}\n`,
    'm/sysctl': 'net.ipv4.ip_forward = 1\n',
  };
  const { stdout } = await run('10.244.1.10 10.96.0.10:80 --established --node-state m -o minimal', { files });
  expect(stdout).toContain('ens3 out 10.244.1.10:41000 > 10.244.2.11:8080');
});
