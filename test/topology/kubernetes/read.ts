import { readItems } from '../../../src/topology/kubernetes/items.ts';
import type { Item, Reading, Wanted } from '../../../src/topology/kubernetes/reading.ts';
import type { InputFile } from '../../../src/topology/syntax/document.ts';

const encoder = new TextEncoder();

/** A file that is read a few bytes at a time, as one of gigabytes is read some megabytes at a time. */
export function inParts(name: string, text: string, most: number): InputFile {
  const bytes = encoder.encode(text);
  return {
    name,
    size: bytes.length,
    read(into, offset) {
      const part = bytes.subarray(offset, offset + Math.min(into.length, most));
      into.set(part);
      return part.length;
    },
  };
}

export const file = (name: string, text: string): InputFile => ({ name, bytes: encoder.encode(text) });

/** All kinds, and no logs. */
const EVERYTHING: Wanted = { wants: () => true, isKind: () => true, logsOf: () => null };

export const readAll = (input: InputFile, wanted: Partial<Wanted> = {}): readonly Reading[] => [
  ...readItems(input, { ...EVERYTHING, ...wanted }),
];

/** `v1 Pod web`, with a star behind a kind that is inferred; `list Pod 2`; `log …`; `fault …`. */
export function shown(reading: Reading): string {
  switch (reading.what) {
    case 'item':
      return `${reading.apiVersion} ${reading.kind}${reading.kindInferred ? '*' : ''} ${nameOf(reading)}`.trim();
    case 'list':
      return `list ${reading.apiVersion} ${reading.kind} ${reading.count}${reading.isPart ? ', a part' : ''}`;
    case 'log':
      return `log ${reading.namespace}/${reading.pod} ${reading.container} ${reading.line} ${reading.text}`;
    case 'fault':
      return reading.diagnostics
        .map((d) => `${d.severity} ${d.code} ${d.place?.line ?? '-'}:${d.place?.column ?? '-'} ${d.message}`)
        .join('; ');
  }
}

/** The name of an object; a dash where it has none. */
export function nameOf({ data }: Item): string {
  const metadata: unknown = typeof data === 'object' && data !== null && 'metadata' in data ? data.metadata : null;
  return typeof metadata === 'object' && metadata !== null && 'name' in metadata ? String(metadata.name) : '-';
}
