import {
  didYouMean,
  exitStatus,
  FORMATS,
  type Format,
  type Network,
  PICTURE_FORMATS,
  type PictureFormat,
  pictures,
  type Refused,
  type Request,
  render,
  renderSeveral,
  type TraceDocument,
  traceEverySource,
  traceRequest,
  warningsOf,
} from '../index.ts';
import type { TraceFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { readNetwork, tellWarnings } from './load-input.ts';
import { COMMANDS } from './program.ts';
import { type Run, reported } from './reported.ts';
import { readRequest } from './request.ts';
import { textStyle } from './text-style.ts';

export const TRACE_FORMATS = [...FORMATS, ...PICTURE_FORMATS] as const;

export async function traceCommand(names: readonly string[], flags: TraceFlags, io: Io): Promise<number> {
  return reported(flags, { names: TRACE_FORMATS, usual: 'table' }, io, (run) => traceTo(run, names, flags, io));
}

async function traceTo(
  { named, outputs, emit }: Run<Format | PictureFormat>,
  names: readonly string[],
  flags: TraceFlags,
  io: Io,
): Promise<number> {
  const [source, destination] = operands(names);
  const request = { ...readRequest(source, destination, flags), withDns: flags.withDns === true, established: flags.established === true };
  const style = textStyle(flags, io, io.stdout);
  const input = await readNetwork(flags, io, 'allowed', named, mentionedIn(source, destination));
  const asked = { ...request, namespace: input.namespace };
  const every = flags.allSources === true;
  const traces = every ? allTraces(input.network, asked, source) : [oneTrace(input.network, asked, source)];
  const options = {
    width: style.width,
    allPaths: flags.allPaths === true,
    reply: flags.reply === true,
    verbose: flags.verbose === true,
  };
  const draw = outputs.some(({ format }) => pictureOf(format) !== null) ? await pictures() : null;
  await emit(({ format: name, file }) => {
    const painted = { ...options, color: style.color && file === null };
    const picture = pictureOf(name);
    if (draw !== null && picture !== null) return draw[picture](traces, painted);
    const format = FORMATS.find((f) => f === name) ?? 'table';
    return every ? renderSeveral(format, traces, painted) : traces.map((trace) => render(format, trace, painted)).join('');
  });
  const warnings = new Set(traces.flatMap((trace) => warningsOf(input.network, trace, input.warnings)));
  // In a terminal the two stand below each other.
  if (warnings.size > 0 && io.stdout.isTerminal && io.stderr.isTerminal) io.stderr.write('\n');
  await tellWarnings([...warnings], flags, io);
  return worst(traces.map((trace) => exitStatus(trace.outcome)));
}

const pictureOf = (format: Format | PictureFormat): PictureFormat | null => PICTURE_FORMATS.find((f) => f === format) ?? null;

function oneTrace(network: Network, request: Request, source: string): TraceDocument {
  const result = traceRequest(network, request);
  if (!result.ok) throw refused(result, source);
  return result.trace;
}

function allTraces(network: Network, request: Request, source: string): readonly TraceDocument[] {
  const result = traceEverySource(network, request);
  if (!result.ok) throw refused(result, source);
  return result.traces;
}

const refused = ({ message, hint }: Refused, source: string): UsageError =>
  new UsageError(message, (message.includes(`"${source}"`) ? misspelt(source) : null) ?? hint);

/** A failure is worse than an answer that nobody knows. */
const worst = (statuses: readonly (0 | 1 | 3)[]): 0 | 1 | 3 => (statuses.includes(1) ? 1 : statuses.includes(3) ? 3 : 0);

/** The namespaces that two names speak of: `shop/web`, `shop/svc/web`, `web.shop`. */
const mentionedIn = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => {
    const parts = name.replace(/^[a-z]+:\/\//, '').split('/');
    const [first = ''] = parts;
    return parts.length > 1 && !first.includes('.') ? [first] : (/^[^./:]+\.([a-z0-9-]+)(\.|:|$)/.exec(first)?.[1] ?? []);
  });

/** A lone word is rather a misspelt command than a source; three are one too many. */
function operands(names: readonly string[]): readonly [string, string] {
  const [source, destination, extra] = names;
  if (source === undefined)
    throw new UsageError('a source and a destination are needed', 'k8s-trace SOURCE DESTINATION; see k8s-trace --help');
  if (destination === undefined)
    throw new UsageError(
      `${source}: neither a command, nor a source with a destination`,
      misspelt(source) ?? 'k8s-trace SOURCE DESTINATION; see k8s-trace --help',
    );
  if (extra !== undefined) throw new UsageError(`${extra}: one word too many; a trace has a source and a destination`, misspelt(source));
  return [source, destination];
}

function misspelt(word: string): string | null {
  const found = didYouMean(word, COMMANDS);
  return found === null ? null : `${found} (a command; to trace from a pod of that name, write pod/${word})`;
}
