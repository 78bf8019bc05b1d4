// Runs the bundled command once, for what a user does most, and writes down the code that V8 compiled for it.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');
const { cacheName } = require('../bin/code-cache-key.cjs');

const [, , dist] = process.argv;
const file = join(dist, 'main.cjs');
const script = new Script(wrap(readFileSync(file, 'utf8')), { filename: file });
const module_ = { exports: {} };
process.argv = [process.execPath, file, 'pod-a', 'svc/web', '-f', join(dist, '../fixtures/four-pods.yaml')];
script.runInThisContext().call(module_.exports, module_.exports, createRequire(file), module_, file, dirname(file));
process.on('exit', () => writeFileSync(join(dist, cacheName()), script.createCachedData()));
