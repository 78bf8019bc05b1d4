import { type Diagnostic, type InputFile, linting, loadNetwork } from '../../src/index.ts';
import { file } from '../topology/sources.ts';

interface Asked {
  readonly select?: readonly string[];
  readonly ignore?: readonly string[];
}

/** What `validate` finds in a file that loads. */
export async function linted(text: string, asked: Asked = {}): Promise<readonly Diagnostic[]> {
  return (await lintedFiles([file(text)], asked)).findings;
}

export async function lintedFiles(files: readonly InputFile[], { select = [], ignore = [] }: Asked = {}) {
  const { lint } = await linting();
  return lint(loadNetwork(files), files, { select, ignore });
}
