import { type MapData, type MapElement, type MapVerdict, type VerdictMap, verdictMap } from '../../datapath/netfilter/sets.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import type { Origin } from '../../source/origin.ts';
import { type DataType, numberOf, typeNamed } from './data-types.ts';
import { modelled } from './fields.ts';
import { type Key, keyOf, keyParts } from './key.ts';
import { type Element, type Expr, isVerdict, type SetSyntax, type Verdict } from './syntax.ts';

/** A use that rules make of maps: to find a verdict, a mark, an address. */
export interface MapUse {
  /** Part of the key of `made`: a map that several rules use alike is made once. */
  readonly name: string;
  /** The effect on the packet that finds this data; null: it is not understood. */
  gives(data: Expr | Verdict): MapVerdict | MapData | null;
}

/** The maps of a table, and the places of their elements. */
export interface Maps {
  readonly family: string;
  /** Undefined: the listing has no map of this name. */
  map(name: string): SetSyntax | undefined;
  originAt(line: number): Origin;
  /** By the names of a use and of a map; null: it is not understood. */
  readonly made: Map<string, VerdictMap | null>;
}

/** The types of a declared key, from their names or from the fields of a `typeof`. Null: one is not modelled. */
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

/** The elements of a map; one that stands in a rule has no name. */
interface Listed {
  readonly name: string | null;
  readonly items: readonly Element[];
}

/** A map for one use. Null: an element is not understood, so that it is not known what a packet finds. */
function mapOf({ name, items }: Listed, types: readonly DataType[], use: MapUse, maps: Maps): VerdictMap | null {
  const elements: MapElement[] = [];
  let otherwise: MapElement | null = null;
  for (const { key, data, comment, line } of items) {
    const verdict = data === null ? null : use.gives(data);
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

/** A map that stands in the rule, or one with a name. */
function found(map: Expr, key: Key, use: MapUse, maps: Maps): VerdictMap | null {
  if (map.kind === 'set') return mapOf({ name: null, items: map.items }, key.types, use, maps);
  const declared = map.kind === 'ref' ? maps.map(map.name) : undefined;
  return declared === undefined || declared.key.length !== key.types.length ? null : declaredMap(declared, use, maps);
}

/** A map with a name. Null: it is not understood. */
export function declaredMap({ name, key, items }: SetSyntax, use: MapUse, maps: Maps): VerdictMap | null {
  const known = `${use.name} ${name}`;
  const made = maps.made.get(known);
  if (made !== undefined) return made;
  const types = typesOf(key, maps.family);
  const result = types === null ? null : mapOf({ name, items }, types, use, maps);
  maps.made.set(known, result);
  return result;
}

/** `KEY map { … }`, `KEY vmap @name` */
interface Lookup {
  readonly key: Expr;
  readonly map: Expr;
}

/** The target of a rule that looks up fields of the packet, or a random number, in a map. Null: it is not modelled. */
export function lookedUp({ key: keyed, map }: Lookup, use: MapUse, maps: Maps): Target | null {
  if (keyed.kind === 'numgen') {
    const { modulus, offset, hashed } = keyed;
    const integer = typeNamed('integer');
    const numbers = integer === null ? null : found(map, { selectors: [], types: [integer] }, use, maps);
    // A random number finds one of the elements; a catch-all element would be one of them at no known share.
    if (numbers === null || numbers.find([]) !== undefined) return null;
    return { kind: 'numgen', modulus, map: numbers, ...(offset === 0 ? {} : { offset }), ...(hashed === true ? { hashed } : {}) };
  }
  const key = keyOf(keyed, maps.family);
  const of = key === null ? null : found(map, key, use, maps);
  return key === null || of === null ? null : { kind: 'vmap', key: key.selectors, map: of };
}

export const FOR_VERDICT: MapUse = { name: 'vmap', gives: (data) => (isVerdict(data) ? data : null) };

export const FOR_MARK: MapUse = {
  name: 'mark',
  gives: (data) => {
    const value = !isVerdict(data) && data.kind === 'word' ? numberOf(data.text) : null;
    return value === null ? null : { kind: 'MARK', value, mask: 0xffffffff };
  },
};
