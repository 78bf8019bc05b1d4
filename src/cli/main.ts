import { type Io, UsageError } from './io.ts';
import { type Actions, buildProgram, CommanderError } from './program.ts';

const USAGE = 2;
const FAULT = 4;

/** Runs a command line. Answers the exit status; throws nothing. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let status = 0;
  const program = buildProgram(io, actionsFor(io), (answer) => {
    status = answer;
  });
  if (argv.length === 0) {
    io.stderr.write(program.helpInformation());
    return USAGE;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    return explainError(error, io);
  }
}

function explainError(error: unknown, io: Io): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
    io.stderr.write(`k8s-trace: ${message}\n`);
    return USAGE;
  }
  if (error instanceof UsageError) {
    io.stderr.write(`k8s-trace: ${printable(error.message)}\n${error.hint === null ? '' : `  ${printable(error.hint)}\n`}`);
    return USAGE;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`k8s-trace: a fault in k8s-trace itself, please report it with the input:\n${detail}\n`);
  return FAULT;
}

/** What is echoed of the command line may hold anything. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);

/** Each command is loaded when it runs: help and errors of usage must not wait for parsers and schemas. */
function actionsFor(io: Io): Actions {
  return {
    trace: async (names, flags) => (await import('./trace.ts')).traceCommand(names, flags, io),
    validate: async (files, flags) => (await import('./validate.ts')).validateCommand(files, flags, io),
    show: async (what, flags) => (await import('./show.ts')).showCommand(what, flags, io),
    explain: async (code) => (await import('./explain.ts')).explainCommand(code, io),
    schema: async (name) => (await import('./schema.ts')).schemaCommand(name, io),
  };
}
