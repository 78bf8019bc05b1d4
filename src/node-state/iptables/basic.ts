import type { Match } from '../../datapath/netfilter/match.ts';
import { familyOf, type IpFamily, parseAddress } from '../../net/address.ts';
import { addressBits, maskLength, type Prefix, prefixOf } from '../../net/prefix.ts';

/** The prefix of `10.0.0.0/8`, `10.0.0.1` or `10.0.0.0/255.0.0.0`. Null: no address of the family, or a mask that is no prefix. */
export function prefixOfText(text: string, family: IpFamily): Prefix | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === null || familyOf(address) !== family) return null;
  if (slash === -1) return prefixOf(address, addressBits(address));
  const mask = text.slice(slash + 1);
  const length = /^\d{1,3}$/.test(mask) ? Number(mask) : lengthOfMask(mask, family);
  return length === null || length > addressBits(address) ? null : prefixOf(address, length);
}

/** `10.0.0.1/255.0.0.255`, which is no prefix: the bits of the mask have those of the address. Null: it is none such. */
export function bitsOfText(text: string, end: 'saddr' | 'daddr', family: IpFamily): Extract<Match, { kind: 'bits' }> | null {
  const [address, mask, ...rest] = text.split('/').map(parseAddress);
  if (address == null || mask == null || rest.length > 0 || familyOf(address) !== family || familyOf(mask) !== family) return null;
  const and = (BigInt(address) & BigInt(mask)) as bigint;
  const field = `${family === 'IPv4' ? 'ip' : 'ip6'} ${end}` as const;
  const asIs = family === 'IPv4' ? { mask: Number(mask), value: Number(and) } : { mask: BigInt(mask), value: and };
  return { kind: 'bits', field, ...asIs, negated: false };
}

function lengthOfMask(text: string, family: IpFamily): number | null {
  const mask = parseAddress(text);
  return mask === null || familyOf(mask) !== family ? null : maskLength(mask);
}

const OF_OTHER: Readonly<Record<IpFamily, readonly string[]>> = { IPv4: ['-6', '--ipv6'], IPv6: ['-4', '--ipv4'] };

/**
 * The option of a rule for the other family: in a file for both, iptables-restore skips rules with -6, and ip6tables-restore those with -4.
 * Null: the rule has none.
 */
export const flagOfOther = (words: readonly string[], family: IpFamily): string | null =>
  words.find((word, i) => OF_OTHER[family].includes(word) && words[i - 1]?.startsWith('--') !== true) ?? null;
