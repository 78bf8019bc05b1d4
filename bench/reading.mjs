// node bench/reading.mjs [pods nodes services]: reading kubectl's output item by item, beside the engine's JSON parser and the yaml package.
// CPU seconds and peak memory, each case in a process of its own. Whoever wants more than a list of names has to add what that takes.
import { spawnSync } from 'node:child_process';
import { fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readItems } from '../dist/topology/kubernetes/items.js';
import { writeObjects } from './objects.mjs';

/** V8 has no longer text. */
const MOST_TEXT = 2 ** 29 - 24;

function own(file) {
  const fd = openSync(file, 'r');
  const input = { name: file, size: fstatSync(fd).size, read: (into, offset) => readSync(fd, into, 0, into.length, offset) };
  const documents = [];
  for (const reading of readItems(input, { wants: () => true, isKind: () => true, logsOf: () => null })) {
    if (reading.what === 'fault') throw new Error(JSON.stringify(reading.diagnostics));
    if (reading.what === 'item') documents.push(reading.document);
  }
  return documents.length;
}

const READERS = {
  own,
  engine: (file) => JSON.parse(readFileSync(file, 'utf8')).items.length,
  yaml: (file) => parse(readFileSync(file, 'utf8')).items.length,
};

function measured(reader, file) {
  const words = [fileURLToPath(import.meta.url), '--read', reader, file];
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--max-old-space-size=8192', ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

if (process.argv[2] === '--read') {
  const [, , , reader, file] = process.argv;
  const count = READERS[reader](file);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(`${count} items, ${((userCPUTime + systemCPUTime) / 1e6).toFixed(2)} s, ${Math.round(maxRSS / 1024)} MB`);
} else {
  const [pods, nodes, services] = (process.argv.length > 2 ? process.argv.slice(2) : ['5000', '200', '400']).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    for (const format of ['json', 'yaml']) {
      const file = join(folder, `objects.${format}`);
      writeObjects(file, format, { pods, nodes, services });
      const { size } = statSync(file);
      console.log(`${pods} pods, ${nodes} nodes, ${services} services as ${format}, ${Math.round(size / 1e6)} MB`);
      for (const reader of ['own', size > MOST_TEXT ? null : format === 'json' ? 'engine' : 'yaml'])
        if (reader !== null) console.log(`  ${reader}: ${measured(reader, file)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
