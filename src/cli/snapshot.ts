import { configMapsRead, jsonText, safe, snapshots } from '../index.ts';
import { FACT_FLAGS } from './fact-flags.ts';
import type { SnapshotFlags } from './flags.ts';
import { inputNames } from './input.ts';
import { asCalled, type Io, UsageError } from './io.ts';
import { asDumped, callsForAll, PROXY_LOG } from './kubectl.ts';
import { passedOn } from './live.ts';
import { gatherInput, tellWarnings, wrongInput } from './load-input.ts';
import { claimOutputs, isStdout, orCannotWrite } from './output.ts';
import { shellWord } from './shell-word.ts';

/** Writes what a cluster, or the files of -f, say, pruned to what is read: `-f` reads it again, and says the same. */
export async function snapshotCommand(flags: SnapshotFlags, io: Io): Promise<number> {
  refuseFacts(flags);
  if (flags.print === true) return printCommands(flags, io);
  const file = fileOf(flags.output);
  const named = await inputNames({ ...flags, live: flags.live ?? flags.filename === undefined }, io);
  await claimOutputs([{ format: 'json', file }], named.names, io);
  const { files } = await gatherInput(named, flags, io);
  const made = (await snapshots()).makeSnapshot(files ?? []);
  if (!made.ok) throw await wrongInput(made.diagnostics, flags, io);
  await tellWarnings(made.warnings, flags, io);
  const { items, left } = made.value;
  for (const name of left) io.stderr.write(`k8s-trace: ${safe(name)} is left out: a Topology stands beside a snapshot, with another -f\n`);
  if (items.length === 0)
    throw new UsageError('there is no Kubernetes object in the input', 'k8s-trace snapshot --print says how to get them');
  const text = `{"apiVersion":"v1","kind":"List","items":[\n${items.map((item) => jsonText(item, 0)).join(',\n')}\n]}\n`;
  if (file === null) io.stdout.write(text);
  else await orCannotWrite(file, io.writeAll([{ path: file, text }]));
  return 0;
}

/** A snapshot has what objects say, and not what flags state. */
function refuseFacts(flags: SnapshotFlags): void {
  const set = new Map<string, unknown>(Object.entries(flags));
  const supposed = (['with', 'without'] as const).find((name) => flags[name] !== undefined);
  if (flags.nodeState !== undefined)
    throw new UsageError(
      'k8s-trace snapshot has no option --node-state: it writes objects',
      'give --node-state to the command that reads the snapshot',
    );
  if (supposed !== undefined)
    throw new UsageError(
      `k8s-trace snapshot has no option --${supposed}: it writes what there is`,
      `give --${supposed} to the command that reads it`,
    );
  const [, flag] = Object.entries(FACT_FLAGS).find(([name]) => set.get(name) !== undefined) ?? [];
  if (flag !== undefined)
    throw new UsageError(
      `k8s-trace snapshot has no option ${flag}: it writes what objects say`,
      `give ${flag} to the command that reads it`,
    );
}

/** The file of -o; null: standard output. */
function fileOf(outputs: readonly string[] = []): string | null {
  const [file, another] = outputs;
  if (another !== undefined) throw new UsageError(`-o ${another}: a snapshot goes to one file`);
  if (file === '') throw new UsageError("-o: the file's name is missing");
  if (file === 'json' || file === 'yaml')
    throw new UsageError(`-o ${file}: a snapshot has one form, and -o names its file`, `of that name: -o ./${file}`);
  return file === undefined || file === '-' || isStdout(file) ? null : file;
}

/** For a person who has kubectl, and not this program. */
async function printCommands(flags: SnapshotFlags, io: Io): Promise<number> {
  const kubectl = (words: readonly string[]) => ['kubectl', ...words, ...passedOn(flags)].map(shellWord).join(' ');
  const { begin, end } = asDumped('kube-proxy');
  io.stdout.write(
    `${[
      '# What k8s-trace reads of a cluster, into one file. What is unknown or forbidden is left out.',
      asCalled('# It has all that pods state, their environment too: k8s-trace snapshot -f cluster.json -o small.json prunes it.', io),
      '{',
      ...callsForAll(await configMapsRead()).map(({ words }) => `  ${kubectl(words)}`),
      `  echo '${begin}'`,
      `  ${kubectl(PROXY_LOG)}`,
      `  echo '${end}'`,
      '} > cluster.json',
    ].join('\n')}\n`,
  );
  return 0;
}
