#!/usr/bin/env node
// Start-up is felt on every call, and most of it is V8 compiling. So the first run keeps V8's compiled code in the user's cache
// directory, and later runs hand it back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { cacheDirectory } from './cache-directory.ts';
import { kindOf } from './kind.ts';
import type * as bundle from './main.ts';
import { codeKey, keepCode, readCode } from './sealed-code.ts';

/** This file is bundled as CommonJS into dist/, beside the program. */
declare const __dirname: string;
declare const require: NodeJS.Require;

const file = join(__dirname, 'main.cjs');
const kind = kindOf(process.argv.slice(2));

/** What the bundle is as a script (`build.mjs`). */
type Load = (module: object, required: NodeJS.Require, folder: string) => typeof bundle;

interface Launched {
  readonly program: ReturnType<typeof bundle.program>;
  /** Keeps the code that is compiled by then; null where it is kept already, or without us. */
  readonly keep: (() => void) | null;
}

async function launch(): Promise<Launched> {
  const directory = cacheDirectory();
  if (directory !== null && !hasCompileCache()) return byHand(directory);
  if (directory !== null) (await import('./compile-cache.ts')).enableCompileCache(directory);
  const { program }: typeof bundle = require(file);
  return { program: program(), keep: null };
}

/** Since 22.1 Node keeps compiled code itself. */
function hasCompileCache(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 1);
}

function byHand(directory: string): Launched {
  const key = codeKey(file, kind);
  const cachedData = readCode(directory, key) ?? undefined;
  // The bundle is plain ASCII: esbuild escapes all else.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
  const load: Load = script.runInThisContext();
  const { program } = load({}, require, __dirname);
  const isKept = cachedData !== undefined && script.cachedDataRejected === false;
  return { program: program(), keep: isKept ? null : () => keepCode(directory, key, script.createCachedData()) };
}

async function start(): Promise<void> {
  const { program, keep } = await launch();
  const end = await program.run();
  if (keep !== null) {
    try {
      await program.practise(kind);
      keep();
    } catch {
      // The answer is there; without the cache the next one takes a little longer.
    }
  }
  end();
}

start();
