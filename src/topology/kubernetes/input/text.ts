import { type IpAddress, parseAddress } from '../../../net/address.ts';
import { type Prefix, parseCidr, prefixOf } from '../../../net/prefix.ts';

/** Addresses of objects: what is none (redacted, or malformed in a file that a person wrote) is left out, and reported where it is missed. */
export const addressIn = (text: string | null | undefined): IpAddress | null => (text == null || text === '' ? null : parseAddress(text));

function prefixIn(text: string | null | undefined): Prefix | null {
  const parsed = text == null ? null : parseCidr(text);
  return parsed === null ? null : prefixOf(parsed.address, parsed.length);
}

export const addressesIn = (texts: readonly (string | null | undefined)[]): readonly IpAddress[] =>
  texts.flatMap((t) => addressIn(t) ?? []);

export const prefixesIn = (texts: readonly (string | null | undefined)[]): readonly Prefix[] => texts.flatMap((t) => prefixIn(t) ?? []);

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** TCP, as the API server fills it in. */
export const protocolIn = (text: string | null | undefined): 'tcp' | 'udp' | 'sctp' =>
  text === 'UDP' || text === 'SCTP' ? PROTOCOLS[text] : 'tcp';

/** One of a few words; anything else is as good as left out. */
export const wordIn = <const W extends string>(words: readonly W[], text: string | null | undefined): W | undefined =>
  words.find((w) => w === text);
