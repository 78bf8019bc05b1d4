import type { StateText } from '../text.ts';
import type { RecordKind, TextRecord } from './records.ts';

/**
 * The index of the line within which a plain text is cut off; null: it seems to be whole, as it also does where it is cut off between two
 * lines. `isUnread`: is the line not understood?
 */
export function halfLine(text: StateText, records: readonly TextRecord[], isUnread: (line: number) => boolean): number | null {
  const isOpen = text.isOpen === true;
  const last = records.at(-1);
  const end = last?.details.at(-1) ?? last;
  if (last === undefined || end === undefined) return null;
  const isHalf = isOpen && isUnread(end.line);
  return isHalf || ENDS[last.kind]?.({ last, end: end.text, isOpen, records, lines: text.lines }) === true ? end.line : null;
}

interface Ending {
  readonly last: TextRecord;
  /** The last line. */
  readonly end: string;
  readonly isOpen: boolean;
  readonly records: readonly TextRecord[];
  readonly lines: readonly string[];
}

/** By the kind of the last record: is the last line incomplete? */
const ENDS: Partial<Record<RecordKind, (ending: Ending) => boolean>> = {
  link: ({ last, end, isOpen, records }) => {
    const word = end.trim();
    // `bridge link` prints one line for a device.
    if (last.details.length === 0)
      return end.includes(' qdisc ') && records.some(({ kind, details }) => kind === 'link' && details.length > 0);
    if (/^inet6? /.test(word)) return isOpen || hasLifetimes(records);
    if (word.startsWith('link/')) return isOpen && !LINK_ADDRESS.test(word);
    return /^v(alid(_lft.*)?)?$/.test(word) && !LIFETIMES.test(word);
  },
  address: ({ last, isOpen, lines }) =>
    isOpen && lines.some((line) => LIFETIMES.test(line)) && !LIFETIMES.test([last, ...last.details].map(({ text }) => text).join(' ')),
  route: isTrimmed,
  brief: isTrimmed,
};

const hasLifetimes = (records: readonly TextRecord[]): boolean =>
  records.some(({ details }) => details.some(({ text }) => LIFETIMES.test(text)));

const LIFETIMES = /valid_lft \S+ preferred_lft (forever|\d+sec)\s*$/;

/** A whole line has both addresses, or is of a type that has none; only fields of the device's peer may follow. */
const LINK_ADDRESS =
  /^link\/((none|ppp)\b|\S+ \S+ (brd|peer) (([0-9a-f]{2}:){5,}[0-9a-f]{2}|(\d+\.){3}\d+|\S*::\S*|([0-9a-f]+:){7}[0-9a-f]+)(\s|$))/;

/**
 * iproute2 prints a space after each word of a route, except after the preference of an IPv6 router: where other lines end so and the last
 * one does not, it is incomplete.
 */
function isTrimmed({ end, isOpen, lines }: Ending): boolean {
  const isWhole = (line: string) => /(\s|pref (low|medium|high))$/.test(line);
  return isOpen && !isWhole(end) && lines.some(isWhole);
}
