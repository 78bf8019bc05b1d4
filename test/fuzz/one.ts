import { type Ran, run, type World } from '../cli/fake-io.ts';
import { fakeMachine } from '../cli/fake-machine.ts';
import { CONTROL } from '../report/consumers.ts';
import { drawnCommand, drawnExpectations, namesIn } from './commands.ts';
import { consumerOf } from './consume.ts';
import { type Corpus, drawnText } from './mutate.ts';
import { randomFrom } from './random.ts';

/** What a seed stands for. */
export interface Case {
  readonly argv: readonly string[];
  readonly files: Readonly<Record<string, string>>;
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
  return { argv, files: { 'topology.yaml': text, ...others }, twice: r.oneIn(8) };
}

/** What is wrong with a run of a case; empty when nothing is. */
export async function faultsOf({ argv, files, twice }: Case): Promise<readonly string[]> {
  const warned: string[] = [];
  const warn = process.emitWarning;
  process.emitWarning = (warning: string | Error) => void warned.push(`the process is warned: ${warning}`);
  try {
    const world: World = { files, stdin: files['topology.yaml'] ?? '', io: { machine: async () => fakeMachine() } };
    const ran = await run(argv, world);
    if (twice && JSON.stringify(await run(argv, world)) !== JSON.stringify(ran)) return ['the same input, and another output'];
    return [...warned, ...statusFaults(ran), ...textFaults(argv, ran), ...(await formatFaults(argv, ran))];
  } catch (error) {
    return [`an exception: ${error instanceof Error ? error.stack : error}`];
  } finally {
    process.emitWarning = warn;
  }
}

function statusFaults({ status, stdout, stderr, written }: Ran): readonly string[] {
  if (![0, 1, 2, 3].includes(status)) return [`exit status ${status}: ${stderr}`];
  const silent = stdout === '' && stderr === '' && Object.keys(written).length === 0;
  return silent ? [`exit status ${status} without a word`] : [];
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
