import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceDocument } from '../../src/index.ts';
import { askIn, networkOf } from '../tracing.ts';

const ROOT = join(import.meta.dirname, '../..');

const asked = (file: string, source: string, destination: string) => ({ file, source, destination });

/** The pictures of docs/pictures, and the questions that they answer. */
export const PICTURES = {
  'asymmetric-nat.svg': asked('fixtures/readme/broken.yaml', 'shop', 'svc/cart'),
  'tunnel.svg': asked('fixtures/cases/overlay-port-closed.yaml', 'client', 'shop-1'),
  'ingress.svg': asked('fixtures/http/ingress.yaml', 'laptop', 'https://shop.example.com/'),
} as const;

export function traceOfPicture(name: keyof typeof PICTURES): TraceDocument {
  const { file, source, destination } = PICTURES[name];
  return askIn(networkOf(readFileSync(join(ROOT, file)), file), source, destination);
}

/** How it is drawn anew. */
export const commandOfPicture = (name: keyof typeof PICTURES): string => {
  const { file, source, destination } = PICTURES[name];
  return `node dist/k8s-trace.cjs ${source} ${destination} -f ${file} -o svg=docs/pictures/${name}`;
};
