import type { MatrixResult } from '../document/matrix-schema.ts';
import { jsonText } from './text.ts';

/** One group and one connection a line, written as they are made. */
export function* matrixJson({ part, whatIf, asked, groups, connections, notAsked }: MatrixResult): Iterable<string> {
  yield '{\n  "schemaVersion": 1,\n';
  if (part !== undefined) yield `  "part": ${jsonText(part, 0)},\n`;
  if (whatIf !== undefined) yield `  "whatIf": ${jsonText(whatIf, 0)},\n`;
  yield `  "asked": ${jsonText(asked, 0)},\n  "groups": [`;
  yield* lines(groups);
  yield '],\n  "connections": [';
  yield* lines(connections);
  yield `],\n  "notAsked": ${jsonText(notAsked, 0)}\n}\n`;
}

function* lines(values: Iterable<unknown>): Iterable<string> {
  let before = '\n    ';
  for (const value of values) {
    yield `${before}${jsonText(value, 0)}`;
    before = ',\n    ';
  }
  if (before.startsWith(',')) yield '\n  ';
}
