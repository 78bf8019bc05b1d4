import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
      const found = fstatSync(file);
      return isPrivate(found) ? unsealed(file, found.size / 2, key) : null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function unsealed(file: number, half: number, key: Buffer): Buffer | null {
  const length = half - key.length;
  if (length < 0 || !Number.isInteger(half)) return null;
  const one = Buffer.allocUnsafe(half);
  if (readSync(file, one, 0, half, 0) < half || !one.subarray(length).equals(key)) return null;
  return isNext(file, one) ? one.subarray(0, length) : null;
}

/** Small enough to stay in the processor's cache: memory that is touched for the first time costs more than to read into it. */
const BLOCK = 1 << 16;

/** Whether the file has the same bytes once more behind them. */
function isNext(file: number, one: Buffer): boolean {
  const block = Buffer.allocUnsafe(BLOCK);
  for (let done = 0; done < one.length; done += BLOCK) {
    const expected = one.subarray(done, done + BLOCK);
    const read = readSync(file, block, 0, expected.length, one.length + done);
    if (!block.subarray(0, read).equals(expected)) return false;
  }
  return true;
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
