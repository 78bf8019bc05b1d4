import type * as api from '../src/index.ts';
import type * as commandLine from './k8s-trace.ts';

/** The one bundle, dist/main.cjs: the program, which the launcher starts, and the library, which dist/index.js exports. */

declare const require: NodeJS.Require;

/** Each is evaluated when it is asked for. */
export const program = (): typeof commandLine => require('./k8s-trace.ts');
export const library = (): typeof api => require('../src/index.ts');
