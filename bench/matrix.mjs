// node bench/matrix.mjs [small|middle|large]: who reaches whom, from objects in JSON to all rows in JSON, by the command: CPU seconds and most memory.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadNetwork, prepareTrace } from '../dist/index.js';
import { random } from './cluster.mjs';
import { writeManifests } from './manifests.mjs';

const command = fileURLToPath(new URL('../dist/k8s-trace.cjs', import.meta.url));
const usage = fileURLToPath(new URL('usage.cjs', import.meta.url));

/** netpol-analyzer, asked for its list of connections, needs 271 s and 8.8 GB for 1,000 pods with 300 policies, and gives up. */
const SIZES = {
  small: { pods: 1000, workloads: 100, namespaces: 10, nodes: 20, policies: 300, most: { seconds: 1, megabytes: 8800 } },
  middle: { pods: 5000, workloads: 500, namespaces: 25, nodes: 100, policies: 1000, most: { seconds: 3, megabytes: 400 } },
  large: { pods: 100_000, workloads: 2000, namespaces: 100, nodes: 1000, policies: 2000, most: { seconds: 20, megabytes: 3000 } },
};

/** The first run leaves V8's compiled code for the second. */
function measured(file, folder, flags) {
  const words = ['-r', usage, command, 'matrix', '-f', file, ...flags, '-o', `json=${join(folder, 'matrix.json')}`];
  const { stderr, status, signal } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${flags.join(' ')}: ${status ?? signal}: ${stderr}`);
  return JSON.parse(stderr.trim().split('\n').at(-1));
}

/** What one question a pair of pods would take, at one port each: so many of them are asked. */
function oneByOne(file, { pods, workloads, namespaces }) {
  const loaded = loadNetwork([{ name: file, bytes: readFileSync(file) }]);
  if (!loaded.ok) throw new Error(loaded.diagnostics[0].message);
  const next = random(5);
  const pick = () => {
    const i = Math.floor(next() * pods);
    return `team-${(i % workloads) % namespaces}/pod/app-${i % workloads}-7d9c6b8f5d-${i}`;
  };
  const ask = () => {
    const answer = prepareTrace(loaded.value, { source: pick(), destination: `${pick()}:8080` });
    if (!answer.ok) throw new Error(answer.message);
  };
  for (let i = 0; i < 500; i++) ask();
  const before = process.cpuUsage();
  for (let i = 0; i < 2000; i++) ask();
  const { user, system } = process.cpuUsage(before);
  return { each: (user + system) / 1e6 / 2000, pairs: pods * (pods - 1) };
}

function run(name) {
  const size = SIZES[name];
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'objects.json');
  try {
    writeManifests(file, size);
    const { pods, workloads, policies, most } = size;
    console.log(`${pods} pods in ${workloads} workloads, ${policies} policies, ${(statSync(file).size / 1e6).toFixed(1)} MB of JSON`);
    for (const flags of [[], ['--any-port']]) {
      const [, { seconds, megabytes }] = [0, 1].map(() => measured(file, folder, flags));
      const written = (statSync(join(folder, 'matrix.json')).size / 1e6).toFixed(1);
      console.log(
        `  ${flags.length === 0 ? 'stated ports' : 'all ports'}: ${seconds.toFixed(2)} s, ${megabytes} MB (at most ${most.seconds} s, ${most.megabytes} MB); ${written} MB of rows`,
      );
      if (name !== 'middle' || flags.length > 0) continue;
      const { each, pairs } = oneByOne(file, size);
      const factor = (each * pairs) / seconds;
      console.log(
        `  a question a pair of pods: ${(each * 1e6).toFixed(0)} µs, of all ${(each * pairs).toFixed(0)} s: ${factor.toFixed(0)} times as long (at least 50)`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(SIZES)) run(name);
