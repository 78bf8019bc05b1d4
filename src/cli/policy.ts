import { policyFormats, policyOf, safe } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { readNetwork, tellWarnings } from './load-input.ts';
import { reported } from './reported.ts';
import { textStyle } from './text-style.ts';

export const POLICY_FORMATS = ['table', 'json', 'yaml', 'markdown'] as const;

/** `k8s-trace policy POD` */
export async function policyCommand([name, extra]: readonly string[], flags: GlobalFlags, io: Io): Promise<number> {
  if (name === undefined) throw new UsageError('policy: of which pod?', 'k8s-trace policy POD; k8s-trace show pods lists them');
  if (extra !== undefined)
    throw new UsageError(`${extra}: one word too many`, `what becomes of a packet between two: k8s-trace ${name} ${extra}`);
  return reported(flags, { names: POLICY_FORMATS, usual: 'table' }, io, async ({ named, emit }) => {
    const style = { ...textStyle(flags, io, io.stdout), verbose: flags.verbose === true };
    const [namespaced] = name.split('/');
    const mentioned = name.includes('/') && namespaced !== undefined ? [namespaced] : [];
    const { network, namespace, warnings } = await readNetwork(flags, io, 'allowed', named, mentioned);
    await tellWarnings(warnings, flags, io);
    const answer = await policyOf(network, name, namespace);
    if (!answer.ok) throw new UsageError(answer.message, answer.hint);
    if (answer.note !== null) io.stderr.write(`k8s-trace: ${safe(answer.note)}\n`);
    const formats = await policyFormats();
    await emit(({ format, file }) => formats[format](answer.document, { ...style, color: style.color && file === null }));
    return 0;
  });
}
