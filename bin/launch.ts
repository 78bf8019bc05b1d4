#!/usr/bin/env node
// Start-up is felt on every call, and most of it is V8 compiling. So the first run keeps V8's compiled code in the user's cache
// directory, and later runs hand it back.
import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { cacheDirectory, isPrivate, removeOldEntries } from './cache-directory.ts';
import type * as program from './k8s-trace.ts';
import { codeKey, keepCode, readCode } from './sealed-code.ts';

/** This file is bundled as CommonJS into dist/, beside the program. */
declare const __dirname: string;
const file = join(__dirname, 'main.cjs');
const require = createRequire(file);

interface Launched {
  readonly main: typeof program;
  /** Keeps the code that is compiled by then; null where it is kept already, or without us. */
  readonly keep: (() => void) | null;
}

function launch(): Launched {
  const directory = cacheDirectory();
  if (directory === null) return { main: require(file), keep: null };
  if (!('enableCompileCache' in Module)) return byHand(directory);
  const { enableCompileCache } = Module;
  if (typeof enableCompileCache === 'function') letNodeKeep(directory, enableCompileCache(directory));
  return { main: require(file), keep: null };
}

/** Since 22.1 Node keeps compiled code itself, with checksums, in a directory for each Node. What is in there has to be as private as ours. */
function letNodeKeep(directory: string, enabled: unknown): void {
  if (typeof enabled !== 'object' || enabled === null || !('directory' in enabled) || typeof enabled.directory !== 'string') return;
  if (dirname(enabled.directory) !== directory) return;
  try {
    chmodSync(enabled.directory, 0o700);
    const entries = readdirSync(enabled.directory).map((name) => join(String(enabled.directory), name));
    for (const entry of entries) if (!isPrivate(lstatSync(entry))) rmSync(entry, { recursive: true });
    if (entries.length === 0) removeOldEntries(directory);
  } catch {
    // Another process removes old entries at the same time.
  }
}

function byHand(directory: string): Launched {
  const source = readFileSync(file);
  const key = codeKey(source);
  const cachedData = readCode(directory, key) ?? undefined;
  // The bundle is plain ASCII: esbuild escapes all else.
  const script = new Script(Module.wrap(source.toString('latin1')), { filename: file, cachedData });
  const main = new Module(file);
  script.runInThisContext().call(main.exports, main.exports, require, main, file, dirname(file));
  const isKept = cachedData !== undefined && script.cachedDataRejected === false;
  return { main: main.exports, keep: isKept ? null : () => keepCode(directory, key, script.createCachedData()) };
}

async function start(): Promise<void> {
  const { main, keep } = launch();
  const end = await main.run();
  if (keep !== null) {
    try {
      await main.practise();
      keep();
    } catch {
      // The answer is there; without the cache the next one takes a little longer.
    }
  }
  end();
}

start();
