import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realMachine } from '../../bin/machine.ts';
import { checkMachine } from '../../src/lab/holder.ts';

export const machine = realMachine(readFileSync(join(import.meta.dirname, '../../bin/lab-agent.pl'), 'utf8'));

const asRoot = machine.uid === 0 ? [] : ['--user', '--map-root-user'];

/** Why labs are impossible here, in a few words; null where they are possible. */
export const whyNot: string | null = reason();

/** Runs a script in a network namespace of its own, which ends with it. */
export const isolated = (script: string, input: string) =>
  spawnSync('unshare', [...asRoot, '--net', 'sh', '-ec', script], { input, encoding: 'utf8' });

function reason(): string | null {
  try {
    checkMachine(machine);
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
  const ran = spawnSync('unshare', [...asRoot, '--mount', '--net', '--pid', '--fork', 'true']);
  return ran.status === 0 ? null : 'this machine allows no network namespaces: it needs root, or unprivileged user namespaces';
}
