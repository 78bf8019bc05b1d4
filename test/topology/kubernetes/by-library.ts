import { withLineFeeds } from '../../../src/source/text.ts';
import { readDocument } from '../../../src/topology/syntax/yaml-data.ts';
import { parseStream } from '../../../src/topology/syntax/yaml-stream.ts';

/** The documents of a YAML text as the yaml package reads them, whatever the quicker readers make of it; null when it has errors. */
export function readByLibrary(text: string): readonly unknown[] | null {
  const stream = parseStream(withLineFeeds(text));
  if ('tooDeep' in stream || stream.documents.some((d) => d.errors.length > 0 || d.warnings.length > 0)) return null;
  const read = stream.documents.map(readDocument);
  return read.some((r) => r.problems.length > 0) ? null : read.map((r) => r.data);
}
