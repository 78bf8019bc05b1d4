import { didYouMean } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { SHELLS } from './shells.ts';
import { refuseOptions } from './without-input.ts';

/** The script that makes a shell complete k8s-trace's command lines. */
export async function completionCommand(text: string, flags: GlobalFlags, io: Io): Promise<number> {
  refuseOptions('completion', flags);
  const shell = SHELLS.find((s) => s === text);
  if (shell === undefined)
    throw new UsageError(`there is no completion for ${text}`, didYouMean(text, SHELLS) ?? `shells: ${SHELLS.join(', ')}`);
  io.stdout.write(await io.completionScript(shell));
  return 0;
}
