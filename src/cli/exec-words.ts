import type { Command } from 'commander';

/**
 * Where in `lab exec PLACE COMMAND…` the words of another program begin: with `--`, else behind the place. They are its own, whatever they
 * look like; commander would look for our flags in them. Of all other command lines it is the end.
 */
export function beginOfCommand(program: Command, argv: readonly string[]): number {
  const takesValue = valueOptions(program);
  const operands: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    const isExec = operands[0] === 'lab' && operands[1] === 'exec';
    if (word === '--') return isExec ? i : argv.length;
    if (isExec && operands.length === 3 && !word.startsWith('-')) return i;
    if (takesValue.has(word)) i++;
    else if (!word.startsWith('-')) operands.push(word);
  }
  return argv.length;
}

/** The options that have the next word as their value, in `lab exec` as in all commands. */
function valueOptions(program: Command): ReadonlySet<string | undefined> {
  const below = (at: Command | undefined, name: string) => at?.commands.find((c) => c.name() === name);
  const options = [...program.options, ...(below(below(program, 'lab'), 'exec')?.options ?? [])];
  return new Set(options.filter((o) => o.required).flatMap((o) => [o.short, o.long]));
}
