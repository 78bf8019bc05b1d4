import type { MatrixDocument, MatrixResult } from '../document/matrix-schema.ts';
import { matrixHtml } from './grid/matrix.ts';
import { matrixCsv } from './matrix-csv.ts';
import { matrixJson } from './matrix-json.ts';
import { matrixMarkdown } from './matrix-markdown.ts';
import { type MatrixOptions, matrixText } from './matrix-text.ts';
import { yamlText } from './yaml.ts';

/** Text in pieces, which are written as they are made. `meanings`: of reason codes, in one sentence each, where a format has them. */
export type MatrixRenderer = (
  matrix: MatrixResult,
  options: MatrixOptions & { readonly meanings: Readonly<Record<string, string>> },
) => Iterable<string>;

/** One entry a format of `matrix`. */
export const matrixRenderers: Readonly<Record<'table' | 'json' | 'yaml' | 'csv' | 'markdown' | 'html', MatrixRenderer>> = {
  table: matrixText,
  json: matrixJson,
  yaml: (matrix) => [yamlText(whole(matrix))],
  csv: matrixCsv,
  markdown: matrixMarkdown,
  html: (matrix, { meanings }) => [matrixHtml(matrix, meanings)],
};

/** All at once, for those who cannot do with less. */
export const whole = ({ part, whatIf, asked, groups, connections, notAsked }: MatrixResult): MatrixDocument => ({
  schemaVersion: 1,
  ...(part === undefined ? {} : { part }),
  ...(whatIf === undefined ? {} : { whatIf }),
  asked,
  groups: [...groups],
  connections: [...connections],
  notAsked: [...notAsked],
});
