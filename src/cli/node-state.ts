import type { Diagnostic, NodeFiles } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { filesBelow, type Named, noSuchFile, readable, readFile, STDIN } from './input.ts';
import { type Io, UsageError } from './io.ts';
import { textStyle } from './text-style.ts';

/** What --node-state names, and what directories of the input have. */
export async function readNodeState(flags: GlobalFlags, named: Named | null, io: Io): Promise<readonly NodeFiles[]> {
  const { nodeState = [] } = flags;
  const isStdinTaken = [...(flags.filename ?? []), ...(flags.with ?? [])].includes(STDIN);
  const given: NodeFiles[] = [];
  for (const text of nodeState) given.push(await readOne(text, io));
  const stdin = nodeState.filter((text) => text === STDIN || text.endsWith(`=${STDIN}`)).length;
  if (stdin > 1 || (stdin > 0 && isStdinTaken)) throw new UsageError('- is there twice, but standard input can be read only once');
  for (const { root, names } of named?.states ?? [])
    given.push({ node: null, root, isBundle: true, files: await Promise.all(names.map((name) => readFile(name, io))) });
  return given;
}

/** `DIR`, or `NODE=PATH`: whatever stands before the equals sign, where no such path is there. */
async function readOne(text: string, io: Io): Promise<NodeFiles> {
  const equals = text.indexOf('=');
  const isPath = equals < 1 || text.slice(0, equals).includes('/') || (await io.kindOf(text).catch(() => null)) !== null;
  const [node, path] = isPath ? [null, text] : [text.slice(0, equals), text.slice(equals + 1)];
  if (path === '') throw new UsageError(`--node-state ${text}: the path is missing`, '--node-state NODE=PATH, or a directory of nodes');
  if (path === STDIN) return { node, files: [await readFile(path, io)] };
  const kind = await readable(path, io.kindOf(path));
  if (kind === null) throw await noSuchFile(path, io, () => true);
  if (kind !== 'directory') return { node, root: path.slice(0, path.lastIndexOf('/') + 1), files: [await readFile(path, io)] };
  const names = await filesBelow(path, true, io, (file) => !/\.ya?ml(\.gz)?$/i.test(file));
  if (names.length === 0)
    throw new UsageError(`--node-state ${text}: there is no file in this directory`, 'k8s-trace collect --print says what to collect');
  return { node, root: path, files: await Promise.all(names.map((name) => readFile(name, io))) };
}

/** Told as a number, because a rule that is not understood comes up where a packet meets it. */
const COUNTED = ['node-state-unread', 'node-state-unknown-file'] as const;

/** Tells what is to be said of node state, once, and hands back the other warnings. */
export async function tellNodeState(warnings: readonly Diagnostic[], flags: GlobalFlags, io: Io): Promise<readonly Diagnostic[]> {
  const own = warnings.filter((d) => d.code.startsWith('node-state-'));
  if (own.length === 0) return warnings;
  const { formatWarnings, safe } = await import('../index.ts');
  const isCounted = (d: Diagnostic) => flags.verbose !== true && COUNTED.some((code) => code === d.code);
  const told = own.filter((d) => !isCounted(d));
  if (told.length > 0) io.stderr.write(formatWarnings(told, textStyle(flags, io, io.stderr)));
  const counted = own.filter(isCounted);
  const unread = counted.filter((d) => d.code === 'node-state-unread').length;
  const files = [...new Set(counted.filter((d) => d.code === 'node-state-unknown-file').map((d) => d.file))];
  if (unread > 0)
    io.stderr.write(
      `k8s-trace: ${unread === 1 ? '1 line of node state is' : `${unread} lines of node state are`} not understood: -v shows ${unread === 1 ? 'it' : 'them'}\n`,
    );
  if (files.length > 0)
    io.stderr.write(
      `k8s-trace: no node state in ${safe(files.slice(0, 3).join(', '))}${files.length > 3 ? ` and ${files.length - 3} others` : ''}: -v says why\n`,
    );
  return warnings.filter((d) => !d.code.startsWith('node-state-'));
}
