import type { CheckDocument, CheckResult } from '../document/check-schema.ts';
import { jsonText } from '../render/text.ts';
import { whatIfText } from '../render/what-if.ts';
import { type FailureReporter, lineOf, problemsOf } from './failure.ts';
import { counts } from './level.ts';
import type { Directory, Reporter } from './reporter.ts';
import { wayLines } from './way.ts';
import { codeOf, fileOf, inFull, placeOf, titleOf } from './words.ts';

/** TAP 14. A result that does not hold without making the check fail is TODO; one that is undetermined and does not count is skipped. */
export const tap: Reporter = (document, { directory }) => {
  const tests = document.results.flatMap((r, i) => test(r, i + 1, document, directory));
  const supposed = whatIfText(document.whatIf);
  const comment = supposed === '' ? [] : [`# what if ${supposed}`];
  return `${['TAP version 14', ...comment, `1..${document.results.length}`, ...tests].join('\n')}\n`;
};

function test(result: CheckResult, number: number, document: CheckDocument, directory: Directory): readonly string[] {
  const title = escaped(titleOf(result));
  if (result.status === 'holds') return [`ok ${number} - ${title}`];
  const failed = counts(result, document);
  if (!failed && result.status === 'undetermined') return [`ok ${number} - ${title} # SKIP undetermined`];
  const place = placeOf(result);
  const file = fileOf(place, directory);
  const [message = '', ...more] = inFull(result);
  const fields: readonly (readonly [string, unknown])[] = [
    ['message', message],
    ['severity', result.severity],
    ['code', codeOf(result)],
    ...(file === null ? [] : [['at', { file, line: place.line, column: place.column }] as const]),
    ...(more.length === 0 ? [] : [['details', more] as const]),
    ['trace', wayLines(result)],
  ];
  return [
    `not ok ${number} - ${title}${failed ? '' : ` # TODO ${result.severity}`}`,
    '  ---',
    ...fields.map(([name, value]) => `  ${name}: ${jsonText(value, 0)}`),
    '  ...',
  ];
}

/** A number sign begins a directive; the description of a test has no other markup. */
const escaped = (text: string): string => text.replace(/[\\#]/g, '\\$&');

/** `Bail out!` ends a run that cannot go on; what follows it is for people. */
export const tapFailure: FailureReporter = (failure, options) => {
  const [first = '', ...more] = problemsOf(failure, options).map(lineOf);
  return `${['TAP version 14', ...more.map((line) => `# ${line}`), `Bail out! ${first}`].join('\n')}\n`;
};
