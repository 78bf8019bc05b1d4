import { type IpAddress, parseAddress } from '../../net/address.ts';
import { type Mac, parseMac } from '../../net/mac.ts';
import { hostPrefix, type Prefix, parseCidr, prefixOf } from '../../net/prefix.ts';

/** An object of `ip -j`. Plain text is read into the same fields, so that both forms have one reader. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * One device, address, route, rule or neighbour that was printed. A reader takes its fields one by one; those that are left over are not
 * understood.
 */
export class Entry {
  readonly fields: Fields;
  /** The index of its line. */
  readonly line: number;
  readonly text: string;
  /** Complaints about the values of fields that were taken. */
  readonly wrong: string[] = [];
  readonly #left: Set<string>;

  constructor(fields: Fields, line: number, text: string) {
    this.fields = fields;
    this.line = line;
    this.text = text;
    this.#left = new Set(Object.keys(fields));
  }

  /** An object within it, with complaints of its own. */
  part(fields: Fields): Entry {
    return new Entry(fields, this.line, this.text);
  }

  take(key: string): unknown {
    this.#left.delete(key);
    return Object.hasOwn(this.fields, key) ? this.fields[key] : undefined;
  }

  /** A flag: present with any value (`"router":null`) but `false`. */
  has(key: string): boolean {
    const value = this.take(key);
    return value !== undefined && value !== false;
  }

  /** Takes fields that have no effect on a packet's way. */
  leave(keys: Iterable<string>): void {
    for (const key of keys) this.#left.delete(key);
  }

  /** The fields that were not taken. */
  get unknown(): readonly string[] {
    return [...this.#left];
  }

  /** A complaint about each field that was not taken, but for those that are known to have no model. */
  unknownWords(unmodelled: readonly string[] = []): readonly string[] {
    return this.unknown.filter((key) => !unmodelled.includes(key)).map((key) => `unknown word "${key}"`);
  }

  /** A field as plain text prints it: `tos 0x10`. */
  said(key: string): string {
    const value = this.fields[key];
    return value === undefined || value === null || typeof value === 'object' ? key : `${key} ${String(value)}`;
  }

  word(key: string): string | null {
    const value = this.take(key);
    if (value === undefined || value === null) return null;
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    this.wrong.push(`${key} is no word`);
    return null;
  }

  number(key: string): number | null {
    const word = this.word(key);
    if (word === null) return null;
    if (/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(word)) return Number(word);
    this.wrong.push(`${key} "${word}" is no number`);
    return null;
  }

  flag(key: string): boolean | null {
    const value = this.take(key);
    if (value === undefined) return null;
    if (value === true || value === 'on' || value === 1) return true;
    if (value === false || value === 'off' || value === 0) return false;
    this.wrong.push(`${key} is neither on nor off`);
    return null;
  }

  address(key: string): IpAddress | null {
    return this.#parsed(key, parseAddress, 'address');
  }

  mac(key: string): Mac | null {
    return this.#parsed(key, parseMac, 'MAC address');
  }

  /** An address without a length is that of one host. */
  prefix(key: string): Prefix | null {
    return this.#parsed(key, prefixFrom, 'prefix');
  }

  words(key: string): readonly string[] {
    const value = this.take(key);
    return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [];
  }

  objects(key: string): readonly Entry[] {
    const value = this.take(key);
    return Array.isArray(value) ? value.filter(isFields).map((fields) => this.part(fields)) : [];
  }

  object(key: string): Entry | null {
    const value = this.take(key);
    return isFields(value) ? this.part(value) : null;
  }

  #parsed<T>(key: string, parse: (text: string) => T | null, what: string): T | null {
    const word = this.word(key);
    if (word === null) return null;
    const parsed = parse(word);
    if (parsed === null) this.wrong.push(`${key} "${word}" is no ${what}`);
    return parsed;
  }
}

export function prefixFrom(text: string): Prefix | null {
  if (!text.includes('/')) {
    const address = parseAddress(text);
    return address === null ? null : hostPrefix(address);
  }
  const parsed = parseCidr(text);
  return parsed === null ? null : prefixOf(parsed.address, parsed.length);
}
