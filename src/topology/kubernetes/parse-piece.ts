import { type Diagnostic, fileDiagnostic } from '../../source/diagnostic.ts';
import { MOST_BYTES, withCommas } from '../../source/text.ts';
import { parseJson } from '../syntax/json.ts';
import { readPrintedYaml } from '../syntax/printed-yaml.ts';
import { type Parsed, parseYaml } from '../syntax/yaml.ts';
import { inFile } from './faults.ts';
import type { Extent } from './item-document.ts';
import { pieceText } from './piece-text.ts';

type PieceData = { readonly documents: readonly unknown[] } | { readonly diagnostics: readonly Diagnostic[] };

/** What a piece says, as plain data; YAML may be no document at all. Of our own kinds, nothing may be there twice. */
export function parsePiece(file: string, extent: Extent, bytes: Uint8Array, isOurs: boolean): PieceData {
  const failed = (diagnostic: Diagnostic) => ({ diagnostics: [diagnostic] });
  if (bytes.length > MOST_BYTES) {
    const message = `there is an object of more than ${withCommas(MOST_BYTES)} bytes, which is the limit`;
    return failed(fileDiagnostic(file, { code: 'file-too-large', message }));
  }
  try {
    const text = pieceText(bytes, extent.dash);
    return extent.syntax === 'json' ? parseJsonPiece(file, text, extent, isOurs) : parseYamlPiece(file, text, extent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return failed(fileDiagnostic(file, { code: 'not-text', message: `this is not a text file: line ${extent.place.line} is not UTF-8` }));
  }
}

function parseJsonPiece(file: string, text: string, extent: Extent, isOurs: boolean): PieceData {
  if (isOurs) return placed(parseJson(file, text), extent);
  try {
    return { documents: [JSON.parse(text)] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return placed(parseJson(file, text), extent);
  }
}

function parseYamlPiece(file: string, text: string, extent: Extent): PieceData {
  const printed = readPrintedYaml(text.includes('\r') ? text.replaceAll('\r\n', '\n') : text);
  return printed === null ? placed(parseYaml(file, text), extent) : { documents: [printed.data] };
}

const placed = ({ documents, diagnostics }: Parsed, { place }: Extent): PieceData =>
  diagnostics.length > 0 ? { diagnostics: diagnostics.map((d) => inFile(d, place)) } : { documents: documents.map((d) => d.data) };
