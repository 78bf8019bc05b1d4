import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPrivate, removeOldEntries } from './cache-directory.ts';

/**
 * V8 takes compiled code as it is: a bit that has flipped makes it crash, or answer wrongly. So a file of the cache is the code, the key
 * of what it was compiled from, and the hash of both.
 */

const HASH_BYTES = 32;

const hash = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest();
};

/**
 * The source, the kind of command line and the Node that compiled code is for. V8 itself compares its version, flags and the source's
 * length; another build of the same version would accept the code and misread it.
 */
export function codeKey(source: Uint8Array, kind: string): Buffer {
  const { size, mtimeMs, ctimeMs } = statSync(process.execPath);
  const { version, platform, arch, execPath, execArgv, env } = process;
  return hash(
    JSON.stringify([kind, version, platform, arch, execPath, size, mtimeMs, ctimeMs, execArgv, env['NODE_OPTIONS']]),
    '\n',
    source,
  );
}

const fileOf = (directory: string, key: Buffer) => join(directory, `${key.toString('hex', 0, 16)}.code`);

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
  const end = bytes.length - HASH_BYTES;
  const code = bytes.subarray(0, Math.max(end - HASH_BYTES, 0));
  const isWhole = bytes.subarray(code.length, end).equals(key) && bytes.subarray(end).equals(hash(bytes.subarray(0, end)));
  return isWhole ? code : null;
}

/** Keeps compiled code for the next run: whole, or not at all. A disk that is full or read-only is no reason to say anything. */
export function keepCode(directory: string, key: Buffer, code: Buffer): void {
  const file = fileOf(directory, key);
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, Buffer.concat([code, key, hash(code, key)]), { flag: 'wx', mode: 0o600 });
    renameSync(temporary, file);
    removeOldEntries(directory);
  } catch {
    rmSync(temporary, { force: true });
  }
}
