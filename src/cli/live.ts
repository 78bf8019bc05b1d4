import type { InputFile } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { type Call, callIn, callsForAll, isForbidden, isUnknown } from './kubectl.ts';

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
    const context = await kubectl(['config', 'view', '--minify', '-o', 'jsonpath={..namespace}']);
    const own = new TextDecoder().decode(context.stdout).trim() || 'default';
    const namespaces = [...new Set([flags.namespace ?? own, ...named])];
    const answers = await eachOf(callsForAll(), (call) => answerTo(call, namespaces, kubectl));
    const files = answers.flatMap((a) => a.files);
    const unseen = answers.flatMap((a) => a.unseen);
    if (files.length === 0) throw new UsageError('kubectl reads nothing from the cluster', unseen[0] ?? null);
    return { files, namespace: own, unseen };
  } finally {
    stop();
  }
}

const passedOn = ({ context, kubeconfig }: GlobalFlags): readonly string[] => [
  ...(context === undefined ? [] : [`--context=${context}`]),
  ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
];

interface Output {
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

async function run(words: readonly string[], { verbose }: GlobalFlags, io: Io): Promise<Output> {
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

type Answer = Pick<Asked, 'files' | 'unseen'>;

async function answerTo(
  call: Call,
  namespaces: readonly string[],
  kubectl: (words: readonly string[]) => Promise<Output>,
): Promise<Answer> {
  const { status, stdout, stderr } = await kubectl(call.words);
  const name = `kubectl ${call.words.join(' ')}`;
  if (status === 0) return { files: stdout.length === 0 ? [] : [{ name, bytes: told(stdout, call) }], unseen: [] };
  if (isUnknown(stderr)) return { files: [], unseen: [] };
  if (isForbidden(stderr) && call.everywhere) {
    const each = await Promise.all(namespaces.map((n) => answerTo(callIn(call, n), [], kubectl)));
    const seen = each.some((a) => a.files.length > 0) ? `${call.what} of other namespaces than ${namespaces.join(', ')}` : call.what;
    return { files: each.flatMap((a) => a.files), unseen: [`${seen}: forbidden`] };
  }
  if (isForbidden(stderr)) return { files: [], unseen: [`${call.what}: forbidden`] };
  const [first = ''] = stderr.trim().split('\n').slice(-1);
  throw new UsageError(
    `${name} failed: ${first}`,
    'is this the right context? kubectl config current-context; k8s-trace passes --context on',
  );
}

/** kubectl prints an empty answer as a List without a kind of its own: which kind has no object is a statement, too. */
function told(stdout: Uint8Array, { kind }: Call): Uint8Array {
  if (kind === null || stdout.length > 400) return stdout;
  const list: unknown = JSON.parse(new TextDecoder().decode(stdout));
  const isEmpty = typeof list === 'object' && list !== null && 'items' in list && Array.isArray(list.items) && list.items.length === 0;
  const [apiVersion, name] = kind;
  return isEmpty ? new TextEncoder().encode(JSON.stringify({ apiVersion, kind: `${name}List`, items: [] })) : stdout;
}

async function eachOf<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await act(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
