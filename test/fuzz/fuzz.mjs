// Random files and command lines, in process, each output read by its format's consumer: no input may end the program.
//   npm run fuzz -- [--seed N] [--count N] [--jobs N]
// Prints seed and input of each fault, and exits 1 when there is one. One seed is one case: --seed N --count 1 repeats it.
import { fork } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';

const here = fileURLToPath(import.meta.url);
const fixtures = join(dirname(here), '../../fixtures');
/** For the files that are in the fixtures: a case takes some ten thousand, and what is made of many items some millions. */
const MOST_STEPS = 100_000_000;
/** Steps count no loop of the engine's own, as in a regular expression: a case that takes minutes is one. */
const MOST_MINUTES = 2;
const CHUNK = 50;
/** Each case leaves nothing behind: a larger nursery halves the time. */
const MORE_YOUNG = '--max-semi-space-size=64';

/** Texts that load, and texts that do not. */
function corpus() {
  const files = readdirSync(fixtures, { recursive: true }).filter((f) => /\.(ya?ml|json)$/.test(f));
  const texts = (some) => some.sort().map((f) => readFileSync(join(fixtures, f), 'utf8'));
  const isBad = (f) => /^invalid.(?!warning-)/.test(f);
  return { good: texts(files.filter((f) => !isBad(f))), bad: texts(files.filter(isBad)) };
}

/** One case; its faults as text, or null. */
async function tryCase({ drawnCase, faultsOf, countSteps, stepsSoFar }, seed, texts) {
  const drawn = drawnCase(seed, texts);
  countSteps(MOST_STEPS);
  const faults = await faultsOf(drawn);
  const steps = stepsSoFar();
  const all = steps > MOST_STEPS ? [`more than ${MOST_STEPS} steps`] : faults;
  return all.length === 0 ? null : { seed, faults: all, input: readable(drawn) };
}

/** Files that are no text in base64. */
function readable({ argv, files, env, terminal }) {
  const shown = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === 'string' ? content : Buffer.from(content).toString('base64'),
  ]);
  return JSON.stringify({ argv, env, terminal, files: Object.fromEntries(shown) });
}

/** In a process of its own, which a fault of the engine may end: seeds come in, faults and 'done' go out. */
async function work(url) {
  const program = await import(url);
  const texts = corpus();
  process.on('message', async ({ from, to }) => {
    for (let seed = from; seed < to; seed++) {
      process.send({ at: seed });
      const fault = await tryCase(program, seed, texts);
      if (fault !== null) process.send({ fault });
    }
    process.send({ done: true });
  });
}

/** One process that takes chunks of seeds until there are none, or until it ends before its time; then the rest of its chunk is left. */
function runChunks(url, chunks, found) {
  return new Promise((resolve) => {
    const child = fork(here, ['--work', url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [MORE_YOUNG] });
    let chunk = null;
    let at = null;
    let watchdog;
    const more = () => {
      chunk = chunks.shift() ?? null;
      if (chunk === null) child.disconnect();
      else child.send(chunk);
    };
    child.on('message', ({ at: seed = at, fault, done }) => {
      at = seed;
      clearTimeout(watchdog);
      if (fault !== undefined) found(fault);
      if (done) more();
      else watchdog = setTimeout(() => child.kill('SIGKILL'), MOST_MINUTES * 60_000);
    });
    child.on('exit', (status, signal) => {
      clearTimeout(watchdog);
      if (chunk !== null) {
        const rest = { from: (at ?? chunk.from) + 1, to: chunk.to };
        found({ seed: rest.from - 1, faults: [`the process ended: ${signal ?? status}`] });
        if (rest.from < rest.to) chunks.unshift(rest);
      }
      resolve();
    });
    more();
  });
}

/** As many processes at once as `jobs`, each followed by another one while there is something to do. */
function runAll(url, chunks, jobs, found) {
  const keepOn = async () => {
    while (chunks.length > 0) await runChunks(url, chunks, found);
  };
  return Promise.all(Array.from({ length: jobs }, keepOn));
}

function chunksOf(first, count) {
  const last = first + count;
  return Array.from({ length: Math.ceil(count / CHUNK) }, (_, i) => ({
    from: first + i * CHUNK,
    to: Math.min(last, first + (i + 1) * CHUNK),
  }));
}

async function main() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '2000' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      work: { type: 'string' },
    },
  });
  if (values.work !== undefined) return work(values.work);
  const [seed, count] = [Number(values.seed), Number(values.count)];
  const url = await bundle();
  let faults = 0;
  await runAll(url, chunksOf(seed, count), Number(values.jobs), ({ seed: at, faults: all, input }) => {
    faults++;
    process.stdout.write(`seed ${at}: ${all.join('\n  ')}\n${input === undefined ? '' : `  ${input}\n`}`);
  });
  rmSync(fileURLToPath(url));
  process.stdout.write(`seeds ${seed} to ${seed + count - 1}: ${faults === 0 ? 'no fault' : `${faults} with faults`}\n`);
  process.exitCode = faults === 0 ? 0 : 1;
}

await main();
