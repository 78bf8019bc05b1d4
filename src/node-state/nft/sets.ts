import { type NamedSet, namedSet, type SetElement, type VerdictMap, verdictMap } from '../../datapath/netfilter/sets.ts';
import { keyParts } from './key.ts';
import { declaredMap, FOR_VERDICT, type Maps, typesOf } from './maps.ts';
import type { SetSyntax } from './syntax.ts';

const FLAGS = ['constant', 'interval', 'dynamic', 'timeout'] as const;

/** A declared set. Null: its type or an element is not understood, so that matches on it are unknown. */
export function setOf(s: SetSyntax, family: string): NamedSet | null {
  const types = typesOf(s.key, family);
  if (types === null) return null;
  const elements: SetElement[] = [];
  let otherwise: SetElement | null = null;
  for (const { key, comment } of s.items) {
    if (key.kind === 'word' && key.text === '*') {
      otherwise = { key: [], comment };
      continue;
    }
    const parts = keyParts(key, types);
    if (parts === null) return null;
    elements.push({ key: parts, comment });
  }
  const set = namedSet({ ...stated(s), type: types.map((t) => t.name), elements });
  if (otherwise === null) return set;
  const all = otherwise;
  return { ...set, find: (values) => set.find(values) ?? all };
}

const stated = ({ name, flags, timeout, comment, text }: SetSyntax) => ({
  name,
  flags: FLAGS.filter((f) => flags.includes(f)),
  timeout,
  comment,
  ...(text === '' ? {} : { listed: `\t${text.trim()}` }),
});

/** A declared map, for printing: one of verdicts with its elements, another one by its text. Null: neither is known. */
export function mapForPrinting(s: SetSyntax, maps: Maps): VerdictMap | null {
  const isOfVerdicts = s.data.length === 1 && s.data[0] === 'verdict';
  const whole = isOfVerdicts ? declaredMap(s, FOR_VERDICT, maps) : null;
  if (whole === null && s.text === '') return null;
  return { ...(whole ?? verdictMap({ name: s.name, type: [], elements: [] })), ...stated(s) };
}
