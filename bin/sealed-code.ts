import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPrivate, removeOldEntries } from './cache-directory.ts';

/**
 * V8 takes compiled code as it is: a bit that has flipped makes it crash, or answer wrongly. So a file of the cache is the code with the key
 * of what it was compiled from, twice over: what is wrong with one is not in the other. A hash would cost node:crypto, which takes longer to
 * load than to read it all again.
 */

/**
 * The bundle, the kind of command line and the Node that compiled code is for. V8 itself compares its version, flags and the source's
 * length; another build of the same version would accept the code and misread it.
 */
export function codeKey(bundle: string, kind: string): Buffer {
  const { version, platform, arch, execPath, execArgv, env } = process;
  const files = [bundle, execPath].map((path) => [path, identityOf(path)]);
  return Buffer.from(JSON.stringify([kind, version, platform, arch, files, execArgv, env['NODE_OPTIONS']]));
}

/** No program sets the time of a change, so that content of the same length and date does not pass for the same. */
function identityOf(path: string): readonly number[] {
  const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
  return [dev, ino, size, mtimeMs, ctimeMs];
}

/** FNV-1a; where two keys have one name, one takes the other's place. */
function fileOf(directory: string, key: Buffer): string {
  let sum = 0x811c9dc5;
  for (const byte of key) sum = Math.imul(sum ^ byte, 0x01000193);
  return join(directory, `${(sum >>> 0).toString(16)}.code`);
}

/** The compiled code of this key, if it is there and as it was written. */
export function readCode(directory: string, key: Buffer): Buffer | null {
  try {
    const file = openSync(fileOf(directory, key), 'r');
    try {
      return isPrivate(fstatSync(file)) ? unsealed(readFileSync(file), key) : null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function unsealed(bytes: Buffer, key: Buffer): Buffer | null {
  const half = bytes.length / 2;
  const one = bytes.subarray(0, half);
  const code = one.subarray(0, Math.max(half - key.length, 0));
  return one.subarray(code.length).equals(key) && one.equals(bytes.subarray(half)) ? code : null;
}

/** Keeps compiled code for the next run: whole, or not at all. A disk that is full or read-only is no reason to say anything. */
export function keepCode(directory: string, key: Buffer, code: Buffer): void {
  const file = fileOf(directory, key);
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, Buffer.concat([code, key, code, key]), { flag: 'wx', mode: 0o600 });
    renameSync(temporary, file);
    removeOldEntries(directory);
  } catch {
    rmSync(temporary, { force: true });
  }
}
