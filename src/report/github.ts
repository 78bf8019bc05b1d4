import { safe } from '../render/text.ts';
import { whatIfTail, whatIfText } from '../render/what-if.ts';
import { type FailureReporter, type Problem, problemsOf } from './failure.ts';
import type { Level } from './level.ts';
import type { Directory, Reporter } from './reporter.ts';
import { codeOf, type Finding, fileOf, findings, inFull, placeOf, summaryOf, titleOf } from './words.ts';

/** GitHub shows so many annotations of each kind for a step, and drops the others in silence. */
export const MOST = 10;
const LEVELS: readonly Level[] = ['error', 'warning', 'note'];
const COMMANDS: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** Workflow commands, which GitHub shows as annotations: the worst first, so that it is not those which are dropped. */
export const github: Reporter = (document, { directory }) => {
  const all = together(findings(document));
  const supposed = whatIfText(document.whatIf);
  const shown = LEVELS.flatMap((level) => {
    const some = all.filter(([first]) => first.level === level);
    const left = some.length - MOST;
    const more = left > 0 ? [`and ${left} more of severity ${level}, which GitHub would not show: see the whole report`] : [];
    return [...some.slice(0, MOST).map((group) => annotation(group, supposed, directory)), ...more];
  });
  return `${[...shown, `${summaryOf(document)}${whatIfTail(document.whatIf)}`].join('\n')}\n`;
};

type Group = readonly [Finding, ...Finding[]];

/** A wildcard may fail in a hundred connections for one and the same reason: that is one annotation. */
function together(all: readonly Finding[]): readonly Group[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of all) {
    const { result, level } = finding;
    const key = JSON.stringify([level, result.source, placeOf(result), codeOf(result)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

function annotation([{ result, level }, ...others]: Group, supposed: string, directory: Directory): string {
  const place = placeOf(result);
  const file = fileOf(place, directory);
  const where = file === null ? {} : { file, line: place.line, col: place.column };
  const also = others.length === 0 ? [] : [`the same for ${others.length} more ${others.length === 1 ? 'connection' : 'connections'}`];
  const lines = [...inFull(result), ...also, ...(supposed === '' ? [] : [`what if ${supposed}`])];
  return command(COMMANDS[level], { ...where, title: `${codeOf(result)}: ${titleOf(result)}` }, lines.join('\n'));
}

export function command(name: string, properties: Readonly<Record<string, string | number | null>>, text: string): string {
  const given = Object.entries(properties).filter(([, value]) => value !== null);
  return `::${name} ${given.map(([key, value]) => `${key}=${property(safe(String(value)))}`).join(',')}::${data(text)}`;
}

/** How the runner reads commands: in values percent signs and line ends are escaped, in properties colons and commas too. */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** An annotation where the input is wrong, or of the step as a whole. */
export const githubFailure: FailureReporter = (failure, options) => {
  const problems = problemsOf(failure, options);
  const left = problems.length - MOST;
  const more = left > 0 ? [`and ${left} more, which GitHub would not show: see the log`] : [];
  return `${[...problems.slice(0, MOST).map(problemCommand), ...more].join('\n')}\n`;
};

function problemCommand({ code, severity, text, file, line, column }: Problem): string {
  const where = { file, line: file === null ? null : line, col: file === null ? null : column };
  return command(COMMANDS[severity], { ...where, title: `k8s-trace: ${code}` }, text);
}

/** Annotations of problems, the worst first, and of each severity those that GitHub shows. */
export const githubProblems = (problems: readonly Problem[]): readonly string[] =>
  LEVELS.flatMap((level) => {
    const some = problems.filter((p) => p.severity === level);
    const left = some.length - MOST;
    const more = left > 0 ? [`and ${left} more of severity ${level}, which GitHub would not show: see the whole report`] : [];
    return [...some.slice(0, MOST).map(problemCommand), ...more];
  });
