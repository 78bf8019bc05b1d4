import * as z from 'zod';
import { familyOf, formatAddress, unmapped } from '../../net/address.ts';
import { addressBits, formatPrefix, type Prefix, parseCidr, prefixOf } from '../../net/prefix.ts';
import { isRedacted } from '../../net/redacted.ts';

/** Address ranges as policies have them. */

/** A range, and how it would be written if it is not written so. */
export interface WrittenCidr {
  readonly prefix: Prefix;
  /** Null: it is. */
  readonly better: string | null;
}

/** What stands where a range was: whoever handed on the policy has made it unreadable. */
export interface HiddenCidr {
  readonly hidden: string;
}

export const isHiddenCidr = (cidr: WrittenCidr | HiddenCidr): cidr is HiddenCidr => 'hidden' in cidr;

const EXPECTED = 'expected a CIDR, as 10.9.8.0/24 or 2001:db8::/64';

/**
 * With host bits, leading zeros, or as an IPv4-mapped one of IPv6: what the API server has taken before it began to ask for more, and
 * what Go's parser makes of it. Source: IsValidCIDRForLegacyField, pkg/apis/core/validation; ParseCIDRSloppy, k8s.io/utils/net.
 */
export const cidr = () =>
  z.string({ error: EXPECTED }).transform((text, context): WrittenCidr | HiddenCidr => {
    if (isRedacted(text)) return { hidden: text };
    const read = readCidr(text);
    if (read !== null) return read;
    context.addIssue({ code: 'custom', message: EXPECTED });
    return z.NEVER;
  });

/** As ClusterNetworkPolicy has it. */
export const canonicalCidr = () =>
  cidr().refine((written) => isHiddenCidr(written) || written.better === null, {
    error: 'expected a CIDR without host bits or leading zeros, as 10.0.0.0/8',
  });

function readCidr(text: string): WrittenCidr | null {
  const [address = '', length = '', ...rest] = text.split('/');
  const parsed = rest.length === 0 ? parseCidr(`${withoutZeros(address)}/${length.replace(/^0+(?=\d)/, '')}`) : null;
  if (parsed === null) return null;
  const mapped = unmapped(parsed.address);
  const isIpv4 = mapped !== null && parsed.length >= 96;
  const prefix = isIpv4 ? prefixOf(mapped, parsed.length - 96) : prefixOf(parsed.address, parsed.length);
  const isWritten = !isIpv4 && withoutZeros(address) === address && /^(0|[1-9]\d*)$/.test(length) && formatPrefix(prefix) === spelt(parsed);
  return { prefix, better: isWritten ? null : formatPrefix(prefix) };
}

const spelt = ({ address, length }: Prefix): string => `${formatAddress(address)}/${length}`;

const withoutZeros = (text: string): string => (text.includes(':') ? text : text.replace(/(^|\.)0+(?=\d)/g, '$1'));

/** Is the one in the other, and smaller? */
export const isStrictSubset = (inner: Prefix, outer: Prefix): boolean =>
  familyOf(inner.address) === familyOf(outer.address) &&
  addressBits(inner.address) >= inner.length &&
  inner.length > outer.length &&
  prefixOf(inner.address, outer.length).address === outer.address;
