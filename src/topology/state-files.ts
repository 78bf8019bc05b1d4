import type { StateFile } from '../node-state/index.ts';
import { type Diagnostic, fileDiagnostic } from '../source/diagnostic.ts';
import { decodeText } from '../source/text.ts';
import type { NodeFiles } from './load-options.ts';
import { bytesAt, sizeOf } from './syntax/document.ts';

/** Files as texts, with their paths below the directory that was named; what is no text is told. */
export function stateFiles({ files, root = '' }: NodeFiles, found: Diagnostic[]): readonly StateFile[] {
  const start = root === '' ? '' : root.replace(/\/*$/, '/');
  return files.flatMap((file) => {
    const decoded = decodeText(bytesAt(file, 0, sizeOf(file)));
    const path = file.name.startsWith(start) ? file.name.slice(start.length) : file.name;
    if ('text' in decoded) return [{ name: file.name, path, text: decoded.text }];
    found.push(
      fileDiagnostic(file.name, { severity: 'note', code: 'node-state-unknown-file', message: 'this is not a text, and left out' }),
    );
    return [];
  });
}
