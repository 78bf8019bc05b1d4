import type { Level } from './level.ts';
import type { Reporter } from './reporter.ts';
import { briefly, codeOf, fileOf, findings, fingerprints, placeOf, titleOf } from './words.ts';

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
        description: `${titleOf(result)}: ${message}`,
        check_name: codeOf(result),
        fingerprint: prints.get(result),
        severity: SEVERITIES[level],
        location: { path, lines: { begin: place.line } },
      },
    ];
  });
  return `${JSON.stringify(entries, null, 2)}\n`;
};
