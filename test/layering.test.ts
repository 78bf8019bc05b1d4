import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Imports point one way (ARCHITECTURE.md). The linter enforces it; here each of its rules is seen to fire. */
const ROOT = join(import.meta.dirname, '..');

/** What the linter says of each file with its import, in a tree that has nothing but these. */
function lint(files: readonly (readonly [file: string, specifier: string, ...rest: unknown[]])[]): string {
  const tree = mkdtempSync(join(tmpdir(), 'layering-'));
  try {
    cpSync(join(ROOT, 'biome.json'), join(tree, 'biome.json'));
    for (const [file, specifier] of files) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), `import * as imported from '${specifier}';\n\nexport const used = imported;\n`);
    }
    const result = spawnSync(
      join(ROOT, 'node_modules/.bin/biome'),
      ['lint', '--vcs-enabled=false', '--colors=off', '--max-diagnostics=none', '.'],
      { cwd: tree, encoding: 'utf8' },
    );
    return `${result.stdout}${result.stderr}`;
  } finally {
    rmSync(tree, { recursive: true });
  }
}

const wrong: readonly (readonly [file: string, specifier: string, says: string])[] = [
  ['src/net/x.ts', '../trace.ts', 'net/ is a leaf'],
  ['src/net/x.ts', '../datapath/fib.ts', 'net/ is a leaf'],
  ['src/datapath/x.ts', '../k8s/cluster.ts', 'no word of Kubernetes'],
  ['src/k8s/x.ts', '../topology/load.ts', 'k8s/ may import'],
  ['src/cni/x.ts', '../kube-proxy/index.ts', 'a CNI writes the datapath'],
  ['src/kube-proxy/x.ts', '../cni/index.ts', 'a kube-proxy mode writes the datapath'],
  ['src/topology/x.ts', '../compile.ts', 'topology/ reads files'],
  ['src/stage/x.ts', '../k8s/cluster.ts', 'knows no Kubernetes'],
  ['src/query/x.ts', '../walk.ts', 'query/ finds names'],
  ['src/diagnose/x.ts', '../render/table.ts', 'diagnose/ explains'],
  ['src/lint/x.ts', '../walk.ts', 'lint/ looks at a cluster'],
  ['src/render/x.ts', '../walk.ts', 'a renderer is a function of the result'],
  ['src/render/x.ts', '../cni/index.ts', 'a renderer is a function of the result'],
  ['src/check/x.ts', '../render/table.ts', 'check/ holds traces'],
  ['src/report/x.ts', '../trace.ts', 'a report is a function of the result'],
  ['src/lab/x.ts', '../render/table.ts', 'lab/ builds what was compiled'],
  ['src/lab/x.ts', 'node:child_process', 'which bin/ hands in'],
  ['src/cli/x.ts', '../trace.ts', 'its public API'],
  ['src/cli/x.ts', 'node:fs', 'handed in by bin/'],
  ['src/topology/x.ts', 'node:fs', 'handed in by bin/'],
  ['src/walk.ts', './k8s/cluster.ts', 'The walk knows Linux only'],
  ['src/compile.ts', './walk.ts', 'Compiling ends where the walk begins'],
];

describe('the linter refuses an import against the direction', () => {
  it.each(wrong)('%s imports %s', (file, specifier, says) => {
    expect(lint([[file, specifier]])).toContain(says);
  });

  it('has a rule for every folder', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((f) => f.isDirectory());
    expect(folders.map((f) => f.name).filter((name) => !wrong.some(([file]) => file.startsWith(`src/${name}/`)))).toEqual([]);
  });

  it('takes imports in the direction', () => {
    const output = lint([
      ['src/stage/x.ts', '../net/packet.ts'],
      ['src/kube-proxy/x.ts', 'node:crypto'],
      ['src/cli/x.ts', '../index.ts'],
    ]);
    expect(output).not.toContain('noRestrictedImports');
    expect(output).toMatch(/Checked [34] files/);
  });
}, 60_000);
