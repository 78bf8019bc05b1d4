import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DUMPS = join(import.meta.dirname, '../../../../shared/dumps');

/** Whether this machine has other people's dumps, beside the project. */
export const hasDumps = existsSync(DUMPS);

/** Their files, by name. */
export const dumpsOf = (pattern: RegExp): readonly string[] =>
  hasDumps
    ? readdirSync(DUMPS, { recursive: true, encoding: 'utf8' })
        .filter((name) => pattern.test(name))
        .sort()
    : [];

export const readDump = (name: string): Uint8Array => readFileSync(join(DUMPS, name));
