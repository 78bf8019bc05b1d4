import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as api from '../../src/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('what is published', () => {
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' });
  const [report]: readonly { readonly unpackedSize: number; readonly files: readonly { readonly path: string }[] }[] = JSON.parse(
    packed.stdout,
  );
  const paths = report?.files.map((f) => f.path) ?? [];

  test('is under 3 MB', () => {
    expect(report?.unpackedSize).toBeLessThan(3_000_000);
  });

  test('has no source maps, whose sources it does not have, and no compiled code, which is of one Node', () => {
    expect(paths.filter((p) => /\.(map|code|cache)$|(^|\/)(src|test|fixtures)\//.test(p))).toEqual([]);
    expect(paths).toContain('dist/k8s-trace.cjs');
  });
});

test("the library is all of the API, and as small as its exports: its code is the program's", async () => {
  const library = await import(join(ROOT, 'dist/index.js'));
  expect(Object.keys(library).sort()).toEqual(Object.keys(api).sort());
  const loaded = library.loadNetwork([{ name: library.BUILT_IN_NAME, bytes: new TextEncoder().encode(library.BUILT_IN) }]);
  expect(library.traceRequest(loaded.value, { source: 'pod-a', destination: 'pod-d' })).toMatchObject({ ok: true });
  expect(statSync(join(ROOT, 'dist/index.js')).size).toBeLessThan(2000);
});

describe('the types of the library', () => {
  const SOURCE = `import type * as dist from '${ROOT}/dist/index.js';
import type * as src from '${ROOT}/src/index.ts';
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
export const same: readonly [
  Same<dist.TraceDocument, src.TraceDocument>, Same<dist.HopDocument, src.HopDocument>, Same<dist.ReasonDocument, src.ReasonDocument>,
  Same<dist.CheckDocument, src.CheckDocument>, Same<dist.LabDocument, src.LabDocument>, Same<dist.SchemaName, src.SchemaName>,
  Same<dist.DriftDocument, src.DriftDocument>, Same<dist.DiffDocument, src.DiffDocument>, Same<dist.MatrixDocument, src.MatrixDocument>,
  Same<dist.PolicyDocument, src.PolicyDocument>,
] = [true, true, true, true, true, true, true, true, true, true];
export const different: Same<dist.TraceDocument, src.CheckDocument> = false;
`;

  test('are those of the schemas, and complete', () => {
    const file = join(folder, 'same.ts');
    writeFileSync(file, SOURCE);
    const settings = '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --skipLibCheck false';
    const modules = `--module nodenext --target es2023 --allowImportingTsExtensions --types node --typeRoots ${ROOT}/node_modules/@types`;
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const ran = spawnSync(process.execPath, [tsc, ...settings.split(' '), ...modules.split(' '), file], { cwd: ROOT, encoding: 'utf8' });
    expect(ran.stdout).toBe('');
    expect(ran.status).toBe(0);
  });

  test('are types, and no schemas', () => {
    for (const name of ['trace', 'check', 'lab', 'drift', 'diff', 'matrix', 'policy'])
      expect(readFileSync(join(ROOT, `dist/document/${name}-schema.d.ts`), 'utf8')).not.toMatch(/zod|\bz\./);
  });
});
