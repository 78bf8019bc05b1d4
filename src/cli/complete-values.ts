import type { Command } from 'commander';
import { type Candidate, CODES, candidates, DIFF_FORMATS, FINDINGS, type Network, REPORT_FORMATS } from '../index.ts';
import { UNDETERMINED } from './check.ts';
import type { Cursor } from './complete-words.ts';
import { CHANGE_KINDS } from './diff.ts';
import { DRIFT_FORMATS } from './drift.ts';
import { EXPLAIN_FORMATS } from './explain.ts';
import { VERIFY_FORMATS } from './lab-verify.ts';
import { MATRIX_FORMATS } from './matrix-formats.ts';
import { FAIL_ON } from './one-of.ts';
import { POLICY_FORMATS } from './policy.ts';
import { IP_FAMILIES, OVERS, PROTOCOLS } from './request.ts';
import { SCHEMAS } from './schema.ts';
import { SHELLS } from './shells.ts';
import { SHOW_FORMATS } from './show.ts';
import { TRACE_FORMATS } from './trace.ts';
import { VALIDATE_FORMATS } from './validate.ts';

/** Names to choose from; or the shell's own completion of file names. */
export type Offer = readonly Candidate[] | 'files';

/** The input and the flags that completions depend on. */
export interface CompletionContext {
  readonly namespace: string;
  /** Null: the input does not load, so nothing is known of it. */
  network(): Promise<Network | null>;
  /** The contexts of the user's kubectl; none where there is no kubectl. */
  contexts(): Promise<readonly string[]>;
}

/** The formats of `-o`; a command that has only one form is not here. */
const FORMATS_OF: Readonly<Record<string, readonly string[]>> = {
  trace: TRACE_FORMATS,
  check: REPORT_FORMATS,
  validate: VALIDATE_FORMATS,
  show: SHOW_FORMATS,
  policy: POLICY_FORMATS,
  matrix: MATRIX_FORMATS,
  diff: DIFF_FORMATS,
  drift: DRIFT_FORMATS,
  explain: EXPLAIN_FORMATS,
  'lab verify': VERIFY_FORMATS,
};

/** The command's name below the program's, as `lab verify`. */
const pathOf = (cursor: Cursor) =>
  cursor.commands
    .slice(1)
    .map((c) => c.name())
    .join(' ') || 'trace';

/** Values of a flag. */
export async function flagValues(
  cursor: Cursor,
  flag: string,
  choices: readonly string[],
  typed: string,
  known: CompletionContext,
): Promise<Offer> {
  switch (flag) {
    case 'filename':
    case 'with':
    case 'nodeState':
    case 'kubeconfig':
      return 'files';
    case 'output':
      return typed.includes('=') || pathOf(cursor) === 'snapshot' ? 'files' : words(FORMATS_OF[pathOf(cursor)] ?? []);
    case 'namespace':
      return inNetwork(known, async ({ cluster }) => (await candidates()).namespacesOf(cluster));
    case 'from':
    case 'to':
      return inNetwork(known, async ({ cluster }) =>
        (await candidates()).completeSelection(cluster, typed, flag === 'from' ? 'source' : 'destination', known.namespace),
      );
    case 'without':
      return inNetwork(known, async ({ cluster }) => (await candidates()).completeWithout(cluster, typed, known.namespace));
    case 'context':
      return words(await known.contexts());
    case 'protocol':
      return words(PROTOCOLS);
    case 'in':
      return inNetwork(known, async ({ cluster, datapath }) => entriesOf(cluster, datapath));
    case 'over':
      return words(OVERS);
    case 'family':
      return words(IP_FAMILIES);
    case 'failOn':
      return words(pathOf(cursor) === 'diff' ? CHANGE_KINDS : FAIL_ON);
    case 'select':
    case 'ignore':
      return words(Object.keys(FINDINGS));
    case 'undetermined':
      return words(UNDETERMINED);
    case 'port':
      return portsOf(cursor.operands[1], typed, known);
    default:
      return words(choices);
  }
}

