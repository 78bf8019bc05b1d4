import type { Command, Option } from 'commander';

/** The place on a command line that is to be completed: the words before it are read as the command line itself reads them. */
export interface Cursor {
  /** From the program down to the command that was named; the program alone, when none was yet. */
  readonly commands: readonly [Command, ...Command[]];
  /** Operands of that command that are complete. */
  readonly operands: readonly string[];
  /** Values of flags by their attribute's name: `filename`, `namespace`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly at: At;
}

export type At =
  /** A flag's name. */
  | { readonly kind: 'flag'; readonly typed: string }
  /** A flag's value; `before` is what of the same word stands before it, as `--output=`. */
  | { readonly kind: 'value'; readonly option: Option; readonly before: string; readonly typed: string }
  | { readonly kind: 'operand'; readonly typed: string }
  /** Another program's words. */
  | { readonly kind: 'foreign' };

/** Reads the words that follow the program's name; the last one is being typed, and may be empty. */
export function readWords(program: Command, words: readonly string[]): Cursor {
  const done = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  let commands: readonly [Command, ...Command[]] = [program];
  const operands: string[] = [];
  const values = new Map<string, string[]>();
  const note = (option: Option, value: string) =>
    values.set(option.attributeName(), [...(values.get(option.attributeName()) ?? []), value]);
  let waiting: Option | null = null;
  let onlyOperands = false;
  for (const word of done) {
    if (waiting !== null) {
      note(waiting, word);
      waiting = null;
    } else if (word === '--' && !onlyOperands) {
      onlyOperands = true;
    } else if (!onlyOperands && word.length > 1 && word.startsWith('-')) {
      const { option, value } = readFlag(commands, word);
      if (option === null) continue;
      if (takesValue(option) && value === null) waiting = option;
      else note(option, value ?? '');
    } else {
      const named: Command | undefined = operands.length === 0 && !onlyOperands ? subcommand(commands, word) : undefined;
      if (named !== undefined) commands = [...commands, named];
      else operands.push(word);
    }
  }
  return { commands, operands, values, at: placeOf(commands, typed, waiting, onlyOperands) };
}

function placeOf(commands: Cursor['commands'], typed: string, waiting: Option | null, onlyOperands: boolean): At {
  if (waiting !== null) return { kind: 'value', option: waiting, before: '', typed };
  // After `--`, a trace's operands go on; `lab exec` has another program's words there.
  if (onlyOperands) return commands.at(-1)?.name() === 'exec' ? { kind: 'foreign' } : { kind: 'operand', typed };
  if (!typed.startsWith('-')) return { kind: 'operand', typed };
  const { option, value } = readFlag(commands, typed);
  if (option === null || value === null || !takesValue(option)) return { kind: 'flag', typed };
  return { kind: 'value', option, before: typed.slice(0, typed.length - value.length), typed: value };
}

const takesValue = (option: Option) => option.required || option.optional;

/** `--name`, `--name=value`, `-n`, `-nvalue`; of short flags in one word, as `-Rf`, the last. */
function readFlag(commands: Cursor['commands'], word: string): { readonly option: Option | null; readonly value: string | null } {
  const all = flagsOf(commands);
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    return { option: all.find((o) => o.long === name) ?? null, value: equals === -1 ? null : word.slice(equals + 1) };
  }
  const option = all.find((o) => o.short === word.slice(0, 2)) ?? null;
  if (option === null || word.length === 2) return { option, value: null };
  return takesValue(option) ? { option, value: word.slice(2) } : readFlag(commands, `-${word.slice(2)}`);
}

/** The flags that may stand here: until a command is named, those of a trace too, for it is the default. */
export function flagsOf(commands: Cursor['commands']): readonly Option[] {
  return withDefault(commands).flatMap((command) => command.options.filter((o) => !o.hidden));
}

function withDefault(commands: Cursor['commands']): readonly Command[] {
  const [program, ...named] = commands;
  const trace = program.commands.find((c) => c.name() === 'trace');
  return named.length > 0 || trace === undefined ? commands : [program, trace];
}

function subcommand(commands: Cursor['commands'], word: string): Command | undefined {
  const above = commands.at(-1);
  // `help` is among the visible ones only.
  return above
    ?.createHelp()
    .visibleCommands(above)
    .find((c) => c.name() === word);
}
