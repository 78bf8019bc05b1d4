import type { MatrixDocument, MatrixResult } from '../document/matrix-schema.ts';
import { matrixCsv } from './matrix-csv.ts';
import { matrixJson } from './matrix-json.ts';
import { matrixMarkdown } from './matrix-markdown.ts';
import { type MatrixOptions, matrixText } from './matrix-text.ts';
import { yamlText } from './yaml.ts';

/** Text in pieces, which are written as they are made. */
export type MatrixRenderer = (matrix: MatrixResult, options: MatrixOptions) => Iterable<string>;

/** One entry a format of `matrix`. */
export const matrixRenderers: Readonly<Record<'table' | 'json' | 'yaml' | 'csv' | 'markdown', MatrixRenderer>> = {
  table: matrixText,
  json: matrixJson,
  yaml: (matrix) => [yamlText(whole(matrix))],
  csv: matrixCsv,
  markdown: matrixMarkdown,
};

/** All at once, for those who cannot do with less. */
export const whole = ({ asked, groups, connections, notAsked }: MatrixResult): MatrixDocument => ({
  schemaVersion: 1,
  asked,
  groups: [...groups],
  connections: [...connections],
  notAsked: [...notAsked],
});
