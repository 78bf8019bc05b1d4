import { type Diagnostic, diagnosticWhere, fileDiagnostic } from '../../source/diagnostic.ts';
import { bytesAt, type InputFile, TOO_DEEP } from '../syntax/document.ts';
import type { ScanFault, TextPlace } from '../syntax/json-scanner.ts';
import type { Fault, Wanted } from './reading.ts';
import { type WrongForm, wrongForm } from './wrong-form.ts';

/** As much of a file as tells what it is. */
const BEGINNING = 64 * 1024;
export const beginningOf = (file: InputFile): string => new TextDecoder().decode(bytesAt(file, 0, BEGINNING));

/** What is wrong with a file. */
export function faultOf(file: InputFile, wanted: Wanted, diagnostics: readonly Diagnostic[]): Fault {
  const isNote = file.isFromDirectory === true && !hasKind(file, wanted);
  return { what: 'fault', diagnostics: isNote ? diagnostics.map((d) => ({ ...d, severity: 'note' })) : diagnostics };
}

const LOOKED_THROUGH = 8 * 1024 * 1024;
const KIND_LINE = /^[ \t]*(?:- )?"?kind"?: *"?(\w+)"?,?[ \t]*\r?$/gm;

/** Whether a file that cannot be read has a line with a kind that is wanted. */
function hasKind(file: InputFile, wanted: Wanted): boolean {
  const text = new TextDecoder().decode(bytesAt(file, 0, LOOKED_THROUGH));
  return [...text.matchAll(KIND_LINE)].some(([, kind = '']) => wanted.isKind(kind));
}

export const wrongFormFault = (file: InputFile, wanted: Wanted, form: WrongForm): Fault =>
  faultOf(file, wanted, [fileDiagnostic(file.name, { code: 'wrong-form', ...form })]);

/** Why a scan ended: the form that the text has instead, or its error. */
export function scanFault(file: InputFile, wanted: Wanted, { why, place }: ScanFault): Fault {
  const form = wrongForm(file.name, beginningOf(file));
  return form !== null ? wrongFormFault(file, wanted, form) : faultOf(file, wanted, [diagnosticAtPlace(file, place, WORDS[why])]);
}

const WORDS = {
  cut: {
    code: 'json-syntax',
    message: 'not valid JSON: the file ends in the middle of an object',
    hint: 'it is cut off: get it again, whole',
  },
  syntax: { code: 'json-syntax', message: 'not valid JSON: this cannot stand here' },
  deep: TOO_DEEP,
} as const;

const LONGEST_LINE = 1000;

function diagnosticAtPlace(file: InputFile, { offset, line, lineStart }: TextPlace, words: Parameters<typeof diagnosticWhere>[4]) {
  const text = (from: number, to: number) => new TextDecoder().decode(bytesAt(file, from, to - from));
  const isLong = offset - lineStart > LONGEST_LINE;
  const before = isLong ? ' '.repeat(offset - lineStart) : text(lineStart, offset);
  const after = /^[^\r\n]*/.exec(text(offset, offset + LONGEST_LINE))?.[0] ?? '';
  return diagnosticWhere(file.name, { line, column: before.length + 1 }, () => before + after, [], words);
}

/** A finding about a part of a file that was read as a text of its own. */
export function inFile(diagnostic: Diagnostic, { offset, line, lineStart }: TextPlace): Diagnostic {
  const { place } = diagnostic;
  if (place === null) return diagnostic;
  const column = place.line === 1 ? place.column + offset - lineStart : place.column;
  return { ...diagnostic, place: { ...place, line: place.line + line - 1, column } };
}
