export type Json = unknown;
/** An object of nft's JSON, with those of its keys that are read. */
export type JsonObject = Readonly<Partial<Record<Key, Json>>>;
type Key =
  | 'addr'
  | 'base'
  | 'chain'
  | 'comment'
  | 'data'
  | 'dev'
  | 'dir'
  | 'elem'
  | 'expr'
  | 'family'
  | 'field'
  | 'flags'
  | 'hook'
  | 'inv'
  | 'key'
  | 'left'
  | 'len'
  | 'map'
  | 'mod'
  | 'mode'
  | 'name'
  | 'nftables'
  | 'offset'
  | 'op'
  | 'policy'
  | 'port'
  | 'prio'
  | 'protocol'
  | 'result'
  | 'right'
  | 'set'
  | 'stmt'
  | 'table'
  | 'target'
  | 'timeout'
  | 'type'
  | 'type_flags'
  | 'val'
  | 'value';

export const isObject = (v: Json): v is JsonObject => typeof v === 'object' && v !== null && !Array.isArray(v);
export const textOf = (v: Json): string | null => (typeof v === 'string' ? v : typeof v === 'number' ? String(v) : null);
export const listOf = (v: Json): readonly Json[] => (Array.isArray(v) ? v : v === undefined || v === null ? [] : [v]);

/** The key and the value of an object that has one key, as statements and expressions have; null: it is another value. */
export function only(v: Json): readonly [kind: string, body: Json] | null {
  if (!isObject(v)) return null;
  const [first, ...more] = Object.entries(v);
  return first === undefined || more.length > 0 ? null : first;
}
