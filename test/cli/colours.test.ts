import { readdirSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { run } from './fake-io.ts';

/** Colours are put on words, and change none of them: what is printed in colour is, without it, what is printed plain. */

const ROOT = new URL('../../', import.meta.url);
const STATE = 'fixtures/readme/drift/node-1';
const names = [
  'fixtures/readme/shop.yaml',
  'fixtures/readme/drift.yaml',
  ...[STATE, 'fixtures/sample/before', 'fixtures/sample/after'].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT)).map((name) => `${folder}/${name}`),
  ),
];
const files = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, ROOT), 'utf8')]));
const SHOP = '-f fixtures/readme/shop.yaml';
const FOUND = '-f fixtures/readme/drift.yaml --node-state fixtures/readme/drift';

test.each([
  `ingress-1 svc/shop ${SHOP}`,
  `ingress-1 svc/shop ${SHOP} -o trace -v`,
  `shop/web svc/db ${FOUND}`,
  `laptop https://shop.example.com/cart ${SHOP}`,
  `drift ${FOUND}`,
  `drift ${FOUND} -v`,
  `matrix ${SHOP} --blocked`,
  'diff fixtures/sample/before fixtures/sample/after',
  'check -f fixtures/sample/after',
  `policy shop-1 ${SHOP}`,
  `show nodes ${SHOP}`,
  `show cluster ${SHOP}`,
  `show node node-1 ${FOUND} --rules`,
  `validate ${SHOP}`,
])('%s', async (command) => {
  for (const width of [80, 160]) {
    const plain = await run(`${command} --width ${width} --color never`, { files });
    const coloured = await run(`${command} --width ${width} --color always`, { files });
    expect(plain.stdout).not.toBe('');
    expect(stripVTControlCharacters(coloured.stdout)).toBe(plain.stdout);
    expect(coloured.status).toBe(plain.status);
  }
});
