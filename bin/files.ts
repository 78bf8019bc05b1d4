import {
  chmodSync,
  closeSync,
  fstatSync,
  openSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface File {
  readonly path: string;
  readonly text: string | Iterable<string>;
}

/** Throws what stands in the way of writing a file there; leaves everything as it was. */
export function tryWrite(path: string): void {
  const target = targetOf(path, 0);
  if (target.special) return;
  closeSync(openSync(target.temporary, 'wx'));
  unlinkSync(target.temporary);
}

/** Writes all, or none: each file is written beside its place first, and put there when all are. */
export function writeFiles(files: readonly File[]): void {
  const targets = files.map(({ path, text }, i) => ({ ...targetOf(path, i), text }));
  const plain = targets.filter((t) => !t.special);
  try {
    for (const { temporary, text, mode } of plain) {
      writeText(temporary, text, 'wx');
      if (mode !== null) chmodSync(temporary, mode);
    }
    for (const { special, path, text } of targets) if (special) writeText(path, text, 'w');
    for (const { temporary, path } of plain) renameSync(temporary, path);
  } finally {
    for (const { temporary } of plain) remove(temporary);
  }
}

function writeText(path: string, text: string | Iterable<string>, flag: 'w' | 'wx'): void {
  if (typeof text === 'string') {
    writeFileSync(path, text, { flag });
    return;
  }
  const file = openSync(path, flag);
  try {
    for (const piece of inBlocks(text)) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
}

const BLOCK = 1 << 16;

/** Small pieces joined: each is a call of the kernel. */
export function* inBlocks(pieces: Iterable<string>): Iterable<string> {
  let block = '';
  for (const piece of pieces) {
    block += piece;
    if (block.length < BLOCK) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}

/** The numbers that a file system has for a file or folder; of one that is not there yet, its folder's with its name. */
export function identityOf(place: string | number): string | null {
  const found = typeof place === 'number' ? fstatSync(place) : look(place);
  if (found !== undefined) return found.isFile() || found.isDirectory() ? `${found.dev}:${found.ino}` : null;
  const folder = typeof place === 'number' ? undefined : look(dirname(place));
  return folder === undefined ? null : `${folder.dev}:${folder.ino}/${basename(String(place))}`;
}

/** The entry at a path; undefined where nothing is, or nothing can be seen. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Takes a file away, by whatever name or link; a device or a pipe stays. */
export function removeFile(path: string): void {
  const { special, path: target } = targetOf(path, 0);
  if (!special) remove(target);
}

interface Target {
  /** The target of a symbolic link, so that it stays one. */
  readonly path: string;
  readonly temporary: string;
  /** A device or a pipe, and what /dev/stderr leads to, which somebody has open: nothing can take its place. */
  readonly special: boolean;
  readonly mode: number | null;
}

function targetOf(given: string, number: number): Target {
  const found = statSync(given, { throwIfNoEntry: false });
  const special = /^\/(dev|proc)\//.test(given) || (found !== undefined && !found.isFile());
  const path = special || found === undefined ? given : realpathSync(given);
  if (found?.isDirectory() === true) throw Object.assign(new Error(`${given} is a directory`), { code: 'EISDIR' });
  return {
    path,
    temporary: join(dirname(path), `.k8s-trace-${process.pid}-${number}.tmp`),
    special,
    mode: found === undefined ? null : found.mode & 0o7777,
  };
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It has taken its place, or was never there.
  }
}
