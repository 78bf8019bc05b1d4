import type { CheckDocument, CheckResult } from '../document/check-schema.ts';
import { safe, safeLines } from '../render/text.ts';
import { whatIfText } from '../render/what-if.ts';
import { type FailureReporter, problemsOf } from './failure.ts';
import { counts } from './level.ts';
import type { Directory, Reporter } from './reporter.ts';
import { wayLines } from './way.ts';
import { briefly, codeOf, fileOf, inFull, placeOf, titleOf } from './words.ts';

/** JUnit's XML: a suite for each file with expectations, a test case for each connection. A result that does not make the check fail is skipped. */
export const junit: Reporter = (document, { directory }) => {
  const files = [...new Set(document.results.map((r) => r.source.file))];
  const supposed = whatIfText(document.whatIf);
  const properties =
    supposed === '' ? [] : ['    <properties>', `      <property name="what-if" value="${xml(supposed)}"/>`, '    </properties>'];
  const suites = files.map((file) => {
    const results = document.results.filter((r) => r.source.file === file);
    const name = safe(fileOf({ file }, directory) ?? file);
    return [
      `  <testsuite name="${xml(name)}" ${totals(results, document)}>`,
      ...properties,
      ...results.flatMap((r) => testCase(r, document, name, directory)),
      '  </testsuite>',
    ];
  });
  const lines = [XML, `<testsuites name="k8s-trace check" ${totals(document.results, document)}>`, ...suites.flat(), '</testsuites>'];
  return `${lines.join('\n')}\n`;
};

export const XML = '<?xml version="1.0" encoding="UTF-8"?>';

function totals(results: readonly CheckResult[], document: CheckDocument): string {
  const failures = results.filter((r) => counts(r, document)).length;
  const skipped = results.filter((r) => r.status !== 'holds').length - failures;
  return `tests="${results.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

function testCase(result: CheckResult, document: CheckDocument, suite: string, directory: Directory): readonly string[] {
  const file = fileOf(result.source, directory);
  const place = file === null ? '' : ` file="${xml(safe(file))}" line="${result.source.line}"`;
  const open = `    <testcase name="${xml(titleOf(result))}" classname="${xml(suite)}"${place}`;
  if (result.status === 'holds') return [`${open}/>`];
  if (!counts(result, document)) {
    const word = result.status === 'undetermined' ? 'undetermined' : result.severity;
    return [`${open}>`, `      <skipped message="${xml(`${word}: ${briefly(result)}`)}"/>`, '    </testcase>'];
  }
  const at = placeOf(result);
  const body = [...inFull(result), safe(`at ${fileOf(at, directory) ?? at.file}:${at.line}:${at.column}`), '', ...wayLines(result)];
  return [
    `${open}>`,
    `      <failure type="${xml(codeOf(result))}" message="${xml(briefly(result))}">${xml(body.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no way to say a control character, a lone surrogate or U+FFFE, U+FFFF, not even escaped. */
export const xml = (text: string): string =>
  safeLines(text)
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"]/g, (c) => ENTITIES[c] ?? c);

/** An error where a test case would be: the suite did not run. */
export const junitFailure: FailureReporter = (failure, options) => {
  const problems = problemsOf(failure, options).filter((p) => p.severity === 'error');
  const cases = problems.map(({ code, text, file, line }) => {
    const place = file === null ? '' : ` file="${xml(safe(file))}"${line === null ? '' : ` line="${line}"`}`;
    const error = `<error type="${xml(code)}" message="${xml(text)}"/>`;
    return `    <testcase name="${xml(text)}" classname="the input"${place}>${error}</testcase>`;
  });
  const all = `tests="${cases.length}" failures="0" errors="${cases.length}" skipped="0"`;
  const suite = [`  <testsuite name="the input" ${all}>`, ...cases, '  </testsuite>'];
  return `${[XML, `<testsuites name="k8s-trace check" ${all}>`, ...suite, '</testsuites>'].join('\n')}\n`;
};
