import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readOrKeep, readOrOpen } from '../../bin/parts.ts';
import { bytesAt, type Parts } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MEGABYTE = 1024 * 1024;
/** As many megabytes, of which each begins with its number. */
const megabytes = (count: number) =>
  Array.from({ length: count }, (_, i) => new TextEncoder().encode(String(i).padEnd(MEGABYTE, i % 2 === 0 ? ' ' : '.')));

function fileOf(name: string, chunks: readonly Uint8Array[]): string {
  const path = join(folder, name);
  const fd = openSync(path, 'w');
  for (const chunk of chunks) writeSync(fd, chunk);
  closeSync(fd);
  return path;
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const text = (content: Uint8Array | Parts, offset = 0, length = 100) =>
  new TextDecoder().decode(
    content instanceof Uint8Array ? content.subarray(offset, offset + length) : bytesAt({ name: '', ...content }, offset, length),
  );

const small = [new TextEncoder().encode('kind: Pod\n')];
const large = megabytes(40);

describe('what is small is read at once, unpacked when it is compressed', () => {
  test.each([
    ['a file', () => readOrOpen(fileOf('a', small))],
    [
      'a compressed file',
      () =>
        readOrOpen(
          fileOf(
            'a.gz',
            small.map((c) => gzipSync(c)),
          ),
        ),
    ],
    [
      'two that were compressed one by one',
      () =>
        readOrOpen(
          fileOf(
            'b.gz',
            ['kind:', ' Pod\n'].map((c) => gzipSync(c)),
          ),
        ),
    ],
    ['a stream', () => readOrKeep(streamOf(small))],
    ['a compressed stream', () => readOrKeep(streamOf(small.map((c) => gzipSync(c))))],
  ])('%s', async (_name, read) => {
    const content = await read();
    expect(content).toBeInstanceOf(Uint8Array);
    expect(text(content)).toBe('kind: Pod\n');
  });

  test('nothing at all', async () => {
    expect(text(await readOrOpen(fileOf('nothing', [])))).toBe('');
    expect(text(await readOrKeep(streamOf([])))).toBe('');
  });
});

describe('what is large is read in parts', () => {
  test.each([
    ['a file', () => readOrOpen(fileOf('large', large))],
    ['a compressed file', () => readOrOpen(fileOf('large.gz', [gzipSync(Buffer.concat(large))]))],
    ['a stream', () => readOrKeep(streamOf(large))],
    ['a compressed stream', () => readOrKeep(streamOf([gzipSync(Buffer.concat(large))]))],
  ])('%s', async (_name, read) => {
    const content = await read();
    if (content instanceof Uint8Array) throw new Error('it was read at once');
    expect(content.size).toBe(40 * MEGABYTE);
    expect(text(content, 0, 4)).toBe('0   ');
    expect(text(content, 35 * MEGABYTE - 2, 5)).toBe('  35.');
    expect(text(content, 40 * MEGABYTE - 1, 5)).toBe('.');
    expect(text(content, 41 * MEGABYTE, 5)).toBe('');
  });

  test('and leaves no file behind', async () => {
    await readOrKeep(streamOf(large));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`k8s-trace-${process.pid}-`))).toEqual([]);
  });
});

test('a compressed file that is cut off is an error', async () => {
  const path = join(folder, 'cut.gz');
  writeFileSync(path, gzipSync('kind: Pod\n').subarray(0, 20));
  await expect(readOrOpen(path)).rejects.toThrow(/unexpected end/);
});
