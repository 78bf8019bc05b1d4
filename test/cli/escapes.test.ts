import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FORMATS, REPORT_FORMATS } from '../../src/index.ts';
import { annotations, CONTROL, junitCases, sarifErrors, tapResults } from '../report/consumers.ts';
import { run, type World } from './fake-io.ts';
import { fakeMachine } from './fake-machine.ts';
import { NO_ROUTE } from './worlds.ts';

/** Command lines and file names hold anything, and are repeated in messages and reports. */

const HOSTILE = 'x\u001b[2J\u0007\n\r\u007f\u009b\u061c\u200e\u202e\u2028\u2066y';
/** As people are shown it. */
const SHOWN = 'x\\u001b[2J\\u0007\\u000a\\u000d\\u007f\\u009b\\u061c\\u200e\\u202e\\u2028\\u2066y';

const COMMAND_LINES: readonly (readonly string[])[] = [
  [HOSTILE],
  [HOSTILE, 'pod-a'],
  ['pod-a', HOSTILE],
  ['pod-a', 'pod-d', HOSTILE],
  [`--${HOSTILE}`],
  [`--colr${HOSTILE}`],
  ['pod-a', 'pod-d', `--${HOSTILE}`],
  ['pod-a', 'pod-d', '--color', HOSTILE],
  ['pod-a', 'pod-d', '--width', HOSTILE],
  ['pod-a', 'pod-d', '-o', HOSTILE],
  ['pod-a', 'pod-d', '-o', `json=/nowhere/${HOSTILE}`],
  ['pod-a', 'pod-d', '-f', HOSTILE],
  ['pod-a', 'pod-d', '-p', HOSTILE],
  ['pod-a', 'pod-d', '--protocol', HOSTILE],
  ['pod-a', 'pod-d', '--size', HOSTILE],
  ['pod-a', 'pod-d', '--over', HOSTILE],
  ['pod-a', `http://${HOSTILE}/`],
  ['pod-a', 'http://10.96.0.10/', '-H', HOSTILE],
  ['pod-a', 'http://10.96.0.10/', '--method', HOSTILE],
  ['pod-a', 'pod-d', '-n', HOSTILE],
  ['check', HOSTILE],
  ['check', '--fail-on', HOSTILE],
  ['check', '--undetermined', HOSTILE],
  ['validate', HOSTILE],
  ['validate', '--select', HOSTILE],
  ['show', HOSTILE],
  ['show', 'node', HOSTILE],
  ['show', 'pod', HOSTILE],
  ['show', 'node', 'node-1', HOSTILE],
  ['explain', HOSTILE],
  ['schema', HOSTILE],
  ['completion', HOSTILE],
  ['help', HOSTILE],
  ['lab', HOSTILE],
  ['lab', 'exec', HOSTILE],
  ['lab', 'exec', HOSTILE, '--', 'true'],
  ['lab', 'up', '--name', HOSTILE],
  ['lab', 'verify', HOSTILE],
  ['lab', 'verify', 'pod-a', HOSTILE],
];

describe('what is repeated of a command line', () => {
  const world: World = { io: { machine: async () => fakeMachine() } };

  test.each(COMMAND_LINES.map((argv) => [argv.map((w) => w.replace(HOSTILE, 'HOSTILE')).join(' '), argv] as const))(
    '%s',
    async (_name, argv) => {
      const { status, stdout, stderr } = await run(argv, world);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).not.toMatch(CONTROL);
      expect(stderr).not.toContain(HOSTILE);
    },
  );

  test('is shown in full, in one line', async () => {
    for (const argv of [[`--${HOSTILE}`], [HOSTILE], ['explain', HOSTILE], ['-f', HOSTILE, 'a', 'b']])
      expect((await run(argv)).stderr.split('\n')[0]).toContain(SHOWN);
  });

  test('also when there is nothing to end', async () => {
    const { status, stderr } = await run(['lab', 'down', '--name', HOSTILE], world);
    expect([status, stderr]).toEqual([0, `k8s-trace: there is no lab "${SHOWN}"\n`]);
  });
});

describe('the name of a file', () => {
  const file = `${HOSTILE}.yaml`;
  const text = `${NO_ROUTE}expect: [ { from: a, to: "b:80" } ]\n`;
  const world: World = { files: { [file]: text } };

  test('validate', async () => {
    const { status, stdout } = await run(['validate', '-f', file], world);
    expect([status, stdout.startsWith(`${SHOWN}.yaml:5:82: warning: `)]).toEqual([0, true]);
    expect(stdout).toMatch(/\n\S+\.yaml: valid: 2 nodes, 2 pods, 0 services\n$/);
    expect(stdout).not.toMatch(CONTROL);
    const broken = await run(['validate', '-f', file], { files: { [file]: 'kind: Topology\n' } });
    expect(broken.stdout).toContain(`${SHOWN}.yaml:1:1: error: `);
    expect(broken.stdout).not.toMatch(CONTROL);
  });

  test.each(FORMATS)('trace -o %s', async (format) => {
    const { stdout, stderr } = await run(['a', 'b:80', '-f', file, '-o', format], world);
    expect(stdout + stderr).not.toMatch(CONTROL);
    if (format === 'json' || format === 'yaml')
      expect((format === 'json' ? JSON.parse(stdout) : parse(stdout)).reason.source.file).toBe(file);
  });

  test.each(REPORT_FORMATS)('check -o %s', async (format) => {
    const { status, stdout, stderr } = await run(['check', '-f', file, '-o', format], world);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).not.toMatch(CONTROL);
    const shown = `${SHOWN}.yaml`;
    switch (format) {
      case 'json':
        return expect(JSON.parse(stdout).results[0].source.file).toBe(file);
      case 'github':
        return expect(annotations(stdout)[0]?.properties['file']).toBe(shown);
      case 'junit':
        return expect(junitCases(stdout).cases[0]?.classname).toBe(shown);
      case 'gitlab':
        return expect(JSON.parse(stdout)[0].location.path).toBe(file);
      case 'tap':
        return expect(tapResults(stdout).tests[0]?.diag).toMatchObject({ at: { file } });
      case 'sarif': {
        expect(sarifErrors(stdout)).toEqual([]);
        const { uri } = JSON.parse(stdout).runs[0].results[0].locations[0].physicalLocation.artifactLocation;
        return expect(decodeURIComponent(uri)).toBe(file);
      }
      default:
        return expect(stdout).toContain('yaml');
    }
  });
});
