import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Case } from './one.ts';

const FUZZ = join(import.meta.dirname, 'fuzz.mjs');

/** What a run of the fuzzer comes to, on the machine's processors. */
function fuzz(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [FUZZ, ...words], { encoding: 'utf8', maxBuffer: 1e8 });
  return { status, stdout, stderr };
}

test('2,000 random inputs: no exception, no hang, and each output can be read', () => {
  expect(fuzz('--seed', '1', '--count', '2000')).toEqual({ status: 0, stdout: 'seeds 1 to 2000: no fault\n', stderr: '' });
});

interface Program {
  countSteps(most: number): void;
  stepsSoFar(): number;
  faultsOf(drawn: Case): Promise<readonly string[]>;
}

const HEAD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.0.0.0/8, serviceCIDR: 192.168.0.0/16 }
nodes:
  - { name: node-1, ip: 172.16.0.11, podCIDR: 10.0.0.0/16 }
`;
const lines = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('\n');

/** Files with `n` of something, and a few with faults in each. */
const LARGE: Readonly<Record<string, (n: number) => string>> = {
  'labels of a pod': (n) => `${HEAD}pods:\n  - name: a\n    node: node-1\n    labels:\n${lines(n, (i) => `      k${i}: v`)}\n`,
  'labels with faults': (n) => `${HEAD}pods:\n  - name: a\n    node: node-1\n    labels:\n${lines(n, (i) => `      k${i}: 1`)}\n`,
  'unknown fields': (n) => `${HEAD}${lines(n, (i) => `k${i}: v`)}\n`,
  'a key over and over': (n) => `${HEAD}${lines(n, () => 'k: v')}\n`,
  'ambiguous keys': (n) => `${HEAD}x:\n${lines(n, (i) => `  ${i}_0: v`)}\n`,
  aliases: (n) => `${HEAD}x: &x 1\nz:\n${lines(n, () => '  - *x')}\n`,
  pods: (n) => `${HEAD}pods:\n${lines(n, (i) => `  - { name: p${i}, node: node-1 }`)}\n`,
  'pods with faults': (n) => `${HEAD}pods:\n${lines(n, (i) => `  - { nme: p${i} }`)}\n`,
  'JSON with a key over and over': (n) => `{"kind": "Topology",\n${lines(n, () => '"k": 1,')}\n"a": 1}`,
};

describe('twice as much input takes twice as many steps, and not four times', () => {
  let program: Program;
  beforeAll(async () => {
    const made: { bundle(): Promise<string> } = await import(join(import.meta.dirname, 'bundle.mjs'));
    program = await import(/* @vite-ignore */ await made.bundle());
  });

  test.each(Object.entries(LARGE))('%s', async (_name, text) => {
    const steps = async (n: number) => {
      program.countSteps(Number.POSITIVE_INFINITY);
      expect(
        await program.faultsOf({ argv: ['validate'], files: { 'topology.yaml': text(n) }, env: {}, terminal: 0, twice: false }),
      ).toEqual([]);
      return program.stepsSoFar();
    };
    // Above 1,000, so that most names are equally long.
    expect((await steps(4000)) / (await steps(2000))).toBeLessThan(2.5);
  });
});
