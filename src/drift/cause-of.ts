import { type Cause, NO_REMEDY, type Other, type Restore } from './cause.ts';
import { type Piece, whatText } from './parts.ts';
import type { Finding } from './search.ts';

/** The cause that a finding is reported as: its first piece, with the others listed beside it. */
export function causeOf(finding: Finding | undefined): Cause | null {
  const [first, ...others] = finding?.pieces ?? [];
  if (finding === undefined || first === undefined) return null;
  const distinct = [...new Map([first, ...others].map((piece) => [placedName(piece), piece])).values()].slice(1);
  const names = namesOf(first, distinct);
  return {
    ...otherOf(first),
    restore: joined(first, finding.isAny ? [] : others),
    together: finding.isAny ? [] : names,
    instead: finding.isAny ? names : [],
    others: distinct.map(otherOf),
  };
}

const otherOf = ({ node, what, detail }: Piece): Other => ({ node, part: whatText(what), ...detail });

const nameOf = ({ node, what, detail }: Piece): string => `${node}: ${detail.kind === 'other' ? whatText(what) : detail.text}`;

/** A piece's name with its place; a missing piece has no place of its own. */
const placedName = (piece: Piece): string => {
  const { place, isThere } = piece.detail;
  return JSON.stringify([nameOf(piece), isThere && place !== null ? [place.document.file, place.path] : null]);
};

/** The names of the other pieces; those with the name of the first are counted. */
function namesOf(first: Piece, others: readonly Piece[]): readonly string[] {
  const like = others.filter((piece) => nameOf(piece) === nameOf(first)).length;
  const names = new Set(others.map(nameOf).filter((name) => name !== nameOf(first)));
  return [...(like === 0 ? [] : [`${first.node}: ${like === 1 ? 'another one' : `${like} others`} like it`]), ...names];
}

/**
 * The remedy for all pieces on the first one's node. Equal commands of different pieces are run once; within a piece a command may have to
 * be run twice.
 */
function joined(first: Piece, others: readonly Piece[]): Restore {
  const all = [first, ...others.filter(({ node }) => node === first.node)].map((p) => p.detail.restore);
  const { by, when } = all.find((one) => one.by !== null) ?? NO_REMEDY;
  const commands = all.flatMap((one, i) => one.commands.filter((c) => !all.slice(0, i).some((before) => before.commands.includes(c))));
  const words = [...new Set(all.flatMap((one) => one.words ?? []))];
  return { by, when, commands, words: words.length === 0 ? null : words.join('; ') };
}
