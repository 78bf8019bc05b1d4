// node bench/policies.mjs: a cluster with policies beside the same one without, in CPU time. Each pair in this process, in turns.
import { fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNetwork, policyOf, prepareTrace } from '../dist/index.js';
import { generateCluster, random } from './cluster.mjs';
import { writeObjects } from './objects.mjs';

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** CPU milliseconds of `work`, and what it made. */
function timed(work) {
  const before = process.cpuUsage();
  const made = work();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1000, made];
}

const team = (i) => `team-${i}`;

/** Of a namespace's policies each third is of one app, from another app, from a namespace with a label, and from an address block. */
function policySpec(i, apps) {
  const app = (n) => ({ matchLabels: { app: `app-${n % apps}` } });
  const ports = [{ protocol: 'TCP', port: i % 2 === 0 ? 8080 : 'http' }];
  const peers = [
    [{ podSelector: app(i + 1) }, { podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'edge'] }] } }],
    [{ namespaceSelector: { matchLabels: { group: `g-${i % 10}` } }, podSelector: app(i) }],
    [{ ipBlock: { cidr: '10.128.0.0/9', except: ['10.128.0.0/24'] } }],
  ][i % 3];
  if (i % 4 !== 3) return { podSelector: app(i), policyTypes: ['Ingress'], ingress: [{ from: peers, ports }] };
  return { podSelector: app(i), policyTypes: ['Egress'], egress: [{ to: peers, ports }, { ports: [{ protocol: 'UDP', port: 53 }] }] };
}

/** Pods and services go round the namespaces. */
function clusterWith({ policies, namespaces, services, ...size }) {
  const cluster = generateCluster({ ...size, services, cni: { plugin: 'flannel', backend: 'host-gw' } });
  const namespaced = (thing, i) => ({ namespace: team(i % namespaces), ...thing });
  return {
    ...cluster,
    cluster: { ...cluster.cluster, networkPolicy: 'calico' },
    pods: cluster.pods.map(namespaced),
    services: cluster.services.map(namespaced),
    namespaces: Array.from({ length: namespaces }, (_, i) => ({ name: team(i), labels: { group: `g-${i % 10}` } })),
    ...(policies > 0 && {
      networkPolicies: Array.from({ length: policies }, (_, i) => ({
        name: `policy-${i}`,
        namespace: team(i % namespaces),
        ...policySpec(Math.floor(i / namespaces) * namespaces + (i % namespaces), services),
      })),
    }),
  };
}

function load(files, flags = {}) {
  const loaded = loadNetwork(files, { flags });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics.slice(0, 3)));
  return loaded.value;
}

const bytesOf = (document) => new TextEncoder().encode(JSON.stringify(document));

function ask(network, question) {
  const result = prepareTrace(network, question);
  if (!result.ok) throw new Error(result.message);
  return result.traces.flatMap(({ paths }) => paths.map((p) => p.outcome));
}

