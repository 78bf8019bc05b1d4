import { type MatrixReady, type MatrixRequest, type MatrixResult, matrixFormats, matrixOf, type Network } from '../index.ts';
import type { MatrixFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { readNetwork, tellWarnings } from './load-input.ts';
import { MATRIX_FORMATS } from './matrix-formats.ts';
import { isForPeople, toldTo } from './matrix-told.ts';
import { codeMeanings } from './meanings.ts';
import { reported } from './reported.ts';
import { readFamily, readProtocol } from './request.ts';
import { textStyle } from './text-style.ts';
import { working } from './working.ts';

/** More cells than these are not made by mistake. */
const MOST_CELLS = 10_000_000;
const MOST_CELLS_OF_A_PAGE = 4_000_000;

/** `k8s-trace matrix` */
export async function matrixCommand(operands: readonly string[], flags: MatrixFlags, io: Io): Promise<number> {
  if (flags.merge === true) return (await import('./matrix-merge.ts')).mergeCommand(operands, flags, io);
  const [first, second] = operands;
  if (first !== undefined)
    throw new UsageError(
      `${first}: one word too many`,
      `who reaches it: k8s-trace matrix --to ${first}${second === undefined ? '' : `; a packet between two: k8s-trace ${first} ${second}`}`,
    );
  const sharding = flags.shard === undefined ? null : await import('./matrix-shard.ts');
  const shard = sharding?.readShard(flags.shard ?? '');
  const forms = shard === undefined ? ({ names: MATRIX_FORMATS, usual: 'table' } as const) : ({ names: ['json'], usual: 'json' } as const);
  return reported<(typeof MATRIX_FORMATS)[number]>(flags, forms, io, async ({ named, outputs, emit }) => {
    const style = { ...textStyle(flags, io, io.stdout), verbose: flags.verbose === true, blocked: flags.blocked === true };
    const { network, sources, namespace, warnings } = await readNetwork(flags, io, 'allowed', named);
    await tellWarnings(warnings, flags, io);
    const isPage = outputs.some(({ format }) => format === 'html');
    const asked = requestOf(flags, namespace);
    // A part may be of a table, too.
    const request = { ...asked, blocked: asked.blocked || shard !== undefined || outputs.some(({ format }) => isForPeople(format)) };
    if (network.cluster.oneMachine !== null) throw withoutGroups(network);
    const ready = await readyOf(network, request);
    if (flags.force !== true) await refuseTooLarge(network, request, ready, shard?.of ?? 1);
    if (isPage) refusePage(ready);
    const formats = await matrixFormats();
    const work = working('matrix', io);
    const missing = missingIn(network);
    const part = shard === undefined ? undefined : await sharding?.partOf(shard, { sources, flags, asked, missing }, io);
    const made = { ...ready.make(work.progress, shard), ...(part === undefined ? {} : { part }) };
    // One format takes connections as they are made; several share them.
    const result: MatrixResult = outputs.length === 1 ? made : { ...made, connections: [...made.connections] };
    const meanings = isPage ? await codeMeanings(io) : {};
    const told = (format: (typeof MATRIX_FORMATS)[number]) => (shard === undefined ? toldTo(format, result, asked.blocked) : result);
    await emit(({ format, file }) =>
      work.quietWhile(formats[format](told(format), { ...style, meanings, missing, color: style.color && file === null })),
    );
    work.end();
    return 0;
  });
}

/** A matrix is of workloads and of classes of addresses that objects tell apart: the routes of one machine are not cut into such. */
function withoutGroups({ cluster }: Network): UsageError {
  const [name = 'node'] = cluster.nodes.keys();
  return new UsageError(
    `a matrix is of the workloads of a cluster, and there are no objects: ${name} is asked packet by packet`,
    'k8s-trace ADDRESS ADDRESS:PORT --node-state PATH; or name the objects with -f',
  );
}

/** Flags for what policies hang on and the input does not say. */
const missingIn = ({ cluster }: Network): readonly string[] =>
  cluster.enforcer.name !== null
    ? []
    : [
        ...(cluster.facts.some((f) => f.fact === 'cni.plugin' && (f.confidence === 'unknown' || f.confidence === 'assumed'))
          ? ['--cni']
          : []),
        '--network-policy',
      ];

export function requestOf(flags: MatrixFlags, namespace: string): MatrixRequest {
  const { from = [], to = [], port = [], protocol } = flags;
  return {
    from,
    to,
    namespace,
    isWithin: flags.namespace !== undefined,
    ports: port,
    protocol: protocol === undefined ? null : readProtocol(protocol),
    family: readFamily(flags),
    pods: flags.pods === true,
    anyPort: flags.anyPort === true,
    blocked: flags.blocked === true,
  };
}

async function readyOf(network: Network, request: MatrixRequest): Promise<MatrixReady> {
  const ready = await matrixOf(network, request);
  if (!ready.ok) throw new UsageError(ready.message, ready.hint);
  return ready;
}

function refusePage({ rows, columns }: MatrixReady): void {
  if (rows * columns <= MOST_CELLS_OF_A_PAGE) return;
  throw new UsageError(
    `-o html: a page of ${counted(rows * columns)} cells (${counted(rows)} rows, ${counted(columns)} columns) would hardly open; ${counted(MOST_CELLS_OF_A_PAGE)} are the most`,
    'fewer rows or columns: --from or --to namespace/NAME, or a selector; all of them: -o csv',
  );
}

const counted = (n: number): string => n.toLocaleString('en-US');

/** Each of `parts` is made alone. */
async function refuseTooLarge(network: Network, request: MatrixRequest, { rows, columns }: MatrixReady, parts: number): Promise<void> {
  if ((rows * columns) / parts <= MOST_CELLS) return;
  const grouped = request.pods ? await readyOf(network, { ...request, pods: false }) : null;
  const less =
    grouped === null || grouped.rows * grouped.columns > MOST_CELLS
      ? ''
      : `by workload, without --pods, it has ${counted(grouped.rows * grouped.columns)}; `;
  throw new UsageError(
    `this matrix has ${counted(rows * columns)} cells (${counted(rows)} rows, ${counted(columns)} columns), and ${counted(MOST_CELLS)} are the most without --force`,
    `${less}fewer rows or columns: --from or --to namespace/NAME, or a selector; all the same: --force`,
  );
}
