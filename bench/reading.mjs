// node bench/reading.mjs [pods nodes services]: from kubectl's output to the first trace, beside the engine's JSON parser and the yaml package.
// CPU seconds and peak memory, each case in a process of its own. 150000 5000 10000 is 2 GB of JSON.
import { spawnSync } from 'node:child_process';
import { fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { loadNetwork, traceRequest } from '../dist/index.js';
import { writeObjects } from './objects.mjs';

/** V8 has no longer text. */
const MOST_TEXT = 2 ** 29 - 24;

const seconds = () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
};

/** Loads a file as the command line does, and traces twice. */
function traced(file) {
  const fd = openSync(file, 'r');
  const input = { name: file, size: fstatSync(fd).size, read: (into, offset) => readSync(fd, into, 0, into.length, offset) };
  const loaded = loadNetwork([input]);
  if (!loaded.ok) throw new Error(loaded.diagnostics[0].message);
  const { pods, services } = loaded.value.cluster;
  const [source, other] = [...pods.keys()].map((name) => name.replace('/', '/pod/'));
  const [service] = [...services.keys()].map((name) => name.replace('/', '/svc/'));
  const ask = (from) => {
    const answer = traceRequest(loaded.value, { source: from, destination: service });
    if (!answer.ok) throw new Error(answer.message);
  };
  ask(source);
  const first = seconds();
  ask(other);
  return `${pods.size} pods to the first trace, the next one ${Math.round((seconds() - first) * 1000)} ms`;
}

const READERS = {
  traced,
  engine: (file) => `${JSON.parse(readFileSync(file, 'utf8')).items.length} items`,
  yaml: (file) => `${parse(readFileSync(file, 'utf8')).items.length} items`,
};

function measured(reader, file) {
  const words = [fileURLToPath(import.meta.url), '--read', reader, file];
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--max-old-space-size=8192', ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

if (process.argv[2] === '--read') {
  const [, , , reader, file] = process.argv;
  const done = READERS[reader](file);
  console.log(`${seconds().toFixed(2)} s, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB: ${done}`);
} else {
  const [pods, nodes, services] = (process.argv.length > 2 ? process.argv.slice(2) : ['5000', '200', '400']).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    for (const format of ['json', 'yaml']) {
      const file = join(folder, `objects.${format}`);
      writeObjects(file, format, { pods, nodes, services });
      const { size } = statSync(file);
      console.log(`${pods} pods, ${nodes} nodes, ${services} services as ${format}, ${Math.round(size / 1e6)} MB`);
      for (const reader of ['traced', size > MOST_TEXT ? null : format === 'json' ? 'engine' : 'yaml'])
        if (reader !== null) console.log(`  ${reader}: ${measured(reader, file)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
