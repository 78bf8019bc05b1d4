import { describe, expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';
import { DUAL, OUTSIDE, SHOP } from './worlds.ts';

/** Parts, and the whole that they are joined into: the same bytes as of one run. */

const files = {
  'shop.yaml': SHOP,
  'outside.yaml': OUTSIDE,
  'dual.yaml': DUAL,
  'patch.yaml': 'apiVersion: k8s-trace/v1\nkind: Topology\npods: [ { name: idle, namespace: batch, labels: { app: web } } ]\n',
};

const FORMATS = ['table', 'json', 'yaml', 'csv', 'markdown', 'html'] as const;

async function parts(n: number, argv: string): Promise<Record<string, string>> {
  const made: Record<string, string> = {};
  for (let i = 1; i <= n; i++) {
    const { status, stdout, stderr } = await run(`matrix ${argv} --shard ${i}/${n}`, { files });
    if (status !== 0) throw new Error(stderr);
    made[`part-${i}.json`] = stdout;
  }
  return made;
}

describe('parts are joined to the bytes of one run', () => {
  test.each([
    ['-f shop.yaml --blocked', 1],
    ['-f shop.yaml --blocked', 3],
    ['-f shop.yaml', 2],
    ['-f dual.yaml --from node/node-1,a', 2],
    ['-f outside.yaml --pods --to workloads,services,internet --blocked', 4],
    // More parts than rows: some are empty.
    ['-f dual.yaml --blocked', 9],
    ['-f shop.yaml --with patch.yaml --without node/node-2 --blocked', 2],
  ])('%s in %i', async (argv, n) => {
    const made = await parts(n, argv);
    // Names come from a shell, in its order.
    const names = Object.keys(made).sort().reverse();
    for (const format of FORMATS) {
      const whole = await run(`matrix ${argv} -o ${format}`, { files });
      const joined = await run(['matrix', '--merge', ...names, '-o', format], { files: made });
      expect([joined.status, joined.stderr]).toEqual([0, '']);
      expect(joined.stdout).toBe(whole.stdout);
    }
  });

  test('several formats at once, into files', async () => {
    const made = await parts(2, '-f shop.yaml');
    const { written, stdout } = await run('matrix --merge part-1.json part-2.json -o json=all.json -o csv', { files: made });
    expect(written['all.json']).toBe((await run('matrix -f shop.yaml -o json', { files })).stdout);
    expect(stdout).toBe((await run('matrix -f shop.yaml -o csv', { files })).stdout);
  });

  test('each part has some rows, and none has those of another', async () => {
    const made = Object.values(await parts(3, '-f shop.yaml --blocked')).map((text) => JSON.parse(text));
    const rows = made.map((p) => new Set(p.connections.map((c: { from: string }) => c.from)));
    expect(rows.map((r) => [...r])).toEqual([['Pod/batch/idle'], ['Pod/shop/db'], ['Pod/shop/web', 'Node/nodes']].slice(0, 3));
    expect(made.map((p) => [p.part.shard, p.part.of])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(new Set(made.map((p) => p.part.digest)).size).toBe(1);
  });
});

describe('what cannot be a part', () => {
  test.each([
    ['5/4', '--shard 5/4: there is no such part', 'of 4 parts the first is 1/4 and the last 4/4'],
    ['0/4', '--shard 0/4: there is no such part', 'of 4 parts the first is 1/4'],
    ['1/0', '--shard 1/0: there is no such part', 'there is at least one part'],
    ['2', '--shard 2: expected I/N', 'as 1/4'],
    ['-1/4', '--shard', ''],
    ['a/b', '--shard a/b: expected I/N', ''],
  ])('%s', async (text, ...said) => {
    const { status, stdout, stderr } = await run(`matrix -f shop.yaml --shard=${text}`, { files });
    expect([status, stdout]).toEqual([2, '']);
    for (const words of said) expect(stderr).toContain(words);
  });

  test('a part is JSON', async () => {
    const { status, stderr } = await run('matrix -f shop.yaml --shard 1/2 -o table', { files });
    expect(status).toBe(2);
    expect(stderr).toContain('-o table: there is no such format here\n  formats: json');
  });
});

describe('what cannot be joined', () => {
  const merge = async (made: Record<string, string>, ...names: string[]) => {
    const { status, stdout, stderr } = await run(['matrix', '--merge', ...names], { files: made });
    expect([status, stdout]).toEqual([2, '']);
    return stderr;
  };

  test('a part is missing, or several', async () => {
    const made = await parts(4, '-f shop.yaml');
    expect(await merge(made, 'part-1.json', 'part-2.json', 'part-4.json')).toContain(
      'part 3 of 4 is missing\n  k8s-trace matrix --shard 3/4',
    );
    expect(await merge(made, 'part-2.json')).toContain('parts 1, 3, 4 of 4 are missing');
  });

  test('a part is there twice', async () => {
    const made = await parts(2, '-f shop.yaml');
    expect(await merge({ ...made, 'again.json': made['part-2.json'] ?? '' }, 'part-1.json', 'part-2.json', 'again.json')).toContain(
      'part 2 of 2 is there twice: part-2.json and again.json',
    );
  });

  test.each([
    ['another file', '-f outside.yaml'],
    ['other ports', '-f shop.yaml -p 80'],
    ['other rows', '-f shop.yaml --from nodes'],
    ['another fact', '-f shop.yaml --network-policy none'],
    ['a change that is supposed', '-f shop.yaml --without pod/shop/db'],
    ['a patch', '-f shop.yaml --with patch.yaml'],
    ['what is blocked', '-f shop.yaml --blocked'],
  ])('%s', async (_, argv) => {
    const [one, other] = [await parts(2, '-f shop.yaml'), await parts(2, argv)];
    const made = { 'part-1.json': one['part-1.json'] ?? '', 'part-2.json': other['part-2.json'] ?? '' };
    expect(await merge(made, 'part-1.json', 'part-2.json')).toContain(
      'part-2.json is of another input or another question than part-1.json',
    );
  });

  test('another number of parts, another version, a whole matrix, no matrix, a text that is cut off', async () => {
    const made = await parts(2, '-f shop.yaml');
    const three = await parts(3, '-f shop.yaml');
    const first = made['part-1.json'] ?? '';
    const wrong = {
      ...made,
      'three.json': three['part-2.json'] ?? '',
      'old.json': first.replace(/"version": ?"[^"]*"/, '"version":"0.0.9"'),
      'whole.json': (await run('matrix -f shop.yaml -o json', { files })).stdout,
      'trace.json': '{ "schemaVersion": 1 }',
      'cut.json': first.slice(0, 200),
    };
    expect(await merge(wrong, 'part-1.json', 'three.json')).toContain('three.json is one of 3 parts, and part-1.json one of 2');
    expect(await merge(wrong, 'old.json', 'part-2.json')).toContain('old.json was made by version 0.0.9');
    expect(await merge(wrong, 'whole.json')).toContain('whole.json: this is a whole matrix, and no part of one');
    expect(await merge(wrong, 'trace.json')).toContain('trace.json: this is no matrix');
    expect(await merge(wrong, 'part-1.json', 'cut.json')).toContain('cut.json: this is not JSON, or is cut off');
  });

  test('no part at all, and a question beside parts', async () => {
    const made = await parts(1, '-f shop.yaml');
    expect(await merge({})).toContain('--merge: of which parts?');
    expect(await merge(made, 'part-1.json', '-f', 'my.yaml')).toContain('--merge reads parts only, and takes no -f');
    expect(await merge(made, 'part-1.json', '--from', 'nodes')).toContain('--merge and --from: parts say themselves what was asked');
  });
});
