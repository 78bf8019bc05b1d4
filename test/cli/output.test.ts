import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/index.ts';
import { run, type World } from './fake-io.ts';
import { NAMES, NO_ROUTE } from './worlds.ts';

const ESCAPE = '\u001b';

describe('-o', () => {
  test.each(FORMATS)('%s, and the same into a file', async (format) => {
    const { stdout, status } = await run(`pod-a pod-d -o ${format}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/delivered/);
    const toFile = await run(`pod-a pod-d -o ${format}=out.txt`);
    expect([toFile.status, toFile.stdout]).toEqual([0, '']);
    expect(toFile.written).toEqual({ 'out.txt': stdout });
  });

  test('one on stdout and others in files, in one run', async () => {
    const { stdout, written } = await run('pod-a pod-d -o minimal -o json=a.json --output yaml=b.yaml');
    expect(stdout).toMatch(/^path 1 forward\n/);
    expect(Object.keys(written)).toEqual(['a.json', 'b.yaml']);
    expect(JSON.parse(written['a.json'] ?? '').schemaVersion).toBe(1);
  });

  test("a file's name may have an equals sign", async () => {
    expect(Object.keys((await run('pod-a pod-d -o json=a=b.json')).written)).toEqual(['a=b.json']);
  });

  test('-o before the command, and before the names', async () => {
    expect((await run('-o minimal trace pod-a pod-d')).stdout).toMatch(/^path 1 forward\n/);
    expect((await run('-o minimal pod-a pod-d')).stdout).toMatch(/^path 1 forward\n/);
  });

  test('a file gets no colours', async () => {
    const { written } = await run('pod-a pod-d --color always -o table=a.txt');
    expect(written['a.txt']).toContain('delivered');
    expect(written['a.txt']).not.toContain(ESCAPE);
  });

  test.each([
    ['two on stdout', '-o json -o yaml', /only one format/],
    ['the same twice', '-o json -o json', /only one format/],
    ['an unknown format', '-o jsno', /did you mean json/],
    ['one that is like none', '-o visio', /table, trace, json, yaml, minimal, /],
    ['no name for the file', '-o json=', /file's name is missing/],
    ['a file that cannot be written', '-o json=/nowhere/out.json', /\/nowhere\/out\.json.*ENOENT/],
  ])('%s: exit status 2', async (_name, flags, says) => {
    const { status, stdout, stderr } = await run(`pod-a pod-d ${flags}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });

  test.each(['show', 'validate'])('%s has other formats, and says which', async (command) => {
    const { status, stderr } = await run(`${command} -o minimal`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/no such format here[\s\S]*json/);
  });
});

describe('colour: flag, then FORCE_COLOR, then NO_COLOR, then TERM=dumb, then the terminal', () => {
  const terminal = { terminal: 100 };
  const cases: readonly (readonly [string, string, World, boolean])[] = [
    ['a pipe', '', {}, false],
    ['a terminal', '', terminal, true],
    ['--color auto on a terminal', '--color auto', terminal, true],
    ['--color always in a pipe', '--color always', {}, true],
    ['--color always beats NO_COLOR', '--color always', { env: { NO_COLOR: '1' } }, true],
    ['--color always beats FORCE_COLOR=0', '--color always', { env: { FORCE_COLOR: '0' } }, true],
    ['--color always beats TERM=dumb', '--color=always', { env: { TERM: 'dumb' } }, true],
    ['--color never on a terminal', '--color never', terminal, false],
    ['--color never beats FORCE_COLOR', '--color never', { env: { FORCE_COLOR: '1' } }, false],
    ['--no-color on a terminal', '--no-color', terminal, false],
    ['--no-color beats FORCE_COLOR', '--no-color', { ...terminal, env: { FORCE_COLOR: '1' } }, false],
    ['FORCE_COLOR in a pipe', '', { env: { FORCE_COLOR: '1' } }, true],
    ['FORCE_COLOR beats NO_COLOR', '', { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true],
    ['FORCE_COLOR beats TERM=dumb', '', { env: { FORCE_COLOR: '1', TERM: 'dumb' } }, true],
    ['FORCE_COLOR=0 on a terminal', '', { ...terminal, env: { FORCE_COLOR: '0' } }, false],
    ['NO_COLOR on a terminal', '', { ...terminal, env: { NO_COLOR: '1' } }, false],
    ['NO_COLOR of any value', '', { ...terminal, env: { NO_COLOR: '0' } }, false],
    ['an empty NO_COLOR is none', '', { ...terminal, env: { NO_COLOR: '' } }, true],
    ['NO_COLOR with a colourful TERM', '', { ...terminal, env: { NO_COLOR: '1', TERM: 'xterm-256color' } }, false],
    ['TERM=dumb on a terminal', '', { ...terminal, env: { TERM: 'dumb' } }, false],
  ];

  test.each(cases)('%s', async (_name, flags, world, colored) => {
    for (const argv of [`pod-a pod-d ${flags}`, `${flags} pod-a pod-d -o trace`, `show node node-1 ${flags}`]) {
      const { stdout } = await run(argv, world);
      expect([argv, stdout === '', stdout.includes(ESCAPE)]).toEqual([argv, false, colored]);
    }
    const errors = await run(`validate ${flags}`, { ...world, files: { 'topology.yaml': 'kind: Topology\n' } });
    expect(errors.stdout.includes(ESCAPE)).toBe(colored);
  });

  test('data has none, whatever is asked', async () => {
    for (const format of ['json', 'yaml', 'minimal']) {
      const { stdout } = await run(`pod-a pod-d --color always -o ${format}`);
      expect([format, stdout === '', stdout.includes(ESCAPE)]).toEqual([format, false, false]);
    }
  });

  test('an unknown word for --color is an error', async () => {
    expect((await run('pod-a pod-d --color sometimes')).status).toBe(2);
  });
});

/** Without colour codes, which take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
const widths = (text: string) => text.split('\n').map((l) => [...l.replace(/\u001b\[\d+m/g, '')].length);
const widest = (text: string) => Math.max(...widths(text));

describe('width', () => {
  const traces: readonly (readonly [string, World])[] = [
    ['pod-a pod-d', {}],
    ['pod-a svc/web', {}],
    ['pod-a svc/echo', {}],
    ['pod-a 1.1.1.1:443', {}],
    ['pod-a 10.244.2.99:80', {}],
    ['a b:80', { files: { 'topology.yaml': NO_ROUTE } }],
    ['shop/pod-a svc/api:https', { files: { 'topology.yaml': NAMES } }],
    ['node/node-1 shop/svc/basket', { files: { 'topology.yaml': NAMES } }],
    [
      'a b:80 -f a-directory-with-a-long-name/and-a-file-with-a-long-name.yaml',
      { files: { 'a-directory-with-a-long-name/and-a-file-with-a-long-name.yaml': NO_ROUTE } },
    ],
  ];
  const all = traces.flatMap(([argv, world]) => [80, 120, 160].map((width) => [argv, width, world] as const));

  test.each(all)('%s at %i columns: no line of it is longer', async (argv, width, world) => {
    for (const flags of ['', '-o trace', '--all-paths --reply -v', '-o trace --all-paths --reply -v', '--color always']) {
      const { stdout } = await run(`${argv} ${flags} --width ${width}`, world);
      expect(stdout).not.toBe('');
      expect([flags, widths(stdout).filter((w) => w > width)]).toEqual([flags, []]);
    }
  });

  test('text is wrapped, not cut: the words are the same at every width', async () => {
    const words = async (width: number) => (await run(`pod-a svc/web -o trace -v --width ${width}`)).stdout.replace(/\s+/g, '');
    expect(await words(80)).toContain('delivered');
    expect(await words(80)).toBe(await words(160));
  });

  test.each([
    ['100 in a pipe', '', {}, 100],
    ["the terminal's", '', { terminal: 80 }, 80],
    ['--width before the terminal', '--width 120', { terminal: 80 }, 120],
  ])('%s', async (_name, flags, world, width) => {
    const plain = await run(`pod-a svc/web -v --all-paths --no-color ${flags}`, world);
    const stated = await run(`pod-a svc/web -v --all-paths --no-color --width ${width}`);
    expect(plain.stdout).not.toBe('');
    expect(plain.stdout).toBe(stated.stdout);
    expect(widest(plain.stdout)).toBeLessThanOrEqual(width);
  });

  test.each(['0', '39', '1001', 'wide', '80.5', '-80'])('--width %s is refused', async (width) => {
    const { status, stderr } = await run(`pod-a pod-d --width=${width}`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/width/);
  });
});

describe('what the details flags add', () => {
  test('-v shows the rules that were looked at', async () => {
    const rule = /KUBE-SVC-|KUBE-SEP-/;
    const plain = await run('pod-a pod-d');
    const verbose = await run('pod-a pod-d -v');
    expect(plain.stdout).not.toMatch(rule);
    expect(verbose.stdout).toMatch(/- KUBE-SERVICES: [\s\S]*\[not: /);
    expect((await run('-v pod-a pod-d')).stdout).toBe(verbose.stdout);
  });

  test('--reply shows the way back, --all-paths every path', async () => {
    const count = (text: string, word: RegExp) => [...text.matchAll(word)].length;
    const plain = (await run('pod-a svc/web')).stdout;
    expect(count(plain, /receives a TCP SYN-ACK/g)).toBe(0);
    expect(count(plain, /sends a TCP SYN(?!-)/g)).toBe(1);
    expect(count((await run('pod-a svc/web --reply')).stdout, /receives a TCP SYN-ACK/g)).toBe(1);
    expect(count((await run('pod-a svc/web --all-paths')).stdout, /sends a TCP SYN(?!-)/g)).toBe(2);
    expect(count((await run('pod-a svc/web --all-paths --reply')).stdout, /receives a TCP SYN-ACK/g)).toBe(2);
  });

  test('the first line is the verdict: outcome, code, one sentence', async () => {
    const world = { files: { 'topology.yaml': NO_ROUTE } };
    for (const format of ['table', 'trace']) {
      expect((await run(`pod-a pod-d -o ${format}`)).stdout).toMatch(/^delivered: pod-a reaches pod-d:8080\/tcp/);
      expect((await run(`a b:80 -o ${format}`, world)).stdout).toMatch(/^rejected NO_ROUTE: a does not reach b:80\/tcp/);
    }
  });
});