function topology() {
  const size = { nodes: 200, podsPerNode: 50, services: 1000, namespaces: 100, policies: 2000 };
  const name = 'cluster.json';
  const [plain, policed] = [0, size.policies].map((policies) => [{ name, bytes: bytesOf(clusterWith({ ...size, policies })) }]);
  const pairs = Array.from({ length: 9 }, () => [plain, policed].map((files) => timed(() => load(files))[0])).slice(2);
  const [without, own] = [0, 1].map((i) => median(pairs.map((p) => p[i])));
  console.log(`10,000 pods in 100 namespaces, 2,000 policies, as a topology: medians of ${pairs.length} pairs`);
  console.log(
    `  load ${own.toFixed(0)} ms beside ${without.toFixed(0)}, ratio ${median(pairs.map(([a, b]) => b / a)).toFixed(2)} (at most 1.20)`,
  );

  const [networks, next] = [[plain, policed].map((files) => load(files)), random(3)];
  const pick = (n) => Math.floor(next() * n);
  const outcomes = new Map();
  const questions = Array.from({ length: 4000 }, () => {
    const [from, to] = [pick(10_000), pick(1000)];
    return {
      source: `${team(from % 100)}/pod-${from}`,
      destination: pick(2) === 0 ? `${team(to % 100)}/svc/svc-${to}` : `${team(to % 100)}/pod-${to}:8080`,
    };
  });
  const flows = questions.map((question) =>
    networks.map((network) => {
      const [ms, found] = timed(() => ask(network, question));
      if (network === networks[1]) for (const o of found) outcomes.set(o, (outcomes.get(o) ?? 0) + 1);
      return ms;
    }),
  );
  const late = flows.slice(2000);
  const mean = (i) => late.reduce((sum, f) => sum + f[i], 0) / late.length;
  console.log(`  first flow ${flows[0][1].toFixed(1)} ms beside ${flows[0][0].toFixed(1)} without policies`);
  console.log(
    `  a flow ${mean(1).toFixed(2)} ms on average, median ${median(late.map((f) => f[1])).toFixed(2)}, beside ${mean(0).toFixed(2)} (at most 1)`,
  );
  console.log(`  ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
}

/** What policies say of one pod and all others, as a document: of the first pod that is asked about, and of a later one. */
async function ofOnePod() {
  const size = { nodes: 200, podsPerNode: 50, services: 1000, namespaces: 100, policies: 2000 };
  const network = load([{ name: 'cluster.json', bytes: bytesOf(clusterWith(size)) }]);
  const asked = [];
  for (const pod of ['team-0/pod-0', 'team-3/pod-3']) {
    const before = process.cpuUsage();
    const answer = await policyOf(network, pod, 'default');
    if (!answer.ok) throw new Error(answer.message);
    const { user, system } = process.cpuUsage(before);
    asked.push((user + system) / 1000);
  }
  console.log(
    `policies of one pod of these 10,000: the first ${asked[0].toFixed(0)} ms (at most 1,000), a later one ${asked[1].toFixed(0)} ms`,
  );
}

function objects() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'objects.json');
  writeObjects(file, 'json', { pods: 5000, nodes: 200, services: 400 });
  const teams = 50;
  const metadata = (name, more) => ({ name, uid: `uid-${name}`, creationTimestamp: '2026-03-04T05:06:07Z', ...more });
  const apiVersion = 'networking.k8s.io/v1';
  const list = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      ...Array.from({ length: teams }, (_, i) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: metadata(team(i), { labels: { group: `g-${i % 10}`, 'kubernetes.io/metadata.name': team(i) } }),
        status: { phase: 'Active' },
      })),
      ...Array.from({ length: 1000 }, (_, i) => ({
        apiVersion,
        kind: 'NetworkPolicy',
        metadata: metadata(`policy-${i}`, { namespace: team(i % teams) }),
        spec: JSON.parse(JSON.stringify(policySpec(i, 400)).replaceAll('"app-', '"frontend-')),
      })),
    ],
  });
  const policies = { name: 'policies.json', bytes: new TextEncoder().encode(list) };
  const opened = () => {
    const fd = openSync(file, 'r');
    return { name: file, size: fstatSync(fd).size, read: (into, offset) => readSync(fd, into, 0, into.length, offset) };
  };
  const question = { source: 'team-0/pod/frontend-0-7d9c6b8f5d-0', destination: 'team-1/svc/frontend-1' };
  const flags = { networkPolicy: 'calico' };
  const answer = (files) => timed(() => ask(load(files, flags), question));
  const engine = () => timed(() => [JSON.parse(readFileSync(file, 'utf8')), JSON.parse(list)])[0];
  const rounds = Array.from({ length: 5 }, () => [engine(), answer([opened()])[0], answer([opened(), policies])]);
  const [parse, plain, policed] = [(r) => r[0], (r) => r[1], (r) => r[2][0]].map((f) => median(rounds.map(f)));
  console.log('5,000 pods, 1,000 policies as JSON, from the files to an explained answer: medians of 5');
  console.log(
    `  ${policed.toFixed(0)} ms (first ${rounds[0][2][0].toFixed(0)}), without the policies ${plain.toFixed(0)}, JSON.parse alone ${parse.toFixed(0)}: ${rounds[0][2][1].join(', ')}`,
  );
  rmSync(folder, { recursive: true });
}

const wanted = process.argv[2];
if (wanted === undefined || wanted === 'pod') await ofOnePod();
if (wanted === undefined || wanted === 'topology') topology();
if (wanted === undefined || wanted === 'objects') objects();
