import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { SHOP } from '../matrix/worlds.ts';
import { SCHEMAS } from './objects-schema.ts';

/** docs/scale.md: its manifests by a schema, and its containers' commands as processes. */

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/scale.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
const objects = blocks.flatMap((text) => parseAllDocuments(text).map((d) => d.toJS()));

const find = (kind: string, name: string) => objects.find((o) => o.kind === kind && o.metadata.name === name);
const matrixJob = find('Job', 'k8s-trace-matrix');
const mergeJob = find('Job', 'k8s-trace-merge');

describe('the manifests', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });

  test('are a claim, the Job of the parts and the one that joins them', () => {
    expect(objects.map((o) => `${o.kind}/${o.metadata.name}`)).toEqual([
      'PersistentVolumeClaim/k8s-trace',
      'Job/k8s-trace-matrix',
      'Job/k8s-trace-merge',
    ]);
  });

  test.each(objects.map((o) => [`${o.apiVersion} ${o.kind}`, o] as const))('%s fits its schema', (kind, object) => {
    const schema = Object.entries(SCHEMAS).find(([name]) => name === kind)?.[1];
    expect(schema).toBeDefined();
    const validate = ajv.compile(schema ?? {});
    validate(object);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('the schema sees a misspelt field, and one that a Job does not take', () => {
    const validate = ajv.compile(SCHEMAS['batch/v1 Job']);
    expect(validate({ ...matrixJob, spec: { ...matrixJob.spec, completion: 8 } })).toBe(false);
    const { template } = matrixJob.spec;
    expect(validate({ ...matrixJob, spec: { ...matrixJob.spec, template: { spec: { ...template.spec, restartPolicy: 'Always' } } } })).toBe(
      false,
    );
  });

  test('each volume is mounted, and there; there are as many parts as completions', () => {
    for (const { spec } of [matrixJob.spec.template, mergeJob.spec.template]) {
      const names = spec.volumes.map((v: { name: string }) => v.name);
      expect(spec.containers[0].volumeMounts.map((m: { name: string }) => m.name).sort()).toEqual(names.sort());
    }
    const [, of] = /--shard "[^/]*\/(\d+)"/.exec(matrixJob.spec.template.spec.containers[0].args[0]) ?? [];
    expect(Number(of)).toBe(matrixJob.spec.completions);
    expect(matrixJob.spec.completionMode).toBe('Indexed');
  });
});

describe('the commands of the containers', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'k8s-trace-scale-'));
    for (const name of ['input', 'work', 'bin']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'input/cluster.json.gz'), gzipSync(SHOP));
    // As the image has it.
    writeFileSync(join(folder, 'bin/k8s-trace'), `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'dist/k8s-trace.cjs')} "$@"\n`, {
      mode: 0o755,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** `$(NAME)` is replaced by Kubernetes where a variable has that name, and stays else: third_party/forked/golang/expansion, Expand. */
  const expanded = (text: string, env: Readonly<Record<string, string>>) =>
    text.replace(/\$\(([^)]*)\)/g, (all, name: string) => env[name] ?? all);

  function start(job: typeof matrixJob, env: Readonly<Record<string, string>>) {
    const [{ command, args }] = job.spec.template.spec.containers;
    const [program, ...words] = [...command, ...args].map((w: string) =>
      expanded(w, env).replaceAll(/(?<= |=)\/(input|work)\//g, (_, name: string) => `${folder}/${name}/`),
    );
    const path = `${join(folder, 'bin')}:${process.env['PATH']}`;
    return spawnSync(program ?? '', words, {
      cwd: join(folder, 'work'),
      encoding: 'utf8',
      env: { PATH: path, K8S_TRACE_NO_CACHE: '1', ...env },
    });
  }

  test('each index makes its part, and the parts are joined to what one run prints', () => {
    for (let i = 0; i < matrixJob.spec.completions; i++) {
      const ran = start(matrixJob, { JOB_COMPLETION_INDEX: String(i) });
      expect([ran.status, ran.stderr]).toEqual([0, '']);
      expect(JSON.parse(readFileSync(join(folder, `work/part-${i}.json`), 'utf8')).part).toMatchObject({ shard: i + 1, of: 8 });
    }
    const merged = start(mergeJob, {});
    expect([merged.status, merged.stderr]).toEqual([0, '']);
    const whole = spawnSync(
      process.execPath,
      [join(ROOT, 'dist/k8s-trace.cjs'), 'matrix', '-f', join(folder, 'input/cluster.json.gz'), '--blocked', '-o', 'json'],
      { encoding: 'utf8' },
    );
    expect(readFileSync(join(folder, 'work/matrix.json'), 'utf8')).toBe(whole.stdout);
    expect(readFileSync(join(folder, 'work/matrix.csv'), 'utf8')).toContain('delivered');
  });
});

describe('the Dockerfile', () => {
  const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split('\n');

  test('is of two stages of node:20-slim, installs what is locked, and ends without root in the program', () => {
    expect(lines.filter((l) => l.startsWith('FROM '))).toEqual(['FROM node:20-slim AS build', 'FROM node:20-slim']);
    expect(lines).toContain('RUN npm ci --ignore-scripts');
    expect(lines.lastIndexOf('USER 1000')).toBeGreaterThan(lines.lastIndexOf('FROM node:20-slim'));
    expect(lines.at(-2)).toBe('ENTRYPOINT ["k8s-trace"]');
  });

  test('what it copies and links is there, and nothing that a build needs is left out', () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(lines).toContain(`RUN ln -s /app/${bin['k8s-trace']} /usr/local/bin/k8s-trace`);
    for (const name of ['package.json', 'package-lock.json', 'build/build.mjs', 'docs', 'bin', 'src'])
      expect(existsSync(join(ROOT, name))).toBe(true);
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    for (const needed of ['src', 'bin', 'build', 'docs', 'package.json', 'LICENSE']) expect(ignored).not.toContain(needed);
  });
});
