import { type Locus, placeOf } from '../source/origin.ts';
import { LabError } from './machine.ts';

/** A line of what a program is given, and where it was found; null: it was made for the program. */
export interface FoundLine {
  readonly text: string;
  readonly locus: Locus | null;
}

/** A program that loads what its like has printed. */
export type Loader = 'ipset restore' | 'iptables-restore' | 'ip6tables-restore' | 'nft -f -' | 'nft -j -f -';

/**
 * Files may be somebody else's, and a lab may be root's: a line that ends the here document, reads a file or runs a program was printed by
 * nobody.
 */
export function refuseToLoad(loader: Loader, { text, locus }: FoundLine): void {
  const isStrange = text === 'END' || (loader.startsWith('nft') ? includes(text) : runsProgram(text));
  if (locus === null || !isStrange) return;
  throw new LabError(
    `${placeOf(locus)}: no program prints a line like this, and a lab does not load it: ${JSON.stringify(text)}`,
    'collect the file again, or leave it out',
  );
}

const QUOTED = /"(?:\\.|[^"\\])*"/g;
const includes = (text: string) => /(?:^|[;{])\s*include\b/.test(text.replace(QUOTED, '""'));

/** `--modprobe PROGRAM`, which getopt knows by shorter names, too, and among other letters. A quote stands around a whole word. */
const RUNS = /^(?:--mod(?!e$)|-[A-Za-z0-9]*M)/;
const WORDS = /"(?:\\.|[^"\\])*"(?=\s|$)|\S+/g;

function runsProgram(text: string): boolean {
  return (text.match(WORDS) ?? []).some((word) => {
    const isWhole = /^"(?:\\.|[^"\\])*"$/.test(word);
    return isWhole ? RUNS.test(word.slice(1, -1).replace(/\\(.)/g, '$1')) : word.includes('"') || RUNS.test(word);
  });
}
