import { type DriftRequest, driftFormats, drifting } from '../index.ts';
import type { DriftFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { readNetwork, tellWarnings } from './load-input.ts';
import { requestOf } from './matrix.ts';
import { reported } from './reported.ts';
import { readSize } from './request.ts';
import { textStyle } from './text-style.ts';

export const DRIFT_FORMATS = ['text', 'json', 'yaml', 'markdown'] as const;

const STATUS = { same: 0, different: 1, undetermined: 3 } as const;

/** `k8s-trace drift [NODE]`. 0: the same; 1: not; 2: the input does not allow an answer; 3: nobody knows. */
export async function driftCommand([node, extra]: readonly string[], flags: DriftFlags, io: Io): Promise<number> {
  if (extra !== undefined) throw new UsageError(`${extra}: one word too many`, 'drift looks at one node, or without a name at all of them');
  return reported(flags, { names: DRIFT_FORMATS, usual: 'text' }, io, async ({ named, emit }) => {
    const style = { ...textStyle(flags, io, io.stdout), verbose: flags.verbose === true };
    const { network, namespace, warnings } = await readNetwork(flags, io, 'refused', named);
    await tellWarnings(warnings, flags, io);
    const { findDrift } = await drifting();
    const request: DriftRequest = {
      node: node === undefined ? null : node.replace(/^(node|nodes|no)\//, ''),
      pairs: requestOf(flags, namespace),
      expectations: flags.expectations ?? null,
      ...(flags.size === undefined ? {} : { size: readSize(flags.size) }),
      force: flags.force === true,
    };
    const answer = findDrift(network, request);
    if (!answer.ok) throw new UsageError(answer.message, answer.hint);
    const formats = await driftFormats();
    await emit(({ format, file }) => formats[format](answer.value, { ...style, color: style.color && file === null }));
    return STATUS[answer.value.outcome];
  });
}
