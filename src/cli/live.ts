import { configMapsRead, type InputFile } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { asDumped, type Call, callIn, callsForAll, isForbidden, isUnknown, PROXY_LOG } from './kubectl.ts';

/** What the user's cluster answered. */
export interface Asked {
  readonly files: readonly InputFile[];
  /** Of the context; `default` when it names none. */
  readonly namespace: string;
  /** What could not be seen, in words. */
  readonly unseen: readonly string[];
}

/** So many at once: kubectl is a process each, and the API server has limits too. */
const AT_ONCE = 6;

/**
 * Asks the cluster of the user's own kubectl, which reads only. Where the whole cluster is forbidden, the namespaces of `named` and the
 * context's are asked instead.
 */
export async function askCluster(flags: GlobalFlags, named: readonly string[], io: Io): Promise<Asked> {
  const kubectl = (words: readonly string[]) => run([...words, ...passedOn(flags)], flags, io);
  const stop = io.after(1000, () => {
    if (io.stderr.isTerminal) io.stderr.write('k8s-trace: reading the cluster by kubectl …\n');
  });
  try {
    const context = await kubectl(['config', 'view', '--minify', '-o', 'jsonpath={.contexts[0].context.namespace}']);
    const own = new TextDecoder().decode(context.stdout).trim() || 'default';
    const namespaces = [...new Set([flags.namespace ?? own, ...named])];
    const calls = callsForAll(await configMapsRead());
    const [answers, log] = await Promise.all([eachOf(calls, (call) => answerTo(call, namespaces, kubectl)), proxyLog(kubectl)]);
    const files = answers.flatMap((a) => a.files);
    const unseen = wordsOf(answers, namespaces);
    if (files.length === 0) throw new UsageError('kubectl reads nothing from the cluster', unseen[0] ?? null);
    return { files: [...files, ...log], namespace: own, unseen };
  } finally {
    stop();
  }
}

/** The flags that lead to the cluster. */
export const passedOn = ({ context, kubeconfig }: GlobalFlags): readonly string[] => [
  ...(context === undefined ? [] : [`--context=${context}`]),
  ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
];

type Kubectl = (words: readonly string[]) => ReturnType<Io['execute']>;

async function run(words: readonly string[], { verbose }: GlobalFlags, io: Io): ReturnType<Io['execute']> {
  const command = ['kubectl', ...words];
  if (verbose === true) io.stderr.write(`${command.join(' ')}\n`);
  try {
    return await io.execute(command);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
      throw new UsageError('there is no kubectl here', 'install it, or hand over files with -f; k8s-trace snapshot --print says which');
    throw error;
  }
}

interface Answer {
  readonly files: readonly InputFile[];
  /** What was forbidden, altogether or in other namespaces than those that were asked. */
  readonly forbidden: { readonly what: string; readonly where: 'everywhere' | 'elsewhere' } | null;
}

async function answerTo(call: Call, namespaces: readonly string[], kubectl: Kubectl): Promise<Answer> {
  const { status, stdout, stderr } = await kubectl(call.words);
  const name = `kubectl ${call.words.join(' ')}`;
  if (status === 0) return { files: stdout.length === 0 ? [] : [{ name, bytes: told(stdout, call) }], forbidden: null };
  if (isUnknown(stderr)) return { files: [], forbidden: null };
  if (isForbidden(stderr)) {
    const inEach = call.everywhere ? namespaces.map((n) => answerTo(callIn(call, n), [], kubectl)) : [];
    const files = (await Promise.all(inEach)).flatMap((a) => a.files);
    const isInPart = files.length > 0;
    return {
      files: isInPart && call.kind !== null ? [...files, unseen(name, call.kind[1])] : files,
      forbidden: { what: call.what, where: isInPart ? 'elsewhere' : 'everywhere' },
    };
  }
  throw new UsageError(
    `kubectl cannot read the cluster: ${lastLine(stderr)}`,
    'is this the right context? kubectl config current-context; k8s-trace passes --context on',
  );
}

/** What some namespaces have is not all, and a snapshot of it has to say so. */
const unseen = (name: string, kind: string): InputFile => ({
  name,
  bytes: new TextEncoder().encode(JSON.stringify({ apiVersion: 'k8s-trace.snapshot/v1', kind: 'Unseen', kinds: [kind] })),
});

/** Before it, kubectl may warn, and log its attempts. */
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** What was not seen, in a line for each reason. */
function wordsOf(answers: readonly Answer[], namespaces: readonly string[]): readonly string[] {
  const of = (where: 'everywhere' | 'elsewhere') => answers.flatMap(({ forbidden }) => (forbidden?.where === where ? forbidden.what : []));
  const [everywhere, elsewhere] = [of('everywhere'), of('elsewhere')];
  return [
    ...(everywhere.length === 0 ? [] : [`${everywhere.join(', ')}: forbidden`]),
    ...(elsewhere.length === 0 ? [] : [`${elsewhere.join(', ')} of other namespaces than ${namespaces.join(', ')}: forbidden`]),
  ];
}

/** kubectl prints an empty answer as a List without a kind of its own: which kind has no object is a statement, too. */
function told(stdout: Uint8Array, { kind }: Call): Uint8Array {
  if (kind === null || stdout.length > 400) return stdout;
  const list: unknown = JSON.parse(new TextDecoder().decode(stdout));
  const isEmpty = typeof list === 'object' && list !== null && 'items' in list && Array.isArray(list.items) && list.items.length === 0;
  const [apiVersion, name] = kind;
  return isEmpty ? new TextEncoder().encode(JSON.stringify({ apiVersion, kind: `${name}List`, items: [] })) : stdout;
}

/** Where there is no such log, or nobody may read it, other objects tell as much. */
async function proxyLog(kubectl: Kubectl): Promise<readonly InputFile[]> {
  const { status, stdout, stderr } = await kubectl(PROXY_LOG);
  if (status !== 0 || stdout.length === 0) return [];
  const { begin, end } = asDumped(/using pod\/(\S+)/.exec(stderr)?.[1] ?? 'kube-proxy');
  const text = `${begin}\n${new TextDecoder().decode(stdout)}\n${end}\n`;
  return [{ name: `kubectl ${PROXY_LOG.join(' ')}`, bytes: new TextEncoder().encode(text) }];
}

/** The first that fails ends it: nothing more is begun. */
async function eachOf<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results[next[0]] = await act(next[1]).catch((error) => {
        waiting.length = 0;
        throw error;
      });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
