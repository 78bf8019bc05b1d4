import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labSchema } from '../../src/document/lab-schema.ts';
import { NO_ROUTE, TWO_PODS } from '../cli/worlds.ts';
import { whyNot } from '../kernel-lab/machine.ts';

/** The real command, as `npm run build` makes it (pretest does), with real labs, each of a name that nobody else has. */
const DIST = join(import.meta.dirname, '../../dist');
const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-lab-'));
// Nobody has to get in, too.
chmodSync(folder, 0o755);
const name = (what: string) => `test-${process.pid}-${what}`;
const { FORCE_COLOR: _force, K8S_TRACE_TOPOLOGY: _topology, ...environment } = process.env;

writeFileSync(join(folder, 'two.yaml'), TWO_PODS);
writeFileSync(join(folder, 'no-route.yaml'), NO_ROUTE);
const EXPECT = 'expect:\n  - { from: a, to: "b:80", outcome: delivered }\n  - { from: b, to: "a:53/udp", outcome: delivered }\n';
writeFileSync(join(folder, 'expect.yaml'), TWO_PODS + EXPECT);
/** Sources that the file does not name, in both families, and packets of others to their addresses; pods without a bridge. */
const UNNAMED = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [ 10.244.0.0/16, "fd00:10:244::/56" ], cni: ptp }
nodes: [ { name: node-1, ips: [ 192.168.1.11, "2001:db8:1::11" ], podCIDRs: [ 10.244.1.0/24, "fd00:10:244:1::/64" ] } ]
pods: [ { name: w, node: node-1 } ]
internet: { gateway: { ips: [ 192.168.1.1, "2001:db8:1::1" ], publicIP: 203.0.113.1, nat: [ { private: 192.168.1.11, public: 203.0.113.5 } ] } }
expect:
  - { from: 198.51.100.99, to: "203.0.113.5:80", outcome: delivered }
  - { from: w, to: "198.51.100.99:80", outcome: exits }
  - { from: "2001:db8:99::9", to: "[2001:db8:1::11]:80", outcome: delivered }
  - { from: w, to: "[2001:db8:99::9]:80", outcome: exits }
  - { from: 198.51.100.99, to: "internet:80", outcome: delivered }
