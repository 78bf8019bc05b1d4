import { fileDiagnostic } from '../../source/diagnostic.ts';
import { ByteWindow } from '../syntax/byte-window.ts';
import { bytesAt, type InputFile, sizeOf } from '../syntax/document.ts';
import { ScanFault } from '../syntax/json-scanner.ts';
import { wrongBytes } from '../wrong-bytes.ts';
import { beginningOf, faultOf, scanFault, wrongFormFault } from './faults.ts';
import { jsonPieces } from './json-pieces.ts';
import { PieceReader } from './piece-reader.ts';
import type { Reading, Wanted } from './reading.ts';
import { wrongForm } from './wrong-form.ts';
import { yamlPieces } from './yaml-pieces.ts';

/**
 * The Kubernetes objects of a file, one at a time, whatever kubectl or a bundle made of them: lists, typed lists, bare arrays, single
 * objects, JSON Lines, objects with logs between, YAML of several documents. Objects that are not wanted are not parsed. A fault ends the
 * file; what was read before it stays read.
 */
export function* readItems(file: InputFile, wanted: Wanted): Generator<Reading> {
  const form = wrongBytes(file.name, bytesAt(file, 0, BLOCK));
  if (form !== null) yield wrongFormFault(file, wanted, form);
  else if (bytesAt(file, 0, BLOCK).includes(0)) yield faultOf(file, wanted, [fileDiagnostic(file.name, NOT_TEXT)]);
  else yield* untilFault(looksLikeJson(beginningOf(file)) ? jsonOrFlowYaml(file, wanted) : yaml(file, wanted));
}

const BLOCK = 4096;
const NOT_TEXT = { code: 'not-text', message: 'this is not a text file' } as const;
const NOTHING = { code: 'no-kind', message: 'there is no Kubernetes object in this file that says of which kind it is' } as const;
const EMPTY = { code: 'empty-file', message: 'the file is empty' } as const;

function* untilFault(readings: Iterable<Reading>): Generator<Reading> {
  for (const reading of readings) {
    yield reading;
    if (reading.what === 'fault') return;
  }
}

const YAML_LINE = /^(?:---|apiVersion:|kind:|items:|- )/m;
const JSON_LINE = /^(?:[{[][ \t\r]*$|\{"|==== START logs for )/m;

/** A template's braces are no JSON. Warnings and prompts may stand before it. */
function looksLikeJson(beginning: string): boolean {
  return /^(?:\{(?!\{)|\[)/.test(beginning.trimStart()) || (!YAML_LINE.test(beginning) && JSON_LINE.test(beginning));
}

function* json(file: InputFile, wanted: Wanted): Generator<Reading> {
  const reader = new PieceReader(file, wanted);
  try {
    for (const piece of jsonPieces(new ByteWindow(file), wanted.logsOf)) {
      if (piece.what === 'log') yield piece;
      else yield* reader.read(piece);
    }
  } catch (error) {
    if (!(error instanceof ScanFault)) throw error;
    yield scanFault(file, wanted, error);
    return;
  }
  if (!reader.hasFound) yield* nothing(file, wanted);
}

function* yaml(file: InputFile, wanted: Wanted): Generator<Reading> {
  const reader = new PieceReader(file, wanted);
  for (const piece of yamlPieces(new ByteWindow(file))) yield* reader.read(piece);
  if (!reader.hasFound) yield* nothing(file, wanted);
}

/** A file of more is not tried twice. */
const LARGEST_FLOW = 64 * 1024 * 1024;

/** A YAML flow mapping may begin like JSON. JSON that is broken is reported as JSON. */
function* jsonOrFlowYaml(file: InputFile, wanted: Wanted): Generator<Reading> {
  const readings = json(file, wanted);
  const first = readings.next();
  if (first.done === true) return;
  if (first.value.what === 'fault' && /\.ya?ml$/.test(file.name) && sizeOf(file) < LARGEST_FLOW) {
    const asYaml = [...yaml(file, wanted)];
    if (asYaml.length > 0 && asYaml.every((r) => r.what !== 'fault')) {
      yield* asYaml;
      return;
    }
  }
  yield first.value;
  yield* readings;
}

const LOGS = /^==== START logs for /m;

/** A directory may have any files, and a dump's logs stand in files of their own. */
function* nothing(file: InputFile, wanted: Wanted): Generator<Reading> {
  const beginning = beginningOf(file);
  if (file.isFromDirectory === true || LOGS.test(beginning)) return;
  const form = wrongForm(file.name, beginning);
  if (form !== null) yield wrongFormFault(file, wanted, form);
  else yield faultOf(file, wanted, [fileDiagnostic(file.name, beginning.trim() === '' ? EMPTY : NOTHING)]);
}
