import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realMachine } from '../../bin/machine.ts';
import { checkMachine } from '../../src/lab/holder.ts';

export const machine = realMachine(readFileSync(join(import.meta.dirname, '../../bin/lab-agent.pl'), 'utf8'));

/** Why labs are impossible here, in a few words; null where they are possible. */
export const whyNot: string | null = reason();

function reason(): string | null {
  try {
    checkMachine(machine);
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
  const user = machine.uid === 0 ? [] : ['--user', '--map-root-user'];
  const ran = spawnSync('unshare', [...user, '--mount', '--net', '--pid', '--fork', 'true']);
  return ran.status === 0 ? null : 'this machine allows no network namespaces: it needs root, or unprivileged user namespaces';
}