`;
writeFileSync(join(folder, 'unnamed.yaml'), UNNAMED);

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that reads nothing, so that it cannot wait for us. */
async function execute(program: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(program, words, { cwd: folder, env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { status, ...text };
}

const k = (...words: string[]) => execute(process.execPath, [join(DIST, 'k8s-trace.cjs'), ...words]);

interface Proc {
  readonly pid: number;
  readonly parent: number;
  readonly words: string;
}

/** All processes that are alive; a zombie is not. */
function processes(): readonly Proc[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent), words: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
    } catch {
      return [];
    }
  });
}

function descendants(pid: number, all = processes()): readonly Proc[] {
  return all.filter((p) => p.parent === pid).flatMap((p) => [p, ...descendants(p.pid, all)]);
}

const alive = (some: readonly Proc[]) => {
  const now = processes();
  return some.filter((p) => now.some((n) => n.pid === p.pid && n.words === p.words)).map((p) => p.words.replaceAll('\0', ' ').slice(0, 60));
};

/** Adds those below a process that are not yet known; answers those of now. */
function watch(child: ChildProcess, known: Proc[]): readonly Proc[] {
  const now = child.pid === undefined ? [] : descendants(child.pid);
  known.push(...now.filter((p) => !known.some((k) => k.pid === p.pid && k.words === p.words)));
  return now;
}

const ofLab = (lab: string) => processes().filter((p) => p.words.includes(`k8s-trace-lab\0${lab}\0`));
/** Administrators' programs are not on everybody's path. */
const PATH = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
const soon = { timeout: 60_000, interval: 20 };

/** What a failing test leaves behind is ended too. */
const started: string[] = [];
afterAll(async () => {
  for (const lab of started) await k('lab', 'down', '--name', lab);
  rmSync(folder, { recursive: true });
});

function labName(what: string): string {
  started.push(name(what));
  return name(what);
}

// Labs of the kernel's suite are beside these in CI, and a busy machine is late. What took two is reported so.
describe.skipIf(whyNot !== null)(`the lab's commands${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, { retry: 1 }, () => {
  test('verify: the kernel agrees with the built-in cluster', async () => {
    const { status, stdout, stderr } = await k('lab', 'verify', 'pod-a', 'svc/web', '--width', '120');
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toMatch(
      /^agrees {4}pod-a -> svc\/web:80 {2}delivered by path [12] of 2; \d crossings out, \d back; client: answer\nThe trace agrees with Linux \S+\.\n$/,
    );
    expect(stderr).toMatch(/^[^\n]*built-in[^\n]*\n$/);
  });

  test('verify: it agrees with a fault as well', async () => {
    const { status, stdout, stderr } = await k('lab', 'verify', 'a', 'b:80', '-f', 'no-route.yaml', '--width', '120');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^agrees {4}a -> b:80 {2}rejected NO_ROUTE; 3 crossings out, 3 back; client: net-unreachable\n/);
  });

  test('verify: with IPv6 addresses, and with both families', async () => {
    for (const [file, from, to] of [
      ['four-pods.yaml', 'pod-a', 'pod-d'],
      ['dual-stack.yaml', 'pod-a', '[fd00:10:244:1::11]:8080'],
    ] as const) {
      const fixture = join(import.meta.dirname, '../../fixtures/ipv6', file);
      const { status, stdout } = await k('lab', 'verify', from, to, '-f', fixture, '-o', 'json');
      expect(status).toBe(0);
      const [flow] = labSchema.parse(JSON.parse(stdout)).flows;
      expect(flow?.client).toEqual({ model: 'answer', kernel: 'answer', agrees: true });
      expect(flow?.walks[0]?.kernel[0]?.header).toMatch(/^tcp \[fd00:10:244:1::10\]:40000 > \[fd00:10:244:[12]::11\]:8080 ttl 64$/);
    }
  });

  test('verify --all: a machine on the internet that the file does not name is there for its own packets only', async () => {
    const { status, stdout } = await k('lab', 'verify', '--all', '-f', 'unnamed.yaml', '-o', 'json');
    const { flows } = labSchema.parse(JSON.parse(stdout));
    expect(flows.map((f) => [f.source, f.outcome, f.agrees, f.asExpected])).toEqual([
      ['198.51.100.99', 'delivered', true, true],
      ['w', 'exits', true, true],
      ['2001:db8:99::9', 'delivered', true, true],
      ['w', 'exits', true, true],
      ['198.51.100.99', 'delivered', true, true],
    ]);
    expect(status).toBe(0);
  });

  test('verify --all: what the file expects, as JSON and as text', async () => {
    const { status, stdout } = await k('lab', 'verify', '--all', '-f', 'expect.yaml', '-o', 'json', '-o', 'table=out.txt');
    expect(status).toBe(0);
    const document = labSchema.parse(JSON.parse(stdout));
    expect(document).toMatchObject({
      agrees: true,
      flows: [
        {
          source: 'a',
          destination: 'b:80',
          family: 'IPv4',
          protocol: 'tcp',
          outcome: 'delivered',
          client: { model: 'answer', kernel: 'answer', agrees: true },
        },
        { source: 'b', destination: 'a:53/udp', protocol: 'udp', outcome: 'delivered' },
      ],
    });
    const [first] = document.flows;
    expect(first?.walks.map((w) => [w.walk, w.kernel.length])).toEqual([
      ['forward', 8],
      ['reply', 8],
      ['ack', 8],
    ]);
    expect(first?.walks[0]?.kernel[0]).toEqual({
      netns: 'default/a',
      device: 'eth0',
      direction: 'out',
      header: 'tcp 10.244.1.10:40000 > 10.244.2.10:80 ttl 64',
    });
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toMatch(/2 of 2 flows agree with Linux .*: delivered 2\.\n$/);
  });

  test('up, exec and down', async () => {
    const lab = labName('round-trip');
    const up = await k('lab', 'up', '--name', lab);
    expect({ status: up.status, stderr: up.stderr }).toMatchObject({ status: 0 });
    const exec = (place: string, ...command: string[]) => k('lab', 'exec', '--name', lab, place, '--', ...command);
    expect((await exec('pod-a', 'ip', '-4', 'route')).stdout).toMatch(/^default via 10\.244\.1\.1 dev eth0 \n10\.244\.1\.0\/24 dev eth0/);
    expect((await exec('node-1', 'iptables-save', '-t', 'nat')).stdout).toContain('-A KUBE-SERVICES');
    expect((await exec('gateway', 'ip', '-br', 'link')).stdout).toContain('wan0');
    expect((await exec('pod-a', 'sh', '-c', 'exit 7')).status).toBe(7);
    expect((await exec('pod-a', 'sh', '-c', 'kill -TERM $$')).status).toBe(143);
    expect((await exec('pod-a', 'no-such-program')).status).toBe(127);
    expect((await exec('pod-a', 'ls')).stdout).toContain('two.yaml\n');
    const call = `use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => '10.96.0.10:80', Timeout => 10) or die; syswrite $s, 'hello'; sysread $s, my $x, 9; print "<$x>"`;
    expect(await exec('pod-a', 'perl', '-e', call)).toMatchObject({ status: 0, stdout: '<x>' });
    // The line that is printed for those who do not want to use k8s-trace.
    const raw = /^or +(nsenter .*) sh$/m.exec(up.stdout)?.[1] ?? '';
    expect((await execute('sh', ['-c', `${raw} ip -4 route`])).stdout).toMatch(/^default via 10\.244\.1\.1/);
    // What exec started in the background ends with the lab.
    const nap = `1000.${process.pid}`;
    const napping = () => processes().filter((p) => p.words === `sleep\0${nap}\0`);
    await exec('pod-a', 'sh', '-c', `sleep ${nap} > /dev/null 2>&1 &`);
    expect(napping()).toHaveLength(1);
    expect((await k('lab', 'up', '--name', lab)).status).toBe(2);
    expect(await k('lab', 'down', '--name', lab)).toMatchObject({ status: 0, stdout: `the lab "${lab}" is gone\n` });
    await expect.poll(() => [...ofLab(lab), ...napping()], soon).toEqual([]);
    // Its status hangs on whether somebody else has a lab up on this machine.
    expect(await k('lab', 'down', '--name', lab)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining(`there is no lab "${lab}"`),
    });
  });

  test('two labs with the same addresses, side by side; the machine has nothing to do with them', async () => {
    const machine = () =>
      spawnSync('sh', ['-c', 'ip -br link; ip -br addr; ip route; ls /run/netns 2>&1'], { env: PATH }).stdout.toString();
    const before = machine();
    const labs = [labName('one'), labName('two')];
    const up = await Promise.all(labs.map((lab) => k('lab', 'up', '--name', lab)));
    expect(up.map((u) => u.status)).toEqual([0, 0]);
    expect(machine()).toBe(before);
    const [one = '', two = ''] = labs;
    await k('lab', 'exec', '--name', one, 'pod-a', '--', 'ip', 'addr', 'add', '10.9.9.9/32', 'dev', 'lo');
    const addresses = (lab: string) => k('lab', 'exec', '--name', lab, 'pod-a', '--', 'ip', '-br', 'addr', 'show', 'lo');
    expect((await addresses(one)).stdout).toContain('10.9.9.9');
    expect((await addresses(two)).stdout).not.toContain('10.9.9.9');
    expect((await k('lab', 'down', '--name', one)).status).toBe(0);
    expect((await addresses(two)).status).toBe(0);
    expect((await k('lab', 'down', '--name', two)).status).toBe(0);
    expect(machine()).toBe(before);
  });

  /** Until its lab has come so far that there is such a process. */
  const STAGES = [
    ['its holder', /k8s-trace-lab\0/],
    ['its builder', /^ip\0|^sh\0-s\0|^nsenter\0/],
    ['its sockets', /^perl\0/],
  ] as const;
  const ENDINGS = [
    ['Ctrl-C', 'SIGINT', [130, null]],
    ['SIGTERM', 'SIGTERM', [143, null]],
    ['SIGKILL', 'SIGKILL', [137, null]],
  ] as const;
  const CUT = ENDINGS.flatMap(([ending, signal]) =>
    STAGES.flatMap(([stage, words]) => [
      { command: 'verify', words: ['verify', '--all', '-f', 'no-route.yaml'], ending, signal, stage, reached: words },
      { command: 'up', words: ['up', '--name', name('cut')], ending, signal, stage, reached: words },
    ]),
  );

  test.each(CUT)('$command ended by $ending once there is $stage leaves no process', async ({ words, signal, reached }) => {
    // A process group of its own, which Ctrl-C is sent to.
    const child = spawn(process.execPath, [join(DIST, 'k8s-trace.cjs'), 'lab', ...words], {
      cwd: folder,
      env: environment,
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    const all: Proc[] = [];
    await expect.poll(() => watch(child, all).some((p) => reached.test(p.words)) || child.exitCode !== null, soon).toBe(true);
    if (child.exitCode === null) process.kill(signal === 'SIGINT' ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
    await ended;
    // `up` may have been done just before: then its lab is whole, and stays.
    const isWhole = () => ofLab(name('cut')).some((holder) => descendants(holder.pid).some((p) => p.words === 'sleep\0infinity\0'));
    await expect.poll(() => isWhole() || alive(all).length === 0, soon).toBe(true);
    await k('lab', 'down', '--name', name('cut'));
    // The unshare that waited for the holder ends just after it.
    await expect.poll(() => alive(all), soon).toEqual([]);
  });

  test('a lab whose holder is killed is gone as a whole', async () => {
    const lab = labName('killed');
    expect((await k('lab', 'up', '--name', lab)).status).toBe(0);
    const [first] = ofLab(lab).filter((p) => p.words.startsWith('sh\0'));
    const all = [...ofLab(lab), ...descendants(first?.pid ?? 0)];
    expect(all.some((p) => p.words.startsWith('perl\0')) || all.length > 1).toBe(true);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => alive(all), soon).toEqual([]);
    expect((await k('lab', 'exec', '--name', lab, 'pod-a', '--', 'true')).status).toBe(2);
  });

  test('what the machine lacks is named', async () => {
    const shims = join(folder, 'shims');
    mkdirSync(shims);
    // Made to lack what this machine has.
    writeFileSync(join(shims, 'iptables-restore'), '#!/bin/sh\ncase "$(cat)" in *statistic*) exit 1 ;; esac\n');
    chmodSync(join(shims, 'iptables-restore'), 0o755);
    const words = [join(DIST, 'k8s-trace.cjs'), 'lab', 'verify', 'pod-a', 'svc/web'];
    const { status, stderr } = await execute(process.execPath, words, { PATH: `${shims}:${process.env['PATH']}` });
    expect(status).toBe(2);
    expect(stderr).toMatch(/this machine lacks iptables' match statistic\n.*modprobe xt_statistic/);
  });

  test('the script is a shell script', async () => {
    const { status, stdout } = await k('lab', 'script');
    expect(status).toBe(0);
    const file = join(folder, 'lab.sh');
    writeFileSync(file, stdout);
    expect(await execute('sh', ['-n', file])).toEqual({ status: 0, stdout: '', stderr: '' });
    // As its first lines say, without sudo where we are root.
    const user = process.getuid?.() === 0 ? '' : '--user --map-root-user';
    const line = /^#.*(unshare .*)$/m.exec(stdout)?.[1] ?? '';
    const words = line.replace('unshare', `unshare ${user}`).replace('THIS-FILE', file).replace('exec sh', 'ip netns list');
    const ran = await execute('sh', ['-c', words], PATH);
    expect(ran.stdout.split('\n')).toContain('default_pod-a');
  });
});

const rootless = whyNot ?? whyNotRootless();

/** Nobody, where we are root; else ourselves. */
function asNobody(): readonly string[] {
  return process.getuid?.() === 0 ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : ['env'];
}

function whyNotRootless(): string | null {
  const [program = '', ...words] = [
    ...asNobody(),
    'unshare',
    '--user',
    '--map-root-user',
    '--mount',
    '--net',
    '--pid',
    '--fork',
    process.execPath,
    '--version',
  ];
  return spawnSync(program, words, { cwd: '/' }).status === 0 ? null : 'this machine allows no unprivileged user namespaces';
}

describe.skipIf(rootless !== null)(`without root${rootless === null ? '' : ` (skipped: ${rootless})`}`, () => {
  /** A copy that everybody may read. */
  const copy = join(tmpdir(), `k8s-trace-rootless-${process.pid}`);
  beforeAll(() => {
    mkdirSync(copy);
    chmodSync(copy, 0o755);
    cpSync(DIST, join(copy, 'dist'), { recursive: true });
    copyFileSync(join(DIST, '../package.json'), join(copy, 'package.json'));
  });
  afterAll(() => rmSync(copy, { recursive: true }));
  const nobody = (...words: string[]) => {
    const [program = '', ...rest] = [...asNobody(), process.execPath, join(copy, 'dist/k8s-trace.cjs'), 'lab', ...words];
    return execute(program, rest, { PATH: '/usr/bin:/bin' });
  };

  test('verify', async () => {
    const { status, stdout } = await nobody('verify', 'pod-a', 'svc/web');
    expect({ status, stdout }).toMatchObject({ status: 0 });
  });

  test('up, exec, the line to enter it, down', async () => {
    const lab = name('rootless');
    const up = await nobody('up', '--name', lab);
    expect({ status: up.status, stderr: up.stderr }).toMatchObject({ status: 0 });
    try {
      expect(await nobody('exec', '--name', lab, 'pod-a', '--', 'ip', '-4', 'route')).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^default via 10\.244\.1\.1/),
      });
      expect((await nobody('exec', '--name', lab, 'pod-a', '--', 'sh', '-c', 'exit 7')).status).toBe(7);
      const raw = /^or +(nsenter .*) sh$/m.exec(up.stdout)?.[1] ?? '';
      const [program = '', ...words] = [...asNobody(), 'sh', '-c', `${raw} ip -4 route`];
      expect((await execute(program, words)).stdout).toMatch(/^default via 10\.244\.1\.1/);
    } finally {
      expect((await nobody('down', '--name', lab)).status).toBe(0);
    }
    expect(ofLab(lab)).toEqual([]);
  });
});
