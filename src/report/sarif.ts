import type { CheckResult, SourceRef } from '../document/check-schema.ts';
import { jsonText, safe } from '../render/text.ts';
import { whatIfTail, whatIfText } from '../render/what-if.ts';
import { type FailureReporter, problemsOf } from './failure.ts';
import type { Directory, Reporter } from './reporter.ts';
import { waysOf } from './way.ts';
import { briefly, codeOf, type Finding, fileOf, findings, fingerprints, inFull, NOT_ASKED, placeOf, summaryOf, titleOf } from './words.ts';

/** GitHub keeps the first 5,000 results of a run, and 1,000 steps of a code flow. */
const MOST_RESULTS = 5000;
const MOST_STEPS = 1000;

/** SARIF 2.1.0: a rule for each reason code that occurs, and the hops of the decisive path as code flows. */
export const sarif: Reporter = (document, { directory, version, pages }) => {
  const all = findings(document).slice(0, MOST_RESULTS);
  const supposed = whatIfText(document.whatIf);
  const prints = fingerprints(document.results, directory);
  const codes = [...new Set(all.map(({ result }) => codeOf(result)))];
  const notification = { level: 'note', message: { text: `${summaryOf(document)}${whatIfTail(document.whatIf)}` } };
  return logOf({
    tool: { driver: { ...driverOf(version), rules: codes.map((code) => ruleOf(code, pages.get(code))) } },
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: [notification] }],
    columnKind: 'utf16CodeUnits',
    results: all.map((f) => resultOf(f, codes, prints.get(f.result) ?? '', supposed, directory)),
  });
};

export const driverOf = (version: string) => ({ name: 'k8s-trace', semanticVersion: version });

export const logOf = (run: object): string =>
  `${jsonText({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [run],
  })}\n`;

/** An expectation that does not hold although the packet gets through is a rule too. */
const MET = 'An expectation does not hold, although nothing stops the packet.';

const UNASKED = 'An expectation cannot be asked: it names nothing, or not enough.';

/** A reason's page begins with its code and a paragraph. */
function ruleOf(id: string, page: string | undefined) {
  if (page === undefined) {
    const text = id === NOT_ASKED ? UNASKED : MET;
    return { id, shortDescription: { text }, help: { text } };
  }
  // Its links lead to other pages, which are not there.
  const text = page.replace(/\[([^\]]+)\]\([\w.]+\)/g, '$1');
  const [, , first = MET] = text.split('\n');
  return { id, shortDescription: { text: first }, help: { text, markdown: text } };
}

function resultOf({ result, level }: Finding, codes: readonly string[], fingerprint: string, supposed: string, directory: Directory) {
  const flow = flowOf(result, directory);
  const lines = [`${titleOf(result)}: ${briefly(result)}`, ...inFull(result).slice(1), ...(supposed === '' ? [] : [`what if ${supposed}`])];
  return {
    ruleId: codeOf(result),
    ruleIndex: codes.indexOf(codeOf(result)),
    level,
    message: { text: unlinked(lines.join('\n')) },
    locations: [locationOf(placeOf(result), directory)],
    relatedLocations: [{ id: 1, ...locationOf(result.source, directory), message: { text: 'what is expected' } }],
    ...(flow.length === 0 ? {} : { codeFlows: [{ threadFlows: [{ locations: flow }] }] }),
    partialFingerprints: { 'k8sTraceExpectation/v1': fingerprint },
  };
}

/** Viewers make links of [text](target), and a name may say anything. */
export const unlinked = (text: string): string => text.replaceAll('](', '] (');

function locationOf(place: SourceRef, directory: Directory) {
  const file = fileOf(place, directory);
  const physical = file === null ? {} : { physicalLocation: physicalLocation(file, place.line, place.column) };
  return { ...physical, logicalLocations: [{ fullyQualifiedName: safe(place.object) }] };
}

export const physicalLocation = (file: string, startLine: number | null, startColumn: number | null) => ({
  artifactLocation: { uri: uriOf(file) },
  ...(startLine === null || startColumn === null ? {} : { region: { startLine, startColumn } }),
});

/** Relative to the checkout; only what is outside of it is absolute. */
const uriOf = (file: string): string => {
  // A lone surrogate is no character, and has no bytes.
  const path = file
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return path.startsWith('/') ? `file://${path}` : path;
};

/** Every hop that stands somewhere in the input. */
function flowOf(result: CheckResult, directory: Directory) {
  const hops = waysOf(result).flatMap((w) => w.hops);
  return hops
    .flatMap(({ source, node, text }) =>
      source === null ? [] : [{ location: { ...locationOf(source, directory), message: { text: safe(`${node}: ${text}`) } } }],
    )
    .slice(0, MOST_STEPS);
}

/** A run that did not succeed. It has no `results`: a list without any would say that all is well (SARIF 2.1.0, 3.14.23). */
export const sarifFailure: FailureReporter = (failure, options) => {
  const notifications = problemsOf(failure, options).map(({ code, severity, text, file, line, column }) => ({
    descriptor: { id: code },
    level: severity,
    message: { text: unlinked(text) },
    ...(file === null ? {} : { locations: [{ physicalLocation: physicalLocation(file, line, column) }] }),
  }));
  const invocation = { executionSuccessful: false, exitCode: 2, toolExecutionNotifications: notifications };
  return logOf({ tool: { driver: driverOf(options.version) }, invocations: [invocation], columnKind: 'utf16CodeUnits' });
};
