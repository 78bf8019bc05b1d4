import type { CauseDocument, ChangeDocument, DiffDocument, PlaceDocument } from '../document/diff-schema.ts';
import {
  byCause,
  causeText,
  changesOf,
  effectlessLines,
  endsText,
  KINDS,
  type Kind,
  NO_CAUSE,
  onLines,
  rowsOf,
  verdictOf,
} from '../render/diff-words.ts';
import { safe } from '../render/text.ts';
import { command, MOST } from './github.ts';
import type { Directory } from './reporter.ts';
import { fileOf } from './words.ts';

/** So that GitHub does not drop, without a word, what was lost. */
const COMMANDS: Readonly<Record<Kind, string>> = { lost: 'error', gained: 'warning', changed: 'notice' };
/** Of one cause. */
const MOST_ROWS = 12;

/** Workflow commands, which GitHub shows as annotations, at the lines that made the changes. */
export function diffGithub(document: DiffDocument, { directory }: { readonly directory: Directory }): string {
  const lines = KINDS.flatMap((kind) => {
    const groups = byCause(changesOf(document, kind));
    const left = groups.length - MOST;
    const more = left > 0 ? [`and ${left} more causes of what is ${kind}, which GitHub would not show: see the whole report`] : [];
    return [...groups.slice(0, MOST).map(({ causes, changes }) => annotation(kind, causes, changes, document, directory)), ...more];
  });
  return `${[...lines, ...effectlessLines(document, MOST).map(safe), safe(verdictOf(document))].join('\n')}\n`;
}

function annotation(
  kind: Kind,
  causes: readonly CauseDocument[],
  changes: readonly ChangeDocument[],
  document: DiffDocument,
  directory: Directory,
): string {
  const [place] = causes.flatMap((cause) => (cause.after === null ? [] : [cause.after]));
  const all = rowsOf(changes, document);
  const rows = all.slice(0, MOST_ROWS).map((r) => `${endsText(r.from)} -> ${endsText(r.to)} ${r.ports}: ${r.what}`);
  const more = all.length > rows.length ? [`and ${all.length - rows.length} more`] : [];
  const because = causes.length === 0 ? [NO_CAUSE] : onLines(causes).map(causeText);
  const title = `${changes.length} ${changes.length === 1 ? 'connection' : 'connections'} ${kind}`;
  return command(COMMANDS[kind], { ...whereOf(place, directory), title }, [...because, ...rows, ...more].map(safe).join('\n'));
}

/** Lines of the earlier input are no lines of the pull request. */
function whereOf(place: PlaceDocument | undefined, directory: Directory): Readonly<Record<string, string | number>> {
  const file = place === undefined ? null : fileOf({ file: place.file.replace(/^git:[^:]*:/, '') }, directory);
  return place === undefined || file === null ? {} : { file, line: place.line, col: place.column };
}
