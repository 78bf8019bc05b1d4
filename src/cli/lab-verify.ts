import { jsonText, lab, labText, type Request } from '../index.ts';
import type { LabFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { loadInput, wrongInput } from './load-input.ts';
import { type Run, reported } from './reported.ts';
import { readRequest } from './request.ts';
import { textStyle } from './text-style.ts';

export const VERIFY_FORMATS = ['table', 'json'] as const;

/** Compares the kernel's way of a packet with the trace's. */
export async function verifyCommand(names: readonly string[], flags: LabFlags, io: Io): Promise<number> {
  return reported(flags, { names: VERIFY_FORMATS, usual: 'table' }, io, (run) => verifyTo(run, names, flags, io));
}

type VerifyFormat = (typeof VERIFY_FORMATS)[number];

async function verifyTo({ named, emit }: Run<VerifyFormat>, names: readonly string[], flags: LabFlags, io: Io): Promise<number> {
  const wanted = readWanted(names, flags);
  const style = textStyle(flags, io, io.stdout);
  const input = await loadInput(flags, io, wanted === 'all' ? 'refused' : 'allowed', named);
  const { allFlows, flowsFor, verifyFlows } = await lab();
  const flows = wanted === 'all' ? allFlows(input.network, input.namespace) : { ok: true as const, value: flowsFor(input.network, wanted) };
  if (!flows.ok) throw await wrongInput(flows.diagnostics, flags, io);
  const document = await verifyFlows(await io.machine(), input.network, flows.value);
  const options = { ...style, verbose: flags.verbose === true };
  await emit(({ format, file }) =>
    format === 'json' ? `${jsonText(document)}\n` : labText(document, { ...options, color: style.color && file === null }),
  );
  if (document.agrees === null) return 2;
  return document.agrees ? 0 : 1;
}

/** The two names, or all. */
function readWanted(names: readonly string[], flags: LabFlags): Request | 'all' {
  const [source, destination, extra] = names;
  if (flags.all !== true) {
    if (source === undefined || destination === undefined)
      throw new UsageError(
        source === undefined ? 'a source and a destination are needed, or --all' : `${source}: where to? A destination is needed`,
        'k8s-trace lab verify SOURCE DESTINATION',
      );
    if (extra !== undefined) throw new UsageError(`${extra}: one word too many; a flow has a source and a destination`);
    return readRequest(source, destination, flags);
  }
  if (source !== undefined) throw new UsageError(`${source}: --all is every flow, so it takes no names`, 'leave out --all, or the names');
  const narrowing = (['port', 'protocol', 'size', 'over', 'family', '4', '6'] as const).find((f) => flags[f] !== undefined);
  if (narrowing !== undefined) {
    const flag = narrowing.length === 1 ? `-${narrowing}` : `--${narrowing}`;
    throw new UsageError(`${flag} is about one flow, and --all is about all`, `leave ${flag} out`);
  }
  return 'all';
}
