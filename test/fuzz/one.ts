import { type Ran, run, type World } from '../cli/fake-io.ts';
import { fakeMachine } from '../cli/fake-machine.ts';
import { CONTROL } from '../report/consumers.ts';
import { drawnCommand, drawnExpectations } from './commands.ts';
import { consumerOf } from './consume.ts';
import { type Corpus, drawnText } from './mutate.ts';
import { namesIn } from './names.ts';
import { type Random, randomFrom } from './random.ts';
import { readersFault } from './readers.ts';

/** What a seed stands for. */
export interface Case {
  readonly argv: readonly string[];
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly env: Readonly<Record<string, string>>;
  /** Its columns; 0 is a pipe. */
  readonly terminal: number;
  /** Run once more, for the same output. */
  readonly twice: boolean;
}

/** A command line and the files that it finds, drawn from a seed and the texts of the fixtures. */
export function drawnCase(seed: number, corpus: Corpus): Case {
  const r = randomFrom(seed);
  const { text, cluster } = drawnText(corpus, r);
  const names = namesIn(text, cluster);
  const argv = drawnCommand(r, names);
  const others = {
    ...(argv.includes('other.json') ? { 'other.json': drawnText(corpus, r).text } : {}),
    ...(argv.includes('expect.json') ? { 'expect.json': drawnExpectations(r, names) } : {}),
  };
  const env = r.pick([{}, {}, {}, { FORCE_COLOR: '1' }, { NO_COLOR: '1' }, { GITHUB_STEP_SUMMARY: 'out0' }, { GITHUB_WORKSPACE: '/home' }]);
  const topology = r.oneIn(15) ? flipped(text, r) : text;
  return { argv, files: { 'topology.yaml': topology, ...others }, env, terminal: r.pick([0, 0, 0, 20, 80]), twice: r.oneIn(8) };
}

const bytesOf = (content: string | Uint8Array) => (typeof content === 'string' ? new TextEncoder().encode(content) : content);

/** A text with a few bits flipped, which may be no text any more. */
function flipped(text: string, r: Random): Uint8Array {
  const bytes = bytesOf(text);
  for (let left = r.below(4); left > 0; left--) {
    const at = r.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << r.below(8));
  }
  return bytes;
}

/** What is wrong with a run of a case; empty when nothing is. */
export async function faultsOf({ argv, files, env, terminal, twice }: Case): Promise<readonly string[]> {
  const warned: string[] = [];
  const warn = process.emitWarning;
  process.emitWarning = (warning: string | Error) => void warned.push(`the process is warned: ${warning}`);
  try {
    const stdin = new TextDecoder().decode(bytesOf(files['topology.yaml'] ?? ''));
    const io = { machine: async () => fakeMachine() };
    const world: World = { files, env, stdin, io, ...(terminal === 0 ? {} : { terminal }) };
    const ran = await run(argv, world);
    if (twice && JSON.stringify(await run(argv, world)) !== JSON.stringify(ran)) return ['the same input, and another output'];
    return [
      ...warned,
      ...statusFaults(argv, ran),
      ...textFaults(argv, ran),
      ...wordFaults({ argv, files }, ran),
      ...(await formatFaults(argv, ran)),
      ...Object.values(files).flatMap((content) => (typeof content === 'string' ? (readersFault(content) ?? []) : [])),
    ];
  } catch (error) {
    return [`an exception: ${error instanceof Error ? error.stack : error}`];
  } finally {
    process.emitWarning = warn;
  }
}

function statusFaults(argv: readonly string[], { status, stdout, stderr, written }: Ran): readonly string[] {
  if (![0, 1, 2, 3].includes(status)) return [`exit status ${status}: ${stderr}`];
  const silent = stdout === '' && stderr === '' && Object.keys(written).length === 0;
  return silent && !argv.includes('-q') ? [`exit status ${status} without a word`] : [];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
const COLOR = /\u001b\[\d+m/g;

function textFaults([command]: readonly string[], { stdout, stderr, written }: Ran): readonly string[] {
  // Tabs are between a candidate and its description.
  const printed = command === '__complete' ? stdout.replaceAll('\t', ' ') : stdout.replace(COLOR, '');
  const all = Object.entries({ stdout: printed, stderr: stderr.replace(COLOR, ''), ...written });
  return all.flatMap(([name, text]) => [
    ...(CONTROL.test(text) ? [`a control character in ${name}: ${JSON.stringify(CONTROL.exec(text)?.[0])}`] : []),
    ...(/^\s+at \S+ \(?\S+:\d+:\d+\)?$/m.test(text) ? [`a stack trace in ${name}`] : []),
  ]);
}

/** What JavaScript makes of values that are no texts. */
const SLIPS = [
  '[object ',
  'native code',
  'undefined',
  'NaN',
  'Infinity',
  'function (',
  'Invalid input',
  'Too big',
  'Too small',
  'Unrecognized',
];

function wordFaults(input: Pick<Case, 'argv' | 'files'>, { stdout, stderr, written }: Ran): readonly string[] {
  if (input.argv.some((word) => /^(help|explain|schema|completion)$/.test(word))) return [];
  const texts = Object.values(input.files).map((content) => (typeof content === 'string' ? content : new TextDecoder().decode(content)));
  const given = [...input.argv, ...texts].join('\n');
  const said = [stdout, stderr, ...Object.values(written)].join('\n');
  return SLIPS.filter((slip) => said.includes(slip) && !given.includes(slip)).map((slip) => `the output has ${slip}`);
}

const COMMANDS = ['trace', 'check', 'validate', 'show'];

/** Each output, read by its format's consumer. */
async function formatFaults(argv: readonly string[], ran: Ran): Promise<readonly string[]> {
  const command =
    COMMANDS.find((c) => argv[0] === c) ??
    (argv[0]?.startsWith('__') || /^(lab|help|explain|schema|completion)$/.test(argv[0] ?? '') ? '' : 'trace');
  const found: string[] = [];
  for (const [i, word] of argv.entries()) {
    if (argv[i - 1] !== '-o') continue;
    const [format = '', file] = word.split(/=(.*)/s);
    const text = file === undefined ? ran.stdout : ran.written[file];
    if (text === undefined || text === '') continue;
    const consumer = await consumerOf(command, format);
    try {
      const fault = consumer?.(text, ran.status) ?? null;
      if (fault !== null) found.push(`-o ${word}: ${fault}`);
    } catch (error) {
      found.push(`-o ${word} cannot be read: ${error}`);
    }
  }
  return found;
}
