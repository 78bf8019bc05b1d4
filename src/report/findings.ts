import { jsonText, safe } from '../render/text.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { FINDINGS } from '../source/findings.ts';
import { type Problem, problemOf } from './failure.ts';
import { githubProblems } from './github.ts';
import { gitlabEntries } from './gitlab.ts';
import { XML, xml } from './junit.ts';
import type { Directory } from './reporter.ts';
import { driverOf, logOf, physicalLocation, unlinked } from './sarif.ts';
import { hash } from './words.ts';

interface Options {
  readonly version: string;
  readonly directory: Directory;
  /** One line that says what there is. */
  readonly summary: string;
  /** Does a finding make the validation fail? */
  fails(finding: Diagnostic): boolean;
}

/** Findings about the files, in the formats that CI systems read. */
type FindingsReporter = (findings: readonly Diagnostic[], options: Options) => string;

const github: FindingsReporter = (findings, { directory, summary }) =>
  `${[...githubProblems(findings.map((d) => problemOf(d, directory))), safe(summary)].join('\n')}\n`;

const gitlab: FindingsReporter = (findings, { directory }) => `${jsonText(gitlabEntries(findings.map((d) => problemOf(d, directory))))}\n`;

/** A test case for each finding; those that do not make it fail are skipped. Without any, one that passes. */
const junit: FindingsReporter = (findings, { directory, summary, fails }) => {
  const failures = findings.filter(fails).length;
  const cases = findings.flatMap((finding) => {
    const { code, severity, text, file, line } = problemOf(finding, directory);
    const place = file === null ? '' : ` file="${xml(safe(file))}"${line === null ? '' : ` line="${line}"`}`;
    const message = xml(`${severity}: ${text}`);
    const result = fails(finding) ? `<failure type="${xml(code)}" message="${message}"/>` : `<skipped message="${message}"/>`;
    return [
      `    <testcase name="${xml(`${code}: ${text}`)}" classname="${xml(safe(file ?? 'the input'))}"${place}>`,
      `      ${result}`,
      '    </testcase>',
    ];
  });
  const none = [`    <testcase name="${xml(safe(summary))}" classname="the input"/>`];
  const lines = findings.length === 0 ? none : cases;
  const skipped = findings.length - failures;
  const totals = `tests="${Math.max(findings.length, 1)}" failures="${failures}" errors="0" skipped="${skipped}"`;
  const suite = [`  <testsuite name="the input" ${totals}>`, ...lines, '  </testsuite>'];
  return `${[XML, `<testsuites name="k8s-trace validate" ${totals}>`, ...suite, '</testsuites>'].join('\n')}\n`;
};

const sarif: FindingsReporter = (findings, { directory, version, summary }) => {
  const codes = [...new Set(findings.map((d) => d.code))];
  const rules = codes.map((id) => ({ id, shortDescription: { text: FINDINGS[id].title } }));
  const notification = { level: 'note', message: { text: safe(summary) } };
  return logOf({
    tool: { driver: { ...driverOf(version), rules } },
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: [notification] }],
    columnKind: 'utf16CodeUnits',
    results: findings.map((d) => sarifResult(problemOf(d, directory), codes.indexOf(d.code))),
  });
};

/** Lines are no part of the fingerprint: they move. */
const sarifResult = ({ code, severity, text, file, line, column }: Problem, ruleIndex: number) => ({
  ruleId: code,
  ruleIndex,
  level: severity,
  message: { text: unlinked(text) },
  ...(file === null ? {} : { locations: [{ physicalLocation: physicalLocation(file, line, column) }] }),
  partialFingerprints: { 'k8sTraceFinding/v1': hash(JSON.stringify([code, text, file])) },
});

/** One entry a format. */
export const findingsReporters: Readonly<Record<'sarif' | 'github' | 'junit' | 'gitlab', FindingsReporter>> = {
  sarif,
  github,
  junit,
  gitlab,
};
