import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, type World } from './fake-io.ts';
import { BROKEN, TWO_PODS } from './worlds.ts';

/** validate's flags, its exit status, and what it prints where. */

/** A warning at line 10, and a note at line 11. */
const FAULTY = `${TWO_PODS}services:
  - { name: web, clusterIP: 10.96.0.10, type: LoadBalancer, ports: [{ port: 80 }] }
  - { name: dns, clusterIP: None, selector: {}, ports: [{ port: 53 }] }
  - { name: np, clusterIP: 10.96.0.11, type: NodePort, ports: [{ port: 80 }] }
endpoints:
  - { service: web, addresses: [{ ip: 192.168.1.50, port: 80 }] }
  - { service: dns, addresses: [{ ip: 192.168.1.50, port: 53 }] }
  - { service: np, addresses: [{ ip: 192.168.1.50, port: 80 }] }
`;
const world = (text: string): World => ({ files: { 'topology.yaml': text } });

interface Json {
  readonly valid: boolean;
  readonly ignored: number;
  readonly diagnostics: readonly { readonly code: string; readonly severity: string; readonly page: string }[];
}

async function json(flags: string, text = FAULTY): Promise<Json> {
  return JSON.parse((await run(`validate -o json ${flags}`, world(text))).stdout);
}

describe('--fail-on', () => {
  test.each([
    ['', FAULTY, 0],
    ['--fail-on error', FAULTY, 0],
    ['--fail-on warning', FAULTY, 1],
    ['--fail-on note', FAULTY, 1],
    ['--fail-on never', FAULTY, 0],
    ['--fail-on warning --ignore load-balancer-pending', FAULTY, 0],
    ['--fail-on note --ignore load-balancer-pending', FAULTY, 1],
    ['--fail-on note', TWO_PODS, 0],
    ['', BROKEN, 2],
    ['--fail-on never', BROKEN, 2],
  ])('%s: %#', async (flags, text, status) => {
    for (const format of ['', '-o json']) expect((await run(`validate ${flags} ${format}`, world(text))).status).toBe(status);
  });
});

describe('--select and --ignore', () => {
  test.each([
    ['', ['load-balancer-pending', 'node-port-not-stated'], 0],
    ['--select load-balancer-pending', ['load-balancer-pending'], 1],
    ['--select load-balancer-pending,node-port', ['load-balancer-pending', 'node-port-not-stated'], 0],
    ['--select load-balancer-pending --select node-port', ['load-balancer-pending', 'node-port-not-stated'], 0],
    ['--ignore node-port', ['load-balancer-pending'], 1],
    ['--ignore node-port,load-balancer', [], 2],
    ['--select load-balancer --ignore load-balancer-pending', [], 2],
    ['--select mtu', [], 2],
  ])('%s', async (flags, codes, ignored) => {
    const found = await json(flags);
    expect([found.diagnostics.map((d) => d.code), found.ignored]).toEqual([codes, ignored]);
  });

  test('errors are always told', async () => {
    expect((await json('--select mtu', BROKEN)).diagnostics.map((d) => d.code)).toEqual(['unknown-field']);
  });

  test.each([
    ['--select load-balancer-pendin', /--select load-balancer-pendin: there is no finding.*\n {2}did you mean load-balancer-pending\?/],
    ['--ignore unknown-field', /--ignore unknown-field: unknown-field is an error, and no error can be left out/],
    ['--ignore xyzzy', /there is no finding xyzzy\n {2}docs\/findings.md/],
    ['--ignore hairpin-off,', /there is no finding/],
    ['--fail-on warnings', /--fail-on warnings: expected error, warning, note, never\n {2}did you mean warning\?/],
  ])('%s is an error of usage', async (flags, says) => {
    const { status, stdout, stderr } = await run(`validate ${flags}`, world(FAULTY));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });
});

