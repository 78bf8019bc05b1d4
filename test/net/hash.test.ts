import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex, sha1, sha256 } from '../../src/net/hash.ts';

/** FIPS 180-4's examples. */
test.each([
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
])('%s', (text, of1, of256) => {
  expect(hex(sha1(text))).toBe(of1);
  expect(hex(sha256(text))).toBe(of256);
});

test('as OpenSSL has it, at every length around a block and of any letters', () => {
  const text = fc.oneof(
    fc.integer({ min: 0, max: 200 }).map((n) => 'x'.repeat(n)),
    fc.string({ unit: 'grapheme', maxLength: 50 }),
  );
  fc.assert(
    fc.property(text, (t) => {
      expect(hex(sha1(t))).toBe(createHash('sha1').update(t).digest('hex'));
      expect(hex(sha256(t))).toBe(createHash('sha256').update(t).digest('hex'));
    }),
  );
});
