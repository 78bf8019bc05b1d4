import {
  addressBits,
  commonBits,
  contains,
  formatPrefix,
  lastAddress,
  type Prefix,
  parseCidr,
  prefixOf,
  samePrefix,
} from '../net/prefix.ts';

const MOST = 5;

/** Prefixes in few words: as they are, or as one prefix and what is missing of it: `0.0.0.0/0 except 10.0.0.0/8`. */
export function addressesText(cidrs: readonly string[]): string {
  const prefixes = cidrs.flatMap((text) => parseCidr(text) ?? []);
  const [first, ...others] = prefixes;
  if (first === undefined) return '';
  const length = Math.min(first.length, ...others.map((p) => Math.min(p.length, commonBits(first.address, p.address))));
  const whole = prefixOf(first.address, length);
  const missing = without(whole, prefixes);
  if (missing.length + 1 >= prefixes.length) return listed(prefixes);
  return missing.length === 0 ? formatPrefix(whole) : `${formatPrefix(whole)} except ${listed(missing)}`;
}

/** What is left of a prefix without those in it. */
function without(whole: Prefix, taken: readonly Prefix[]): readonly Prefix[] {
  if (taken.length === 0) return [whole];
  if (taken.some((p) => samePrefix(p, whole)) || whole.length === addressBits(whole.address)) return [];
  const length = whole.length + 1;
  return [prefixOf(whole.address, length), prefixOf(lastAddress(whole), length)].flatMap((half) =>
    without(
      half,
      taken.filter((p) => contains(half, p.address)),
    ),
  );
}

function listed(prefixes: readonly Prefix[]): string {
  const more = prefixes.length - MOST;
  const shown = more > 1 ? prefixes.slice(0, MOST) : prefixes;
  return `${shown.map(formatPrefix).join(', ')}${more > 1 ? ` and ${more} more` : ''}`;
}
