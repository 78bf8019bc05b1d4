'use strict';
const { statSync } = require('node:fs');

/** The name of the file that holds V8's compiled code for this executable: by version, machine, size and date. */
exports.cacheName = () => {
  const { size, mtimeMs } = statSync(process.execPath);
  return `main.${process.version}-${process.platform}-${process.arch}-${size}-${Math.trunc(mtimeMs)}.cache`;
};
