import { type KeyPart, type NamedSet, namedSet, type Selector, type SetElement } from '../../datapath/netfilter/sets.ts';
import { type DataType, partOf } from './data-types.ts';
import { modelled } from './fields.ts';
import type { Element, Expr } from './syntax.ts';

/** The fields of a key, and their types. */
export interface Key {
  readonly selectors: readonly Selector[];
  readonly types: readonly DataType[];
}

/** The key of an expression; null: a field of it is not modelled. */
export function keyOf(e: Expr, family: string): Key | null {
  const parts = e.kind === 'concat' ? e.parts : [e];
  const selectors: Selector[] = [];
  const types: DataType[] = [];
  for (const part of parts) {
    const field = part.kind === 'field' ? modelled(part.name, family) : null;
    if (field === null) return null;
    selectors.push(field.selector);
    types.push(field.type);
  }
  return { selectors, types };
}

/** The key of an element. Null: a part of it is not understood. */
export function keyParts(e: Expr, types: readonly DataType[]): readonly KeyPart[] | null {
  const words = e.kind === 'concat' ? e.parts : [e];
  const parts: KeyPart[] = [];
  for (const [i, word] of words.entries()) {
    const type = types[i];
    const part = word.kind === 'word' && type !== undefined ? partOf(word.text, type) : null;
    if (part === null) return null;
    parts.push(part);
  }
  return parts.length === types.length ? parts : null;
}

/** The set of a rule's own braces. Null: an element of it is not understood. */
export function anonymousSet(items: readonly Element[], types: readonly DataType[]): NamedSet | null {
  const elements: SetElement[] = [];
  for (const { key, comment } of items) {
    const parts = keyParts(key, types);
    if (parts === null) return null;
    elements.push({ key: parts, comment });
  }
  return namedSet({ name: null, type: types.map((t) => t.name), elements });
}

/** An element that has nothing but a key. */
export const alone = (key: Expr): Element => ({ key, data: null, comment: null, line: 0 });
