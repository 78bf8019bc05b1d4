import { didYouMean, lab, safe, upText } from '../index.ts';
import type { GlobalFlags, LabFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { loadInput } from './load-input.ts';
import { textStyle } from './text-style.ts';

/** `lab` alone, or with a word that is no command of it. */
export async function labCommand(words: readonly string[], help: string, io: Io): Promise<number> {
  const [word] = words;
  if (word === undefined) {
    io.stderr.write(help);
    return 2;
  }
  throw new UsageError(
    `k8s-trace lab ${word}: there is no such command`,
    didYouMean(word, LAB_COMMANDS) ?? `commands: ${LAB_COMMANDS.join(', ')}`,
  );
}

const LAB_COMMANDS = ['verify', 'up', 'exec', 'down', 'script'];

export async function upCommand(flags: LabFlags, io: Io): Promise<number> {
  noOutputs(flags);
  const style = textStyle(flags, io, io.stdout);
  const input = await loadInput(flags, io, 'allowed');
  const { DEFAULT_NAME, labUp } = await lab();
  const view = await labUp(await io.machine(), input.network, flags.name ?? DEFAULT_NAME);
  io.stdout.write(upText(view, style));
  return 0;
}

export async function execCommand(words: readonly string[], flags: LabFlags, io: Io): Promise<number> {
  noOutputs(flags);
  const [place, ...rest] = behindDashes(words);
  const command = behindDashes(rest);
  const [program] = command;
  if (place === undefined || program === undefined)
    throw new UsageError(
      place === undefined ? 'where to, and which command?' : `${place}: which command?`,
      `k8s-trace lab exec ${place ?? 'pod-a'} -- ip route; for a shell: -- sh`,
    );
  const missing = `k8s-trace: ${safe(`${program}: there is no such program; a lab has those of this machine`)}`;
  const { labExec } = await lab();
  return labExec(await io.machine(), { lab: flags.name ?? null, place, namespace: flags.namespace ?? 'default', command, missing });
}

/** `--` ends our own words: before the place or behind it, and no program has that name. */
function behindDashes(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => word !== '--');
  return first === -1 ? [] : words.slice(first);
}

/** To have nothing left is what was asked for: nothing to end is no error. */
export async function downCommand(flags: LabFlags, io: Io): Promise<number> {
  noOutputs(flags);
  if (flags.name !== undefined && flags.all === true) throw new UsageError('--name and --all: one of the two');
  const machine = await io.machine();
  const { labDown, othersHint } = await lab();
  const gone = await labDown(machine, { name: flags.name ?? null, all: flags.all === true });
  for (const name of gone) io.stdout.write(`the lab "${safe(name)}" is gone\n`);
  if (gone.length > 0) return 0;
  const hint = othersHint(machine);
  const what = flags.name === undefined ? 'no lab is up' : `there is no lab "${flags.name}"`;
  io.stderr.write(`k8s-trace: ${safe(`${what}${hint === null ? '' : `; ${hint}`}`)}\n`);
  return 0;
}

export async function scriptCommand(flags: GlobalFlags, io: Io): Promise<number> {
  noOutputs(flags);
  const input = await loadInput(flags, io, 'allowed');
  const { scriptOf } = await lab();
  io.stdout.write(scriptOf(input.network));
  return 0;
}

function noOutputs({ output }: GlobalFlags): void {
  if (output !== undefined) throw new UsageError('-o: this command has only one form', 'lab verify has -o table and -o json');
}
