import { jsonText } from '../render/text.ts';
import { whatIfTail } from '../render/what-if.ts';
import { type FailureReporter, type Problem, problemsOf } from './failure.ts';
import type { Level } from './level.ts';
import type { Reporter } from './reporter.ts';
import { briefly, codeOf, fileOf, findings, fingerprints, hash, placeOf, titleOf } from './words.ts';

const SEVERITIES: Readonly<Record<Level, string>> = { error: 'major', warning: 'minor', note: 'info' };

/** GitLab's code quality: an array of findings, each in a file of the repository. One that came by standard input has none. */
export const gitlab: Reporter = (document, { directory }) => {
  const prints = fingerprints(document.results, directory);
  const entries = findings(document).flatMap(({ result, level }) => {
    const place = placeOf(result);
    const path = fileOf(place, directory);
    if (path === null) return [];
    const message = result.reason === null ? briefly(result) : `${briefly(result)}: ${result.reason.message}`;
    return [
      {
        description: `${titleOf(result)}: ${message}${whatIfTail(document.whatIf)}`,
        check_name: codeOf(result),
        fingerprint: prints.get(result),
        severity: SEVERITIES[level],
        location: { path, lines: { begin: place.line } },
      },
    ];
  });
  return `${jsonText(entries)}\n`;
};

/** GitLab knows findings in files only: a failure that is in none cannot be told. */
export const gitlabFailure: FailureReporter = (failure, options) => {
  const entries = gitlabEntries(problemsOf(failure, options));
  return entries.length === 0 ? null : `${jsonText(entries)}\n`;
};

const OF_PROBLEMS: Readonly<Record<Level, string>> = { error: 'blocker', warning: 'minor', note: 'info' };

/** Those that are in a file. */
export const gitlabEntries = (problems: readonly Problem[]) =>
  problems.flatMap(({ code, severity, text, file, line, column }, i) => {
    if (file === null) return [];
    const fingerprint = hash(JSON.stringify([code, text, file, line, column, i]));
    return [
      {
        description: text,
        check_name: code,
        fingerprint,
        severity: OF_PROBLEMS[severity],
        location: { path: file, lines: { begin: line ?? 1 } },
      },
    ];
  });
