#!/usr/bin/env node
// Start-up is felt on every call, and most of it is V8 compiling. So the build keeps V8's compiled code beside the bundle, and this
// hands it back. The code is good only for the very executable that made it: V8 checks its version and flags, but another build of the
// same version would accept it and then misread it. So the file's name says which executable that was (code-cache-key.cjs).
'use strict';
const { readFileSync } = require('node:fs');
const { createRequire, enableCompileCache, wrap } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');
const { cacheName } = require('./code-cache-key.cjs');

const file = join(__dirname, 'main.cjs');

function compiled() {
  let cachedData;
  try {
    cachedData = readFileSync(join(__dirname, cacheName()));
  } catch {
    return null;
  }
  // The bundle is plain ASCII: esbuild escapes all else.
  const script = new Script(wrap(readFileSync(file, 'latin1')), { filename: file, cachedData });
  return script.cachedDataRejected ? null : script.runInThisContext();
}

const run = compiled();
if (run !== null) {
  const main = { exports: {} };
  run.call(main.exports, main.exports, createRequire(file), main, file, dirname(file));
} else {
  // Since 22.1, Node can keep such a cache by itself.
  enableCompileCache?.();
  require(file);
}
