import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InputFile, loadNetwork, type Network } from '../../src/index.ts';

/** Real dumps, which other people's clusters published: read in place, where they are. */
export const DUMPS = join(import.meta.dirname, '../../../shared/dumps');
export const areThere = existsSync(DUMPS);

/** Says in one line that there are none. */
export const MISSING = 'the dumps of real clusters are not beside this checkout, so their questions are not asked';

/** What is no object of the cluster: our own questions, notes, and the same data in another form. */
const OURS = /^(questions|expected-.*)\.json$|^SOURCE\.txt$|^normalised$/;

/** The files below a directory that an input can have, in name order. */
export function filesBelow(directory: string): readonly InputFile[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((e) => !OURS.test(e.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return /\.(ya?ml|jsonl?)$/.test(entry.name) ? [{ name: path, bytes: readFileSync(path), isFromDirectory: true }] : [];
    });
}

export function networkOf(dump: string): Network {
  const loaded = loadNetwork(filesBelow(join(DUMPS, dump)));
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => `${d.file}:${d.place?.line} ${d.message}`).join('\n'));
  return loaded.value;
}

export const jsonOf = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(DUMPS, ...path), 'utf8'));
