import { type Command, CommanderError } from 'commander';
import { UsageError } from './io.ts';

/** `help trce`: commander would print the help of everything, and no word about the command that there is not. */
export async function knownTopic(program: Command, argv: readonly string[]): Promise<void> {
  const [first, topic] = argv.filter((word) => !word.startsWith('-'));
  if (first !== 'help' || topic === undefined || topic === 'help') return;
  const names = program.commands.map((c) => c.name());
  if (names.includes(topic)) return;
  const { didYouMean } = await import('../index.ts');
  throw new UsageError(`there is no command ${topic}`, didYouMean(topic, names) ?? `commands: ${names.join(', ')}`);
}

/** `--prot` is rather a cut --protocol than a misspelt --port: of options that begin like it, commander knows nothing. */
export function suggestBegun(error: CommanderError, program: Command, argv: readonly string[]): CommanderError {
  const option = error.code === 'commander.unknownOption' ? error.message.match(/'(--[^'=]{2,})/)?.[1] : undefined;
  if (option === undefined) return error;
  const begun = [...program.options, ...commandOf(program, argv).options].flatMap(({ long }) => (long?.startsWith(option) ? [long] : []));
  if (begun.length === 0) return error;
  const message = error.message.replace(/\n.*/s, '');
  return new CommanderError(
    error.exitCode,
    error.code,
    `${message}\n(Did you mean ${begun.length === 1 ? '' : 'one of '}${begun.join(', ')}?)`,
  );
}

/** Without a command's name it is a trace. */
export function commandOf(program: Command, argv: readonly string[]): Command {
  const named = (at: Command, word: string) => at.commands.find((c) => c.name() === word);
  const found = argv.reduce((at, word) => named(at, word) ?? at, program);
  return found === program ? (named(program, 'trace') ?? program) : found;
}
