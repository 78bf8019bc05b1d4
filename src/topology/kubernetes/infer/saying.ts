import type { Confidence, FactSource, FactValue, Saying } from '../../../k8s/fact.ts';
import { formatAddress, parseAddress } from '../../../net/address.ts';
import { formatPrefix, parseCidr, prefixOf } from '../../../net/prefix.ts';
import { isRedacted } from '../../../net/redacted.ts';
import { formatPath } from '../../../source/diagnostic.ts';
import { at, type Path } from '../../../source/origin.ts';
import type { KubeObject } from '../objects.ts';

/** A field of an object. */
export const fieldOf = (object: KubeObject, ...path: Path): FactSource => ({ locus: at(object.locus, ...path), field: formatPath(path) });

export const declares = (source: FactSource | null, value: FactValue, text: string): Saying => say('declared', source, value, text);
export const follows = (source: FactSource | null, value: FactValue, text: string): Saying => say('inferred', source, value, text);
export const assumes = (value: FactValue, text: string): Saying => say('assumed', null, value, text);

export const say = (confidence: Confidence, source: FactSource | null, value: FactValue, text: string): Saying => ({
  value,
  confidence,
  source,
  text,
});

export const REDACTED = 'the address is redacted';

/**
 * Addresses and ranges that a bundle's redactor replaced, and those that are none: what would have said it says nothing, and a default
 * must not stand in for it.
 */
const unreadable = (source: FactSource | null, value: string): Saying =>
  say('unknown', source, null, isRedacted(value) ? REDACTED : `${JSON.stringify(value)} is not an address or range`);

/** A list of ranges as a text with commas, or a list; in canonical form. Null: it is not there. */
export function ranges(source: FactSource, value: string | readonly string[] | null | undefined, text: string): Saying | null {
  return listOf(source, value, text, (word) => {
    const parsed = parseCidr(word);
    return parsed === null ? null : formatPrefix(prefixOf(parsed.address, parsed.length));
  });
}

/** The same of addresses. */
export function addresses(source: FactSource, value: string | readonly string[] | null | undefined, text: string): Saying | null {
  return listOf(source, value, text, (word) => {
    const parsed = parseAddress(word);
    return parsed === null ? null : formatAddress(parsed);
  });
}

function listOf(
  source: FactSource,
  value: string | readonly string[] | null | undefined,
  text: string,
  read: (word: string) => string | null,
): Saying | null {
  const given = typeof value === 'string' ? value.split(',') : (value ?? []);
  const words = given.map((word) => word.trim()).filter((word) => word !== '');
  if (words.length === 0) return null;
  const list: string[] = [];
  for (const word of words) {
    const canonical = read(word);
    if (canonical === null) return unreadable(source, word);
    list.push(canonical);
  }
  return declares(source, list, text);
}

/** Private ranges, which never are on the internet. */
export const RFC_1918 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
