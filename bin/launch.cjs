#!/usr/bin/env node
// Start-up is felt on every call, and most of it is V8 compiling. So the build keeps V8's compiled code beside the bundle, and this
// hands it back. V8 itself refuses code of another version or other flags (cachedDataRejected) and then compiles as usual.
'use strict';
const { readFileSync } = require('node:fs');
const { createRequire, enableCompileCache } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const file = join(__dirname, 'main.cjs');

function compile() {
  const { wrap } = require('node:module');
  let cachedData;
  try {
    cachedData = readFileSync(join(__dirname, 'main.cache'));
  } catch {
    return null;
  }
  const script = new Script(wrap(readFileSync(file, 'utf8')), { filename: file, cachedData });
  return script.cachedDataRejected ? null : script.runInThisContext();
}

const run = compile();
if (run !== null) {
  const module = { exports: {} };
  run.call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
} else {
  // Since 22.1, Node can keep such a cache by itself.
  enableCompileCache?.();
  require(file);
}
