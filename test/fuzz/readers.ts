import { offsetAt, readSimpleYaml } from '../../src/topology/syntax/simple-yaml.ts';
import type { SimpleNode } from '../../src/topology/syntax/simple-yaml-reader.ts';
import { readDocument } from '../../src/topology/syntax/yaml-data.ts';
import { nodeFinder } from '../../src/topology/syntax/yaml-nodes.ts';
import { parseStream } from '../../src/topology/syntax/yaml-stream.ts';

/** A text that the quick reader takes is read alike by the whole parser: the same values, at the same places. */
export function readersFault(text: string): string | null {
  const simple = readSimpleYaml(text);
  if (simple === null) return null;
  const stream = parseStream(text);
  if ('tooDeep' in stream) return 'the quick reader takes what is nested too deep';
  const errors = stream.documents.flatMap((d) => [...d.errors, ...d.warnings]);
  if (errors[0] !== undefined) return `the quick reader takes what is no YAML: ${errors[0].message}`;
  const whole = stream.documents.map((d) => ({ ...readDocument(d), contents: d.contents })).filter((d) => d.data !== null);
  const problem = whole.flatMap((d) => d.problems)[0];
  if (problem !== undefined) return `the quick reader takes what has a fault: ${problem.message}`;
  if (JSON.stringify(whole.map((d) => d.data)) !== JSON.stringify(simple.map((root) => root.data)))
    return 'the two readers read other values';
  for (const [i, root] of simple.entries()) {
    const document = whole[i];
    if (document === undefined) continue;
    const nodeAt = nodeFinder(document.contents, document.targets);
    const other = pathsIn(root).find((path) =>
      [true, false].some((key) => offsetAt(root, path, key) !== (nodeAt(path, key && typeof path.at(-1) === 'string')?.range?.[0] ?? 0)),
    );
    if (other !== undefined) return `the two readers have other places for ${other.join('.')}`;
  }
  return null;
}

type Path = readonly (string | number)[];

function pathsIn({ children }: SimpleNode, path: Path = []): readonly Path[] {
  if (children === null) return [path];
  const below = 'get' in children ? [...children].map(([name, { value }]) => [name, value] as const) : [...children.entries()];
  return [path, ...below.flatMap(([step, value]) => pathsIn(value, [...path, step]))];
}
