import type { StateFile } from '../node-state/index.ts';
import { type Diagnostic, fileDiagnostic } from '../source/diagnostic.ts';
import { decodeText } from '../source/text.ts';
import type { NodeFiles } from './load-options.ts';
import { bytesAt, sizeOf } from './syntax/document.ts';
import { STATE, wrongBytes } from './wrong-bytes.ts';

interface Decoded {
  readonly texts: readonly StateFile[];
  readonly found: readonly Diagnostic[];
}

const DECODED = new WeakMap<NodeFiles['files'], Decoded>();

/** Files as texts, with their paths below the directory that was named; what is no text is told. An edit of the input decodes none of them again. */
export function stateFiles(given: NodeFiles, found: Diagnostic[]): readonly StateFile[] {
  const decoded = DECODED.get(given.files) ?? decode(given);
  DECODED.set(given.files, decoded);
  found.push(...decoded.found);
  return decoded.texts;
}

function decode({ files, root = '' }: NodeFiles): Decoded {
  const found: Diagnostic[] = [];
  const start = root === '' ? '' : root.replace(/\/*$/, '/');
  const texts = files.flatMap((file): readonly StateFile[] => {
    const bytes = bytesAt(file, 0, sizeOf(file));
    const decoded = decodeUtf16(bytes) ?? decodeText(bytes);
    const path = file.name.startsWith(start) ? file.name.slice(start.length) : file.name;
    if ('text' in decoded) return [{ name: file.name, path, text: decoded.text }];
    const form = wrongBytes(file.name, bytes, STATE);
    const words =
      form === null
        ? ({ severity: 'note', code: 'node-state-unknown-file', message: 'this is not a text' } as const)
        : ({ severity: 'warning', code: 'node-state-unusable', ...form } as const);
    found.push(fileDiagnostic(file.name, words));
    return [];
  });
  return { texts, found };
}

/** What a redirection of Windows PowerShell writes: UTF-16 with a byte order mark. Null: there is no mark. */
function decodeUtf16(bytes: Uint8Array): { readonly text: string } | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes) };
  if (first === 0xfe && second === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes) };
  return null;
}
