import type { GlobalFlags } from './flags.ts';
import { UsageError } from './io.ts';

const OPTIONS = { filename: '-f', recursive: '-R', output: '-o', verbose: '-v' } as const;

/** Refuses the options that are about an input or its results, for commands that have neither. */
export function refuseInputOptions(command: string, flags: GlobalFlags): void {
  for (const name of ['filename', 'recursive', 'output', 'verbose'] as const)
    if (flags[name] !== undefined)
      throw new UsageError(`k8s-trace ${command} has no option ${OPTIONS[name]}`, `it reads no input: leave ${OPTIONS[name]} out`);
}
