import { type Diagnostic, diagnosticWhere } from '../../source/diagnostic.ts';
import type { ErrorCode } from '../../source/findings.ts';
import type { Path, SourceDocument } from '../../source/origin.ts';
import { lineReader } from '../../source/text.ts';
import { BAD_KEY, MOST_LEVELS, NO_KEY, TOO_DEEP } from './document.ts';
import { firstSyntaxError } from './json-errors.ts';
import { offsetFinder, positionFinder } from './json-places.ts';
import { endOfString } from './json-text.ts';
import type { Parsed } from './yaml.ts';

/**
 * JSON is read by the engine's own parser, which is some hundred times faster than the YAML one on large dumps. What that parser does
 * not say (positions, keys that are there twice, how deep it is) a scan of the text finds; positions only when they are asked for.
 */
export function parseJson(file: string, text: string): Parsed {
  const line = lineReader(text);
  const positionOf = positionFinder(text);
  const fault = (offset: number, code: ErrorCode, message: string, path: Path = []): Diagnostic =>
    diagnosticWhere(file, positionOf(offset), line, path, { code, message });
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { documents: [], diagnostics: [fault(firstSyntaxError(text), 'json-syntax', `not valid JSON: ${jsonMessage(error)}`)] };
  }
  const faults = scan(text).map(({ offset, code, message, path }) => fault(offset, code, message, path));
  if (faults.length > 0) return { documents: [], diagnostics: faults };
  const offsetOf = offsetFinder(text);
  const source: SourceDocument = { file, index: 0, line, position: (path, key) => positionOf(offsetOf(path, key ?? false)) };
  return { documents: [{ ...source, source, data, size: text.length }], diagnostics: [] };
}

const jsonMessage = ({ message }: SyntaxError) => message.replace(/ in JSON at position.*|, (\.\.\.)?".*$/s, '');

/** Where the scan is: an object with the keys that it had, or a list with how many items. */
interface Level {
  readonly keys: Set<string> | null;
  step: string | number;
}

interface Fault {
  readonly offset: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: Path;
}

const TWICE = { code: 'duplicate-key', message: 'this key is here twice' } as const;

/** The faults of a valid JSON text: looks at each bracket, comma and key. */
function scan(text: string): readonly Fault[] {
  const faults: Fault[] = [];
  const levels: Level[] = [];
  const token = /["{}[\],]/g;
  const colon = /[ \t\r\n]*:/y;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [word] = match;
    const here = levels.at(-1);
    if (word === '{') levels.push({ keys: new Set(), step: '' });
    else if (word === '[') levels.push({ keys: null, step: 0 });
    else if (word === '}' || word === ']') levels.pop();
    else if (word === ',' && here !== undefined && typeof here.step === 'number') here.step++;
    else if (word === '"') {
      const end = endOfString(text, match.index);
      token.lastIndex = colon.lastIndex = end;
      if (here?.keys == null || !colon.test(text)) continue;
      const name = String(JSON.parse(text.slice(match.index, end)));
      here.step = name;
      const wrong = name === NO_KEY ? BAD_KEY : here.keys.has(name) ? TWICE : null;
      if (wrong !== null) faults.push({ ...wrong, offset: match.index, path: levels.map((l) => l.step) });
      here.keys.add(name);
    }
    if (levels.length > MOST_LEVELS) return [...faults, { ...TOO_DEEP, offset: match.index, path: [] }];
  }
  return faults;
}
