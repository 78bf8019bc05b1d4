import type * as z from 'zod';
import type { FactSource } from '../../../k8s/fact.ts';
import type { Path } from '../../../source/origin.ts';
import { parseYaml } from '../../syntax/yaml.ts';
import { type KubeObject, keyOf } from '../objects.ts';
import type { Note } from './clues.ts';
import { fieldOf } from './saying.ts';

/** A text inside of a ConfigMap that is YAML or JSON itself, and where its fields are said to be. */
export interface Config<T> {
  readonly value: T;
  at(...path: Path): FactSource;
}

/** Reads `data[key]` as what `schema` describes. One that is no such thing is a note: a broken file of a cluster is not the user's fault. */
export function readConfig<S extends z.ZodType>(
  map: KubeObject<'ConfigMap'>,
  key: string,
  schema: S,
  note: (note: Note) => void,
): Config<z.output<S>> | null {
  const text = map.data.data?.[key];
  if (text === undefined) return null;
  const source = fieldOf(map, 'data', key);
  const wrong = (why: string) => note({ kind: 'unreadable', text: `${key} of ConfigMap ${keyOf(map)} is passed over: ${why}`, source });
  const { documents, diagnostics } = parseYaml(map.locus.document.file, text);
  const [fault] = diagnostics;
  if (fault !== undefined) {
    wrong(fault.message);
    return null;
  }
  const parsed = schema.safeParse(documents[0]?.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    wrong(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not what was expected'}`);
    return null;
  }
  return { value: parsed.data, at: (...path) => fieldOf(map, 'data', key, ...path) };
}