describe('what is printed', () => {
  test('findings are results: each with its severity, how many, and what is there', async () => {
    const { stdout, stderr } = await run('validate', world(FAULTY));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^topology\.yaml:11:\d+: warning: .* \[load-balancer-pending\]$/m);
    expect(stdout).toMatch(/^topology\.yaml:13:\d+: note: .* \[node-port-not-stated\]$/m);
    expect(stdout).toMatch(/\n1 warning, 1 note\ntopology\.yaml: valid: 2 nodes, 2 pods, 3 services\n$/);
  });

  /** A warning at line 11 and a note at line 13, or an error; what each format makes of them. */
  test.each([
    [
      'github',
      FAULTY,
      0,
      [/^::warning file=topology\.yaml,line=11,col=\d+,title=k8s-trace%3A load-balancer-pending::/, /^::notice file=/m],
    ],
    ['github', BROKEN, 2, [/^::error file=topology\.yaml,/]],
    ['junit', FAULTY, 0, [/tests="2" failures="0" errors="0" skipped="2"/, /<skipped message="warning: /]],
    ['junit', TWO_PODS, 0, [/tests="1" failures="0" errors="0" skipped="0"/]],
    ['junit --fail-on warning', FAULTY, 1, [/failures="1" errors="0" skipped="1"/, /<failure type="load-balancer-pending"/]],
    ['gitlab', FAULTY, 0, [/"check_name": "load-balancer-pending"/, /"severity": "minor"/, /"severity": "info"/]],
    ['gitlab', TWO_PODS, 0, [/^\[\]\n$/]],
    ['sarif', FAULTY, 0, [/"ruleId": "load-balancer-pending"/, /"level": "note"/, /"startLine": 11/]],
    ['sarif', BROKEN, 2, [/"level": "error"/, /"results"/]],
  ])('-o %s: %#', async (format, text, status, says) => {
    const ran = await run(`validate -o ${format}`, world(text));
    expect([ran.status, ran.stderr]).toEqual([status, '']);
    for (const words of says) expect(ran.stdout).toMatch(words);
  });

  test('how many were left out', async () => {
    const text = FAULTY.replace(
      'type: NodePort, ports: [{ port: 80 }] }',
      'type: NodePort, ports: [{ port: 80 }] } # k8s-trace: ignore node-port',
    );
    const { stdout, stderr } = await run('validate --ignore load-balancer', world(text));
    expect([stdout, stderr]).toEqual(['topology.yaml: valid: 2 nodes, 2 pods, 3 services; 2 ignored\n', '']);
  });

  test('JSON has the severity and the page of each', async () => {
    const { diagnostics, valid } = await json('');
    expect(valid).toBe(true);
    expect(diagnostics.map((d) => [d.severity, d.page])).toEqual([
      ['warning', 'docs/findings.md#load-balancer-pending'],
      ['note', 'docs/findings.md#node-port-not-stated'],
    ]);
  });

  test('a trace tells of nothing more than before', async () => {
    expect(await run('a b:80', world(FAULTY))).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('explain', () => {
  const findings = readFileSync(join(import.meta.dirname, '../../docs/findings.md'), 'utf8');
  const pages = { findings, NO_ROUTE: '# NO_ROUTE\n', HAIRPIN_OFF: '# HAIRPIN_OFF\n' };

  test.each(['selector-matches-nothing', 'SELECTOR_MATCHES_NOTHING', 'Selector-Matches-Nothing'])('%s prints its section', async (code) => {
    const { status, stdout } = await run(`explain ${code} -o markdown`, { pages });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^# selector-matches-nothing\n\nA warning\. [\s\S]*NO_ENDPOINTS\.md\)\.\n$/);
    expect(stdout.match(/^#/gm)).toHaveLength(1);
  });

  test('the last section of a part ends there', async () => {
    const { stdout } = await run('explain unused-ignore -o markdown', { pages });
    expect(stdout).toMatch(/^# unused-ignore\n\nA note\. /);
    expect(stdout).not.toMatch(/Errors/);
    expect((await run('explain bad-expectation -o markdown', { pages })).stdout).toMatch(/^# bad-expectation\n\nAn expectation [^#]*\n$/);
  });

  test('a code of both kinds is what its spelling says, and the finding names the reason', async () => {
    expect((await run('explain HAIRPIN_OFF', { pages })).stdout).toBe('HAIRPIN_OFF\n');
    expect((await run('explain hairpin-off', { pages })).stdout).toMatch(/^hairpin-off\n[\s\S]*explain HAIRPIN_OFF`\n$/);
  });

  test.each([
    ['selector-matches-nothin', /did you mean selector-matches-nothing\?/],
    ['constructor', /no code/],
  ])('%s is no code', async (code, says) => {
    const { status, stderr } = await run(`explain ${code}`, { pages });
    expect(status).toBe(2);
    expect(stderr).toMatch(says);
  });
});