/** Texts for the command's next operand. */
export async function operandValues(cursor: Cursor, typed: string, known: CompletionContext): Promise<Offer> {
  const { operands, commands } = cursor;
  const [program] = commands;
  const name = (role: 'source' | 'destination' | 'machine' | 'pod') =>
    inNetwork(known, async ({ cluster }) => (await candidates()).completeName(cluster, typed, role, known.namespace));
  switch (pathOf(cursor)) {
    case 'trace': {
      if (operands.length > 1) return [];
      if (operands.length === 1) return name('destination');
      if (commands.length > 1) return name('source');
      const subcommands = commandsOf(program);
      const names = await name('source');
      // A pod that is called as a command is pod/NAME here.
      return [...subcommands, ...names.filter((n) => !subcommands.some((c) => c.text === n.text))];
    }
    case 'check':
    case 'validate':
      return 'files';
    case 'diff':
      return operands.length > 1 ? [] : 'files';
    case 'show':
      return shown(operands, typed, known);
    case 'policy':
      return operands.length === 0 ? name('pod') : [];
    case 'drift':
      return operands.length === 0
        ? inNetwork(known, async ({ cluster }) => [...cluster.nodes.keys()].map((text) => ({ text, about: 'node' })))
        : [];
    case 'matrix':
      return cursor.values.has('merge') ? 'files' : [];
    case 'lab':
      return operands.length === 0 ? commandsOf(commands.at(-1) ?? program) : [];
    case 'lab verify':
      return operands.length > 1 ? [] : name(operands.length === 0 ? 'source' : 'destination');
    case 'lab exec':
      return operands.length === 0 ? name('machine') : [];
    case 'explain':
      // Codes are written in either case, and shells offer only what begins as typed.
      return operands.length === 0
        ? words([...(/^[a-z]/.test(typed) ? CODES.map((c) => c.toLowerCase()) : CODES), ...Object.keys(FINDINGS)])
        : [];
    case 'schema':
      return operands.length === 0 ? words(SCHEMAS) : [];
    case 'completion':
      return operands.length === 0 ? words(SHELLS) : [];
    case 'help':
      return helped(program, operands);
    case 'lab help':
      return helped(commands[1] ?? program, operands);
    default:
      return [];
  }
}

const words = (texts: readonly string[]): readonly Candidate[] => texts.map((text) => ({ text, about: '' }));

async function inNetwork(
  known: CompletionContext,
  candidatesIn: (network: Network) => Promise<readonly Candidate[]>,
): Promise<readonly Candidate[]> {
  const network = await known.network();
  return network === null ? [] : candidatesIn(network);
}

function commandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((c) => ({ text: c.name(), about: c.description() }));
}

function helped(command: Command, operands: readonly string[]): readonly Candidate[] {
  const [first, ...others] = operands;
  if (first === undefined) return commandsOf(command).filter((c) => c.text !== 'help');
  const below = command.commands.find((c) => c.name() === first);
  return below === undefined || below.commands.length === 0 ? [] : helped(below, others);
}

const KINDS = ['node', 'pod', 'service'] as const;

/** `show KIND NAME`, or `show KIND/NAME`. */
function shown(
  [kind, name]: readonly string[],
  typed: string,
  known: CompletionContext,
): Promise<readonly Candidate[]> | readonly Candidate[] {
  if (kind === undefined && !typed.includes('/'))
    return [
      ...KINDS.map((text) => ({ text, about: `one ${text}` })),
      ...KINDS.map((text) => ({ text: `${text}s`, about: `all ${text}s` })),
      { text: 'cluster', about: 'what is known about it' },
      { text: 'topology', about: 'the built-in topology file' },
    ];
  const slash = typed.indexOf('/');
  const before = kind === undefined ? typed.slice(0, slash + 1) : '';
  const wanted = KINDS.find((k) => k === (kind ?? typed.slice(0, slash)));
  if (wanted === undefined || name !== undefined) return [];
  return inNetwork(known, async ({ cluster }) => {
    const named = (await candidates()).completeNameOfKind(cluster, wanted, typed.slice(before.length), known.namespace);
    return named.map(({ text, about }) => ({ text: `${before}${text}`, about }));
  });
}

async function portsOf(destination: string | undefined, typed: string, known: CompletionContext): Promise<readonly Candidate[]> {
  if (destination === undefined) return [];
  return inNetwork(known, async ({ cluster }) => (await candidates()).completePortOf(cluster, destination, typed, known.namespace));
}

/** Devices of nodes, as --in names them. */
const entriesOf = ({ nodes }: Network['cluster'], datapath: Network['datapath']): readonly Candidate[] =>
  [...nodes.keys()].flatMap((node) =>
    [...(datapath.netns(node)?.devices.values() ?? [])].map((device) => ({ text: `${node}/${device.name}`, about: device.kind })),
  );
