// npm run bench: start-up, traces a second, loading. Medians of interleaved pairs; compare two versions on one machine, one after the other.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linting, loadNetwork, prepareTrace, traceRequest, verdictsOf } from '../dist/index.js';
import { generateCluster, random } from './cluster.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixture = join(root, 'fixtures/four-pods.yaml');
const shop = join(root, 'fixtures/http/ingress.yaml');
const command = join(root, 'dist/k8s-trace.cjs');
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const ms = (n) => `${n.toFixed(1)} ms`;

/** bash has the times of a child to the millisecond, by getrusage; Node has those of its own process only, and /proc has ticks of ten. */
const TIMED = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1';

/** Wall and CPU time of a process, in ms. */
function run(args) {
  const start = performance.now();
  const result = spawnSync('bash', ['-c', TIMED, 'bash', process.execPath, ...args], { encoding: 'utf8' });
  const wall = performance.now() - start;
  if (result.status !== 0) throw new Error(`${args.join(' ')}: exit ${result.status} ${result.stderr}`);
  const [user, system] = result.stderr.trim().split(' ').map(Number);
  return { wall, cpu: (user + system) * 1000 };
}

/** In pairs with `node -e 0`, so that both meet the same machine. The first run of all makes the cache. */
function startUp(name, args, runs, most) {
  const pairs = [];
  for (let i = -2; i < runs; i++) {
    const pair = [run([command, ...args]), run(['-e', '0'])];
    if (i >= 0) pairs.push(pair);
  }
  const [own, bare] = [0, 1].map((i) => ({ cpu: median(pairs.map((p) => p[i].cpu)), wall: median(pairs.map((p) => p[i].wall)) }));
  const ratio = median(pairs.map(([a, b]) => a.cpu / b.cpu));
  const times = ({ cpu, wall }) => `${ms(cpu)} (wall ${ms(wall)})`;
  console.log(`  ${name}: cpu ${times(own)} beside ${times(bare)}, ratio ${ratio.toFixed(2)} (at most ${most.toFixed(1)})`);
}

function start() {
  console.log('start-up in CPU time beside node -e 0, medians of 50 interleaved pairs');
  startUp('pod to pod, four pods', ['pod-a', 'pod-d', '-f', fixture], 50, 1.7);
  startUp('to a service, a shop', ['client', 'svc/shop', '-f', shop], 50, 2);
  startUp('to a URL, the same shop', ['client', 'http://shop.example.com/', '-f', shop], 50, 2);
  startUp('--help', ['--help'], 50, 1.4);
}

const traced = (network, question) => {
  const result = prepareTrace(network, question);
  if (!result.ok) throw new Error(result.message);
  return result.traces;
};
const judged = (network, question) => {
  const result = verdictsOf(network, question);
  if (!result.ok) throw new Error(result.message);
  return result.verdicts;
};

/** Answers a second over random flows, in CPU time; each follows request, answer and acknowledgement. */
function throughput(answers, network, sources, destinations, count, seed) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const questions = Array.from({ length: count }, () => ({ source: pick(sources), destination: pick(destinations) }));
  const start = process.cpuUsage();
  let paths = 0;
  for (const question of questions) for (const { paths: found } of answers(network, question)) paths += found.length;
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  return { traces: count / seconds, paths: paths / seconds };
}

function load(name, bytes, kubeProxyMode = 'iptables') {
  const loaded = loadNetwork([{ name, bytes }], { flags: { kubeProxyMode } });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics.slice(0, 3)));
  return loaded.value;
}

const names = (prefix, n) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
const clusterOf = (endpoints, cni) =>
  new TextEncoder().encode(JSON.stringify(generateCluster({ nodes: 500, podsPerNode: 30, services: 1000, endpoints, cni })));
const flannel = (backend) => () => load(`${backend}.json`, clusterOf(1, { plugin: 'flannel', backend }));

async function loading() {
  const big = clusterOf(15);
  console.log('\nloading 500 nodes, 15,000 pods, 1,000 services from JSON, validation included, to the first trace (at most 2,000 ms)');
  const loads = [0, 1, 2, 3, 4].map(() => {
    const start = performance.now();
    const network = load('big.json', big);
    const loaded = performance.now();
    const first = traceRequest(network, { source: 'pod-0', destination: 'svc/svc-1' });
    if (!first.ok) throw new Error(first.message);
    return [loaded - start, performance.now() - start];
  });
  console.log(
    `  ${(big.length / 1e6).toFixed(1)} MB: first ${ms(loads[0][1])}; median of 5: loaded ${ms(median(loads.map((l) => l[0])))}, first trace ${ms(median(loads.map((l) => l[1])))}`,
  );
  const { lint } = await linting();
  const files = [{ name: 'big.json', bytes: big }];
  const loaded = loadNetwork(files);
  const lints = [0, 1, 2, 3, 4].map(() => {
    const start = performance.now();
    lint(loaded, files, { select: [], ignore: [] });
    return performance.now() - start;
  });
  console.log(`  what validate looks for beyond that: first ${ms(lints[0])}; median of 5 ${ms(median(lints))}`);
}

