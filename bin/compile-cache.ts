import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join } from 'node:path';
import { isPrivate, removeOldEntries } from './cache-directory.ts';

/** Lets Node keep compiled code: with checksums, in a directory for each Node. What is in there has to be as private as our own. */
export function enableCompileCache(directory: string): void {
  if (!('enableCompileCache' in Module) || typeof Module.enableCompileCache !== 'function') return;
  Module.enableCompileCache(directory);
  if (!('getCompileCacheDir' in Module) || typeof Module.getCompileCacheDir !== 'function') return;
  const ofThisNode: unknown = Module.getCompileCacheDir();
  // Elsewhere it is by NODE_COMPILE_CACHE, and not ours.
  if (typeof ofThisNode === 'string' && dirname(ofThisNode) === directory) tidy(directory, ofThisNode);
}

function tidy(directory: string, ofThisNode: string): void {
  try {
    const entries = readdirSync(ofThisNode).map((name) => join(ofThisNode, name));
    for (const entry of entries) if (!isPrivate(lstatSync(entry))) rmSync(entry, { recursive: true });
    if (entries.length > 0) return;
    chmodSync(ofThisNode, 0o700);
    removeOldEntries(directory);
  } catch {
    // Another process removes old entries at the same time.
  }
}
