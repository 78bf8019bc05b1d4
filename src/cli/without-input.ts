import type { GlobalFlags } from './flags.ts';
import { UsageError } from './io.ts';

const OPTIONS = {
  filename: '-f',
  recursive: '-R',
  output: '-o',
  verbose: '-v',
  with: '--with',
  without: '--without',
  nodeState: '--node-state',
} as const;

type Option = keyof typeof OPTIONS;

/** Refuses options that are about an input or its results, for commands that have neither. */
export function refuseOptions(
  command: string,
  flags: GlobalFlags,
  names: readonly Option[] = ['filename', 'recursive', 'output', 'verbose', 'with', 'without', 'nodeState'],
): void {
  for (const name of names)
    if (flags[name] !== undefined)
      throw new UsageError(`k8s-trace ${command} has no option ${OPTIONS[name]}`, `it reads no input: leave ${OPTIONS[name]} out`);
}
