import type { Command } from 'commander';
import { BUILT_IN, BUILT_IN_NAME, type Candidate, loadNetwork, type Network, safe } from '../index.ts';
import { fold } from './complete-fold.ts';
import { type CompletionContext, flagValues, type Offer, operandValues } from './complete-values.ts';
import { type Cursor, flagsOf, readWords } from './complete-words.ts';
import { inputNames, readInputs } from './input.ts';
import type { Io } from './io.ts';
import { isPlainWord, readShellLine } from './shell-line.ts';

/**
 * Candidates for the last word, in the words of the Go library Cobra, because kubectl expects them of a plugin's
 * `kubectl_complete-NAME` (pkg/cmd/plugin/plugin_completion.go): a candidate a line, a tab and what it is, and last a colon with a sum of
 * the numbers below.
 */
const NO_SPACE = 2;
const NO_FILES = 4;

/** `k8s-trace __complete WORD…`, the last word being typed. It says nothing but candidates, whatever happens. */
export async function completeCommand(program: Command, words: readonly string[], io: Io): Promise<number> {
  const answer = await complete(program, words, io);
  const lines = answer.candidates.map(({ text, about }) => (about === '' ? text : `${text}\t${about}`));
  io.stdout.write([...lines, `:${answer.directive}`, ''].join('\n'));
  return 0;
}

/**
 * `k8s-trace __complete-bash LINE WORDBREAKS`: what bash's completion of this line, up to the cursor, should answer. bash has cut the
 * last word at its word breaks, and wants to hear only of what comes after the last of them.
 */
export async function completeBashCommand(program: Command, [line = '', breaks = '']: readonly string[], io: Io): Promise<number> {
  const { words, redirects, open } = readShellLine(line);
  const files = { candidates: [], directive: 0 };
  const { candidates, directive } = redirects ? files : await complete(program, words.slice(1), io);
  const typed = words.at(-1) ?? '';
  const last = open === null ? Math.max(...[...breaks].map((c) => typed.lastIndexOf(c))) : -1;
  // bash keeps an @ with what follows it (its rl_special_prefixes), because hosts begin so.
  const cut = typed.charAt(last) === '@' ? last : last + 1;
  io.stdout.write([...candidates.map((c) => c.text.slice(cut)), `:${directive}`, ''].join('\n'));
  return 0;
}

interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: number;
}

async function complete(program: Command, words: readonly string[], io: Io): Promise<Completion> {
  const cursor = readWords(program, words);
  const typed = words.at(-1) ?? '';
  const offer = await offered(cursor, io).catch((): Offer => []);
  if (offer === 'files') return { candidates: [], directive: 0 };
  const fitting = offer.filter((c) => c.text.startsWith(typed) && isPlainWord(c.text));
  const { candidates, folded } = fold(fitting, typed);
  const unfinished = folded || (candidates.length > 0 && candidates.every((c) => /[/:@=]$/.test(c.text)));
  return {
    candidates: candidates.map(({ text, about }) => ({ text, about: safe(about) })),
    directive: NO_FILES + (unfinished ? NO_SPACE : 0),
  };
}

async function offered(cursor: Cursor, io: Io): Promise<Offer> {
  const known: CompletionContext = {
    namespace: cursor.values.get('namespace')?.at(-1) ?? 'default',
    network: () => quietNetwork(cursor, io),
    contexts: () => contextsOf(cursor, io),
  };
  const { at } = cursor;
  switch (at.kind) {
    case 'foreign':
      return 'files';
    case 'flag':
      return flags(cursor, at.typed);
    case 'operand':
      return operandValues(cursor, at.typed, known);
    case 'value': {
      const values = await flagValues(cursor, at.option.attributeName(), at.option.argChoices ?? [], at.typed, known);
      return values === 'files' ? values : values.map(({ text, about }) => ({ text: `${at.before}${text}`, about }));
    }
  }
}

/** It reads a file only, and asks no cluster. */
async function contextsOf({ values }: Cursor, io: Io): Promise<readonly string[]> {
  const kubeconfig = values.get('kubeconfig')?.at(-1);
  const lead = kubeconfig === undefined ? [] : [`--kubeconfig=${asShellsExpand(kubeconfig, io.env)}`];
  const { status, stdout } = await io.execute(['kubectl', 'config', 'get-contexts', '-o', 'name', ...lead]);
  return status === 0
    ? new TextDecoder()
        .decode(stdout)
        .split('\n')
        .filter((name) => name !== '')
    : [];
}

/** The flags that are not there yet; those that collect their values may come again. */
function flags(cursor: Cursor, typed: string): readonly Candidate[] {
  const help = cursor.commands[0].createHelp();
  const all = [...flagsOf(cursor.commands), ...help.visibleOptions(cursor.commands[0])];
  const left = all.filter((o) => !cursor.values.has(o.attributeName()) || o.parseArg !== undefined);
  const named = new Map(
    left.flatMap((o) => [o.long ?? [], ...(typed === '-' ? [o.short ?? []] : [])].flat().map((name) => [name, o.description])),
  );
  return [...named].map(([text, about]) => ({ text, about }));
}

/** The input as a trace would load it. A source that cannot be read twice, as a pipe or standard input, is left alone. */
async function quietNetwork(cursor: Cursor, io: Io): Promise<Network | null> {
  const filename = cursor.values.get('filename')?.map((path) => asShellsExpand(path, io.env));
  const quiet: Io = {
    ...io,
    stderr: { write: () => {}, isTerminal: false, columns: undefined },
    kindOf: async (path) => {
      const kind = await io.kindOf(path);
      return kind === 'pipe' ? null : kind;
    },
    readStdin: () => Promise.reject(new Error('standard input is not for completions')),
  };
  const flags = { recursive: cursor.values.has('recursive'), ...(filename === undefined ? {} : { filename }) };
  const files = (await readInputs(await inputNames(flags, quiet), quiet)) ?? [
    { name: BUILT_IN_NAME, bytes: new TextEncoder().encode(BUILT_IN) },
  ];
  const loaded = loadNetwork(files);
  return loaded.ok ? loaded.value : null;
}

/** Shells hand over what is typed, before they expand it. */
function asShellsExpand(path: string, env: Io['env']): string {
  const home = path.replace(/^~(?=\/|$)/, (tilde) => env['HOME'] ?? tilde);
  return home.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (all, braced: string | undefined, bare: string | undefined) => env[braced ?? bare ?? ''] ?? all,
  );
}
