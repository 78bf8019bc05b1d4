import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Imports point one way (ARCHITECTURE.md). The linter enforces it; here each of its rules is seen to fire. */
const ROOT = join(import.meta.dirname, '..');

/** What the linter says of each file with its import, in a tree that has nothing but these. */
const lint = (files: readonly (readonly [file: string, specifier: string])[]) =>
  lintTexts(files.map(([file, specifier]) => [file, `import * as imported from '${specifier}';\n\nexport const used = imported;\n`]));

function lintTexts(files: readonly (readonly [file: string, text: string])[]): string {
  const tree = mkdtempSync(join(tmpdir(), 'layering-'));
  try {
    cpSync(join(ROOT, 'biome.json'), join(tree, 'biome.json'));
    for (const [file, text] of files) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), text);
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

/** What the linter says of two files that take a type from each other. */
const circle = () =>
  lintTexts([
    ['src/net/x.ts', "import type { Y } from './y.ts';\n\nexport type X = Y;\nexport interface Z {\n  readonly x: X;\n}\n"],
    ['src/net/y.ts', "import type { Z } from './x.ts';\n\nexport type Y = Z | null;\n"],
  ]);

const wrong: readonly (readonly [file: string, specifier: string, says: string])[] = [
  ['src/net/x.ts', '../trace/trace.ts', 'net/ is a leaf'],
  ['src/net/x.ts', '../datapath/fib.ts', 'net/ is a leaf'],
  ['src/source/x.ts', '../k8s/pod.ts', 'source/ is a leaf'],
  ['src/datapath/x.ts', '../k8s/cluster.ts', 'no word of Kubernetes'],
  ['src/datapath/netfilter/x.ts', '../../k8s/cluster.ts', 'no word of Kubernetes'],
  ['src/hop/x.ts', '../stage/skb.ts', 'hop/ says what a walk notes'],
  ['src/k8s/x.ts', '../topology/load.ts', 'k8s/ may import'],
  ['src/k8s/dns/x.ts', '../../topology/load.ts', 'k8s/ may import'],
  ['src/cni/x.ts', '../kube-proxy/index.ts', 'a CNI writes the datapath'],
  ['src/kube-proxy/x.ts', '../cni/index.ts', 'a kube-proxy mode writes the datapath'],
  ['src/topology/x.ts', '../compile/index.ts', 'topology/ reads files'],
  ['src/topology/resolve/x.ts', '../../compile/index.ts', 'topology/ reads files'],
  ['src/topology/kubernetes/infer/x.ts', '../../../compile/index.ts', 'topology/ reads files'],
  ['src/topology/kubernetes/infer/cni/x.ts', '../../../../compile/index.ts', 'topology/ reads files'],
  ['src/node-state/x.ts', '../k8s/cluster.ts', 'node-state/ reads what commands printed'],
  ['src/node-state/iptables/x.ts', '../../k8s/cluster.ts', 'node-state/ reads what commands printed'],
  ['src/compile/x.ts', '../walk/walk.ts', 'Compiling ends where the walk begins'],
  ['src/stage/x.ts', '../k8s/cluster.ts', 'knows no Kubernetes'],
  ['src/walk/x.ts', '../k8s/cluster.ts', 'The walk knows Linux only'],
  ['src/query/x.ts', '../walk/walk.ts', 'query/ finds names'],
  ['src/diagnose/x.ts', '../render/table.ts', 'diagnose/ explains'],
  ['src/trace/x.ts', '../document/trace.ts', 'trace/ answers a question'],
  ['src/reach/x.ts', '../walk/walk.ts', 'reach/ asks policies'],
  ['src/reach/pairs/x.ts', '../../walk/walk.ts', 'reach/ asks policies'],
  ['src/matrix/x.ts', '../document/trace.ts', 'matrix/ asks every pair'],
  ['src/document/x.ts', '../render/table.ts', 'document/ writes results down'],
  ['src/show/x.ts', '../walk/walk.ts', 'show/ looks at what was compiled'],
  ['src/lint/x.ts', '../walk/walk.ts', 'lint/ looks at a cluster'],
  ['src/page/x.ts', '../render/text.ts', 'page/ runs in a browser'],
  ['src/page/grid/x.ts', '../../render/text.ts', 'page/ runs in a browser'],
  ['src/render/x.ts', '../walk/walk.ts', 'a renderer is a function of the result'],
  ['src/render/grid/x.ts', '../../walk/walk.ts', 'a renderer is a function of the result'],
  ['src/render/x.ts', '../cni/index.ts', 'a renderer is a function of the result'],
  ['src/check/x.ts', '../render/table.ts', 'check/ holds traces'],
  ['src/diff/x.ts', '../render/table.ts', 'diff/ compares what becomes of packets'],
  ['src/drift/x.ts', '../render/table.ts', 'drift/ compares what becomes of packets'],
  ['src/report/x.ts', '../trace/trace.ts', 'a report is a function of the result'],
  ['src/lab/x.ts', '../render/table.ts', 'lab/ builds what was compiled'],
  ['src/lab/x.ts', '../k8s/policy/index.ts', 'without what judges packets'],
  ['src/lab/x.ts', 'node:child_process', 'which bin/ hands in'],
  ['src/cli/x.ts', '../trace/trace.ts', 'its public API'],
  ['src/cli/x.ts', 'node:fs', 'handed in by bin/'],
  ['src/topology/x.ts', 'node:fs', 'handed in by bin/'],
];

describe('the linter refuses an import against the direction', () => {
  it.each(wrong)('%s imports %s', (file, specifier, says) => {
    expect(lint([[file, specifier]])).toContain(says);
  });

  it('has a rule for every folder', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((f) => f.isDirectory());
    expect(folders.map((f) => f.name).filter((name) => !wrong.some(([file]) => file.startsWith(`src/${name}/`)))).toEqual([]);
  });

  it('sees a circle that a type import closes', () => {
    expect(circle()).toContain('noImportCycles');
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
