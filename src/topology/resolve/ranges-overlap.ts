import type { IpAddress } from '../../net/address.ts';
import { formatPrefix, overlaps, type Prefix, samePrefix } from '../../net/prefix.ts';
import type { Cursor } from './cursor.ts';

export interface Range {
  /** As a message names it. */
  readonly what: string;
  readonly prefix: Prefix;
  /** Of a range that is given out in parts, the parts that are; null: all of it is in use. */
  readonly parts: readonly Prefix[] | null;
  readonly cursor: Cursor;
}

const byAddress = (a: IpAddress, b: IpAddress) => Number(a > b) - Number(a < b);

/** Is an address in use in both? Else the two overlap on paper only, and every address has one meaning. */
const clash = (a: Range, b: Range) => (a.parts ?? [a.prefix]).some((p) => (b.parts ?? [b.prefix]).some((q) => overlaps(p, q)));

/**
 * Reports ranges of one family that overlap, each at the later one of the input. In order of their first address, a range that overlaps any
 * earlier one overlaps the one that reaches furthest.
 */
export function reportOverlaps(ranges: readonly Range[]): void {
  const sorted = ranges
    .map((range, i) => ({ range, i }))
    .sort(
      (a, b) => byAddress(a.range.prefix.address, b.range.prefix.address) || a.range.prefix.length - b.range.prefix.length || a.i - b.i,
    );
  let widest: (typeof sorted)[number] | undefined;
  for (const here of sorted) {
    if (widest !== undefined && overlaps(widest.range.prefix, here.range.prefix)) {
      const [earlier, later] = widest.i < here.i ? [widest.range, here.range] : [here.range, widest.range];
      const verb = samePrefix(earlier.prefix, later.prefix) ? 'is also' : `overlaps ${formatPrefix(earlier.prefix)},`;
      const message = `${formatPrefix(later.prefix)} ${verb} ${earlier.what} (${earlier.cursor.place})`;
      if (clash(earlier, later)) later.cursor.error('ranges-overlap', message);
      else
        later.cursor.warn('ranges-overlap-on-paper', `${message}; no address here is in both`, 'choose ranges that have nothing in common');
      continue;
    }
    widest = here;
  }
}
