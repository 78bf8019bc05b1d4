import { type MapData, type MapElement, type MapVerdict, type VerdictMap, verdictMap } from '../../datapath/netfilter/sets.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import type { Origin } from '../../source/origin.ts';
import { type DataType, numberOf, typeNamed } from './data-types.ts';
import { modelled } from './fields.ts';
import { type Key, keyOf, keyParts } from './key.ts';
import { type Element, type Expr, isVerdict, type SetSyntax, type Verdict } from './syntax.ts';

/** What becomes of the packet that hits an element; null: that is not understood. */
export type Gives = (data: Expr | Verdict) => MapVerdict | MapData | null;

/** The maps of a table, and the places of their elements. */
export interface Maps {
  readonly family: string;
  /** Undefined: the listing has none that is called so. */
  map(name: string): SetSyntax | undefined;
  originAt(line: number): Origin;
  /** A map that several rules ask, for one purpose, is made once. */
  readonly made: Map<string, VerdictMap | null>;
}

/** The types of a declared key: their names, or the fields that have them. Null: one is not modelled. */
export function typesOf(names: readonly string[], family: string): readonly DataType[] | null {
  const types: DataType[] = [];
  for (const name of names) {
    const type = typeNamed(name) ?? modelled(barely(name), family)?.type ?? null;
    if (type === null) return null;
    types.push(type);
  }
  return types.length === 0 ? null : types;
}

/** `typeof meta iifname` is the field `iifname`. */
const barely = (name: string) => name.replace(/^meta ([io]ifname)$/, '$1').replace(/^mark$/, 'meta mark');

/** A map's elements, by what they give. Null: one of them is not understood, so that nobody knows what the map has for a packet. */
function mapOf(name: string | null, items: readonly Element[], types: readonly DataType[], gives: Gives, maps: Maps): VerdictMap | null {
  const elements: MapElement[] = [];
  let otherwise: MapElement | null = null;
  for (const { key, data, comment, line } of items) {
    const verdict = data === null ? null : gives(data);
    if (verdict === null) return null;
    const origin = maps.originAt(line);
    if (key.kind === 'word' && key.text === '*') otherwise = { key: [], comment, verdict, origin };
    else {
      const parts = keyParts(key, types);
      if (parts === null) return null;
      elements.push({ key: parts, comment, verdict, origin });
    }
  }
  const map = verdictMap({ name, type: types.map((t) => t.name), elements });
  if (otherwise === null) return map;
  const all = otherwise;
  return { ...map, find: (values) => map.find(values) ?? all };
}

/** A map that stands in the rule, or one with a name, asked for this purpose. */
function found(map: Expr, key: Key, gives: Gives, purpose: string, maps: Maps): VerdictMap | null {
  if (map.kind === 'set') return mapOf(null, map.items, key.types, gives, maps);
  const declared = map.kind === 'ref' ? maps.map(map.name) : undefined;
  return declared === undefined || declared.key.length !== key.types.length ? null : declaredMap(declared, gives, purpose, maps);
}

/** A map with a name, as it is asked for this purpose. Null: it is not understood. */
export function declaredMap({ name, key, items }: SetSyntax, gives: Gives, purpose: string, maps: Maps): VerdictMap | null {
  const known = `${purpose} ${name}`;
  const made = maps.made.get(known);
  if (made !== undefined) return made;
  const types = typesOf(key, maps.family);
  const result = types === null ? null : mapOf(name, items, types, gives, maps);
  maps.made.set(known, result);
  return result;
}

/** The rule's verdict by fields of the packet, or by chance. Null: it is not modelled. */
export function lookedUp(keyed: Expr, map: Expr, gives: Gives, purpose: string, maps: Maps): Target | null {
  if (keyed.kind === 'numgen') {
    const { modulus, offset, hashed } = keyed;
    const integer = typeNamed('integer');
    const numbers = integer === null ? null : found(map, { selectors: [], types: [integer] }, gives, purpose, maps);
    // A choice is made among the elements that there are: one for all others is none of them.
    if (numbers === null || numbers.find([]) !== undefined) return null;
    return { kind: 'numgen', modulus, map: numbers, ...(offset === 0 ? {} : { offset }), ...(hashed === true ? { hashed } : {}) };
  }
  const key = keyOf(keyed, maps.family);
  const of = key === null ? null : found(map, key, gives, purpose, maps);
  return key === null || of === null ? null : { kind: 'vmap', key: key.selectors, map: of };
}

/** The purpose of a map of verdicts. */
export const VERDICTS = 'vmap';

export const givesVerdict: Gives = (data) => (isVerdict(data) ? data : null);

export const givesMark: Gives = (data) => {
  const value = !isVerdict(data) && data.kind === 'word' ? numberOf(data.text) : null;
  return value === null ? null : { kind: 'MARK', value, mask: 0xffffffff };
};