/** The command as CI runs it, from the file to its reports: most expectations name a pod and a service, some stand for several, some fail. */
function checking(endpoints) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'cluster.json');
  const next = random(7);
  const from = () => `pod-${Math.floor(next() * 15_000)}`;
  const to = () => `svc/svc-${Math.floor(next() * 1000)}`;
  const expect = [
    ...Array.from({ length: 900 }, () => ({ from: from(), to: to(), notVia: 'node-0 lo' })),
    ...Array.from({ length: 10 }, () => ({ from: from(), to: to(), outcome: 'blocked' })),
    ...Array.from({ length: 9 }, () => ({ from: Array.from({ length: 10 }, from), to: to() })),
  ];
  writeFileSync(file, JSON.stringify({ ...generateCluster({ nodes: 500, podsPerNode: 30, services: 1000, endpoints }), expect }));
  const reports = ['json', 'junit', 'sarif', 'markdown'].flatMap((f) => ['-o', `${f}=${join(folder, f)}`]);
  const runs = Array.from({ length: 5 }, () => run([command, 'check', '--fail-on', 'never', '-f', file, ...reports]));
  const { summary } = JSON.parse(readFileSync(join(folder, 'json')));
  rmSync(folder, { recursive: true });
  const most = ' (at most 3,000 ms)';
  console.log(
    `  ${endpoints === 1 ? 'one endpoint' : `${endpoints} endpoints`} a service: ${summary.checks} expectations, ${summary.fail} fail: cpu ${ms(median(runs.map((r) => r.cpu)))}${most}, wall ${ms(median(runs.map((r) => r.wall)))}; medians of 5`,
  );
}

function checks() {
  console.log('\ncheck of 1,000 expectations on 500 nodes, from the JSON file to four reports');
  for (const endpoints of [1, 15]) checking(endpoints);
}

/** Each case in a process of its own, so that none inherits another's heap. */
const cases = [
  ['four pods', () => load('four-pods.yaml', readFileSync(fixture)), ['pod-a', 'pod-b'], ['svc/api'], 10_000],
  [
    '500 nodes, services with one endpoint',
    () => load('single.json', clusterOf(1)),
    names('pod-', 15_000),
    names('svc/svc-', 1000),
    10_000,
  ],
  [
    '500 nodes, services with one endpoint, kube-proxy in nftables mode',
    () => load('single.json', clusterOf(1), 'nftables'),
    names('pod-', 15_000),
    names('svc/svc-', 1000),
    10_000,
  ],
  [
    '500 nodes, services with one endpoint, kube-proxy in ipvs mode',
    () => load('single.json', clusterOf(1), 'ipvs'),
    names('pod-', 15_000),
    names('svc/svc-', 1000),
    10_000,
  ],
  ['500 nodes, flannel host-gw', flannel('host-gw'), names('pod-', 15_000), names('svc/svc-', 1000), 10_000],
  ['500 nodes, flannel vxlan (at least two thirds of host-gw)', flannel('vxlan'), names('pod-', 15_000), names('svc/svc-', 1000), 10_000],
  ['500 nodes, services with 15 endpoints', () => load('many.json', clusterOf(15)), names('pod-', 15_000), names('svc/svc-', 1000), 700],
];

function runCase([name, make, sources, destinations, count]) {
  const network = make();
  const cold = throughput(traced, network, sources, destinations, count, 1);
  const rounds = Array.from({ length: 7 }, (_, i) =>
    [traced, judged].map((a) => throughput(a, network, sources, destinations, count, i + 2)),
  );
  const text = (n) => Math.round(n).toLocaleString('en');
  const figure = (i, key) => text(median(rounds.map((r) => r[i][key])));
  console.log(
    `  ${name}: ${figure(0, 'traces')} traces, ${figure(0, 'paths')} paths a second; verdicts alone ${figure(1, 'traces')}; traces with cold compilation ${text(cold.traces)}`,
  );
}

const wanted = process.argv[2];
if (wanted === 'start') start();
else if (wanted === 'lab') lab();
else if (wanted === 'check') checks();
else if (wanted !== undefined) runCase(cases[Number(wanted)]);
else {
  start();
  console.log('\ntraces a second, CPU time, service across nodes, request, answer and acknowledgement (at least 5,000; medians of 7)');
  for (const i of cases.keys()) spawnSync(process.execPath, [fileURLToPath(import.meta.url), String(i)], { stdio: 'inherit' });
  await loading();
  checks();
  console.log("\nreading kubectl's output");
  spawnSync(process.execPath, [fileURLToPath(new URL('reading.mjs', import.meta.url))], { stdio: 'inherit' });
  console.log('\nrules that were found on a node');
  spawnSync(process.execPath, [fileURLToPath(new URL('node-state.mjs', import.meta.url))], { stdio: 'inherit' });
  console.log('\npolicies');
  spawnSync(process.execPath, [fileURLToPath(new URL('policies.mjs', import.meta.url))], { stdio: 'inherit' });
  console.log("\nwho reaches whom, beside netpol-analyzer's 271 s and 8.8 GB for 1,000 pods with 300 policies, which then gives up");
  spawnSync(process.execPath, [fileURLToPath(new URL('matrix.mjs', import.meta.url))], { stdio: 'inherit' });
  lab();
}

/** Up and down again, by the command; where this machine allows a lab. */
function lab() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'cluster.json');
  writeFileSync(file, JSON.stringify(generateCluster({ nodes: 10, podsPerNode: 10, services: 20, endpoints: 5 })));
  const timed = (...words) => {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, [command, 'lab', ...words], { stdio: 'ignore' });
    return status === 0 ? performance.now() - start : null;
  };
  const runs = Array.from({ length: 3 }, () => [timed('up', '--name', 'bench', '-f', file), timed('down', '--name', 'bench')]);
  rmSync(folder, { recursive: true });
  const shown = (i) => (runs.some((r) => r[i] === null) ? 'not possible here' : ms(median(runs.map((r) => r[i]))));
  console.log(`\na lab of 10 nodes, 100 pods and 20 services: up ${shown(0)} (at most 5 s), down ${shown(1)} (at most 2 s)`);
}
