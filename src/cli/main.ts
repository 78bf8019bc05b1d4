import type { Command } from 'commander';
import { safe, safeLines } from '../render/text.ts';
import type { Actions } from './actions.ts';
import { beginOfCommand } from './exec-words.ts';
import { asCalled, InputError, type Io, UsageError } from './io.ts';
import { buildProgram, CommanderError } from './program.ts';
import { commandOf, knownTopic, suggestBegun } from './suggest.ts';

const USAGE = 2;
const FAULT = 4;
/** The commands that the scripts of `completion` call. */
const COMPLETE = '__complete';
const COMPLETE_BASH = '__complete-bash';

/** Runs a command line. Answers the exit status; throws nothing. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let status = 0;
  let theirs: readonly string[] = [];
  const program = buildProgram(
    io,
    actionsFor(io, () => theirs),
    (answer) => {
      status = answer;
    },
  );
  const end = beginOfCommand(program, argv);
  const ours = argv.slice(0, end);
  theirs = argv.slice(end);
  if (argv.length === 0) {
    io.stderr.write(asCalled(program.helpInformation(), io));
    return USAGE;
  }
  try {
    if (argv[0] === COMPLETE) return await (await import('./complete.ts')).completeCommand(program, argv.slice(1), io);
    if (argv[0] === COMPLETE_BASH) return await (await import('./complete.ts')).completeBashCommand(program, argv.slice(1), io);
    await knownTopic(program, ours);
    await program.parseAsync(ours, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) await withdrawReports(program, ours, error, io);
    return explainError(error instanceof CommanderError ? suggestBegun(error, program, ours) : error, io);
  }
}

/** A flag that nobody knows is no reason to leave an older report in its place. */
async function withdrawReports(program: Command, argv: readonly string[], error: CommanderError, io: Io): Promise<void> {
  if (!argv.some((word) => word.includes('='))) return;
  const { withdrawNamed } = await import('./older-reports.ts');
  const { reportForms } = await import('./report-forms.ts');
  await withdrawNamed(argv, await reportForms(commandOf(program, argv).name(), error.message, io), error, io);
}

async function explainError(error: unknown, io: Io): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '').replace(/\n(?=\(Did you mean [^\n]*$)/, ' ');
    io.stderr.write(`k8s-trace: ${safe(message)}\n`);
    return USAGE;
  }
  if (error instanceof UsageError) {
    io.stderr.write(`k8s-trace: ${safe(error.message)}\n${error.hint === null ? '' : `  ${asCalled(safe(error.hint), io)}\n`}`);
    return USAGE;
  }
  if (error instanceof InputError) return USAGE;
  const { LabError } = await import('../index.ts');
  if (error instanceof LabError) return explainError(new UsageError(error.message, error.hint), io);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`k8s-trace: a fault in k8s-trace itself, please report it with the input:\n${safeLines(detail)}\n`);
  return FAULT;
}

/** Each command is loaded when it runs: help and errors of usage must not wait for parsers and schemas. */
function actionsFor(io: Io, theirs: () => readonly string[]): Actions {
  return {
    trace: async (names, flags) => (await import('./trace.ts')).traceCommand(names, flags, io),
    check: async (files, flags) => (await import('./check.ts')).checkCommand(files, flags, io),
    validate: async (files, flags) => (await import('./validate.ts')).validateCommand(files, flags, io),
    show: async (what, flags) => (await import('./show.ts')).showCommand(what, flags, io),
    policy: async (names, flags) => (await import('./policy.ts')).policyCommand(names, flags, io),
    matrix: async (words, flags) => (await import('./matrix.ts')).matrixCommand(words, flags, io),
    diff: async (inputs, flags) => (await import('./diff.ts')).diffCommand(inputs, flags, io),
    collect: async (flags) => (await import('./collect.ts')).collectCommand(flags, io),
    drift: async (names, flags) => (await import('./drift.ts')).driftCommand(names, flags, io),
    snapshot: async (flags) => (await import('./snapshot.ts')).snapshotCommand(flags, io),
    explain: async (code, flags) => (await import('./explain.ts')).explainCommand(code, flags, io),
    completion: async (shell, flags) => (await import('./completion.ts')).completionCommand(shell, flags, io),
    schema: async (name, flags) => (await import('./schema.ts')).schemaCommand(name, flags, io),
    lab: {
      verify: async (names, flags) => (await import('./lab-verify.ts')).verifyCommand(names, flags, io),
      up: async (flags) => (await import('./lab.ts')).upCommand(flags, io),
      exec: async (words, flags) => (await import('./lab.ts')).execCommand([...words, ...theirs()], flags, io),
      down: async (flags) => (await import('./lab.ts')).downCommand(flags, io),
      script: async (flags) => (await import('./lab.ts')).scriptCommand(flags, io),
      other: async (words, help) => (await import('./lab.ts')).labCommand(words, help, io),
    },
  };
}
