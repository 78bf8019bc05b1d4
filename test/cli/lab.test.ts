import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { labSchema } from '../../src/document/lab-schema.ts';
import { startLab } from '../../src/lab/holder.ts';
import { run as runIn, type World } from './fake-io.ts';
import { type Answers, type FakeMachine, fakeMachine } from './fake-machine.ts';
import { BROKEN, NAMES, TWO_PODS } from './worlds.ts';

/** Runs a command line on a machine that nothing really happens to. */
function run(argv: string | readonly string[], machine: FakeMachine = fakeMachine(), world: World = {}) {
  return runIn(argv, { files: { 'topology.yaml': TWO_PODS }, ...world, io: { machine: async () => machine, ...world.io } });
}

/** Pod a cannot send: nothing crosses a device, which is all that the fake machine can do. */
const CUT_OFF = TWO_PODS.replace('ip: 10.244.1.10 }', 'ip: 10.244.1.10, devices: { eth0: { up: false } } }');
const cutOff: World = { files: { 'topology.yaml': CUT_OFF } };
/** ENETUNREACH, which is what the model says that pod a sees. */
const UNREACHABLE: Answers = { saw: 'errno 101' };

const EVERY_COMMAND = ['lab verify a b:80', 'lab up', 'lab exec a -- true', 'lab down'];

describe('a machine that cannot have labs', () => {
  test.each(EVERY_COMMAND)('%s: not Linux', async (argv) => {
    const { status, stdout, stderr } = await run(argv, fakeMachine({ platform: 'darwin' }));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/needs Linux[\s\S]*darwin[\s\S]*lab script/);
  });

  test.each(['lab verify a b:80', 'lab up'])('%s: programs are missing', async (argv) => {
    const machine = fakeMachine({ missing: ['ip', 'bridge', 'iptables-restore'] });
    const { status, stderr } = await run(argv, machine);
    expect(status).toBe(2);
    expect(stderr).toMatch(/needs ip, bridge, iptables-restore/);
    expect(stderr).toMatch(/apt-get install iproute2 iptables;/);
    expect(machine.done).toEqual([]);
  });

  test.each(['lab verify a b:80', 'lab up'])('%s: neither root nor user namespaces', async (argv) => {
    const refusal = 'unshare: unshare failed: Operation not permitted';
    const machine = fakeMachine({ uid: 1000, refusals: ['', refusal] });
    const { status, stderr } = await run(argv, machine);
    expect(status).toBe(2);
    expect(stderr).toMatch(/needs root, or unprivileged user namespaces[\s\S]*Operation not permitted[\s\S]*sudo/);
    expect(machine.pending()).toEqual([]);
  });

  test('root that may not unshare tries a user namespace', async () => {
    const machine = fakeMachine({ ...UNREACHABLE, refusals: ['unshare: Operation not permitted'] });
    expect((await run('lab verify a b:80', machine, cutOff)).status).toBe(0);
    expect(machine.done.filter((d) => d.startsWith('open unshare')).map((d) => d.includes('--user'))).toEqual([false, true]);
  });

  const LACKS = [
    [['type bridge'], /lacks bridge devices\n/, /modprobe bridge; without them there is only the trace/],
    [['type veth'], /lacks veth devices\n/, /modprobe veth/],
    [['bridge-nf-call'], /lacks bridge netfilter \(br_netfilter\)/, /modprobe br_netfilter; .*bridge-nf-call-iptables: 0 }/],
    [['-m addrtype', '-j MASQUERADE'], /lacks iptables' match addrtype, iptables' target MASQUERADE/, /running: false }.*masquerade: none/],
    [['*nat'], /iptables' table nat/, /modprobe iptable_nat/],
  ] as const;
  const services: World = { files: { 'topology.yaml': NAMES } };

  test.each(LACKS)('the kernel lacks %s: all of it is named, and what can be verified without', async (lacks, names, offers) => {
    for (const argv of ['lab up', 'lab verify pod/pod-a svc/web']) {
      const machine = fakeMachine({ lacks });
      const { status, stderr } = await run(argv, machine, services);
      expect([argv, status]).toEqual([argv, 2]);
      expect(stderr).toMatch(names);
      expect(stderr).toMatch(offers);
      expect(machine.done.some((d) => d.startsWith('build'))).toBe(false);
      expect(machine.pending()).toEqual([]);
    }
  });

  test('what is not used need not be there', async () => {
    const bare = CUT_OFF.replace('serviceCIDR: 10.96.0.0/12', 'masquerade: none').replaceAll('/24 ', '/24, kubeProxy: { running: false } ');
    const machine = fakeMachine({ ...UNREACHABLE, lacks: ['-m statistic', '-j MASQUERADE', '*nat', 'arptables'] });
    const { status, stdout } = await run('lab verify a b:80', machine, { files: { 'topology.yaml': bare } });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^agrees/)]);
  });

  test('what the kernel refuses nevertheless is told in its own words', async () => {
    const machine = fakeMachine({ build: { status: 1, stdout: '', stderr: 'RTNETLINK answers: No\nCommand failed -:3\n' } });
    const { status, stderr } = await run('lab verify a b:80', machine);
    expect(status).toBe(2);
    expect(stderr).toMatch(/cannot be built: RTNETLINK answers: No; Command failed -:3\n.*lab script/);
    expect(machine.pending()).toEqual([]);
  });

  test('names of devices that a shell would read otherwise never get into a script', async () => {
    const text = TWO_PODS.replace('ip: 10.244.1.10', 'ip: 10.244.1.10, veth: "$(reboot)"');
    for (const argv of ['lab script', 'lab up', 'lab verify a b:80']) {
      const machine = fakeMachine();
      const { status, stdout, stderr } = await run(argv, machine, { files: { 'topology.yaml': text } });
      expect([argv, status, stdout]).toEqual([argv, 2, '']);
      expect(stderr).toMatch(/\$\(reboot\).*node-1/);
      expect(machine.done.some((d) => d.startsWith('build'))).toBe(false);
    }
  });
});

describe('lab', () => {
  test('alone: its help, exit status 2', async () => {
    const { status, stdout, stderr } = await run('lab');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: k8s-trace lab/);
  });

  test.each([
    ['lab vrify a b', 'verify'],
    ['lab dwon', 'down'],
    ['lab excc a', 'exec'],
  ])('%s: did you mean %s', async (argv, command) => {
    const { status, stderr } = await run(argv);
    expect(status).toBe(2);
    expect(stderr).toContain(`did you mean ${command}`);
  });

  test.each(['verify', 'up', 'exec', 'down', 'script'])('%s --help, with examples', async (command) => {
    for (const argv of [`lab ${command} --help`, `lab help ${command}`]) {
      const { status, stdout } = await run(argv);
      expect([argv, status]).toEqual([argv, 0]);
      expect(stdout).toMatch(new RegExp(`^Usage: k8s-trace lab ${command} `));
      expect(stdout).toContain(`Examples:\n  k8s-trace lab ${command}`);
    }
  });

  test.each(['up', 'down', 'exec a -- true', 'script'])('%s has one form only', async (words) => {
    const [command, ...rest] = words.split(' ');
    const { status, stderr } = await run(['lab', command ?? '', '-o', 'json', ...rest]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/-o: this command has only one form/);
  });
});

describe('lab verify: what is asked', () => {
  test.each<readonly [string, RegExp]>([
    ['lab verify', /a source and a destination are needed, or --all/],
    ['lab verify a', /a: where to\?/],
    ['lab verify a b c', /c: one word too many/],
    ['lab verify --all a b', /a: --all is every flow/],
    ['lab verify --all -p 80', /--port is about one flow/],
    ['lab verify --all --size 100', /--size is about one flow/],
    ['lab verify --all --over ipc', /--over is about one flow/],
    ['lab verify --all --family IPv6', /--family is about one flow/],
    ['lab verify --all -6', /-6 is about one flow/],
    ['lab verify a b --over ipc', /a lab is a network, and sends packets only/],
    ['lab verify a b --over volume', /--over volume: a lab is a network/],
    ['lab verify a nobody', /no pod, service or node "nobody"/],
    ['lab verify a b:80/sctp', /SCTP is modelled, not verified/],
    ['lab verify a b --port 99999', /a port is a number/],
    ['lab verify a b:80 -o minimal', /no such format here/],
    ['lab verify a b:80 -o json -o table', /only one format can go to standard output/],
    ['lab verify a b:80 --bogus', /--bogus/],
    ['lab verify a b:80 -f gone.yaml', /gone\.yaml/],
  ])('%s: exit status 2, before anything is built', async (argv, says) => {
    const machine = fakeMachine();
    const { status, stdout, stderr } = await run(argv, machine);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
    expect(machine.done).toEqual([]);
  });

  test('a URL is two connections, each of which can be verified', async () => {
    const text = readFileSync(new URL('../../fixtures/http/gateway.yaml', import.meta.url), 'utf8');
    const machine = fakeMachine();
    const { status, stderr } = await run('lab verify client https://shop.example.com/pay', machine, { files: { 'topology.yaml': text } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/a URL is two connections or more, and a lab speaks no HTTP/);
    expect(stderr).toContain(
      'k8s-trace lab verify default/pod/client 192.168.1.11:30443; k8s-trace lab verify infra/pod/envoy 10.244.2.23:8080',
    );
    expect(machine.done).toEqual([]);
    // The client's second one is to another port.
    const redirected = await run('lab verify client http://shop.example.com/pay', machine, { files: { 'topology.yaml': text } });
    expect(redirected.stderr).toContain(
      'k8s-trace lab verify default/pod/client 192.168.1.11:30080; k8s-trace lab verify default/pod/client 192.168.1.11:30443; k8s-trace lab verify infra/pod/envoy 10.244.2.23:8080',
    );
  });

  test('a broken topology is told like everywhere', async () => {
    const { status, stderr } = await run('lab verify a b:80', fakeMachine(), { files: { 'topology.yaml': BROKEN } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^topology\.yaml:10:1: error: unknown field/);
  });

  test('without -f it is the built-in cluster, which --all never is', async () => {
    const named = await run('lab verify pod-a pod-b', fakeMachine(), { files: {} });
    expect(named.status).toBe(1);
    expect(named.stderr).toMatch(/built-in/);
    const all = await run('lab verify --all', fakeMachine(), { files: {} });
    expect([all.status, all.stdout]).toEqual([2, '']);
    expect(all.stderr).toMatch(/there is no input/);
  });

  test('flags may stand anywhere', async () => {
    for (const argv of [
      '-f x.yaml lab verify a b:80',
      'lab -f x.yaml verify a b:80',
      'lab verify -f x.yaml a b:80',
      'lab verify a b:80 -f x.yaml',
    ])
      expect([argv, (await run(argv, fakeMachine(UNREACHABLE), { files: { 'x.yaml': CUT_OFF } })).status]).toEqual([argv, 0]);
  });

  test('an expectation whose names nothing has: file, line and column, and all of them', async () => {
    const expecting = `${TWO_PODS}expect:\n  - { from: a, to: bb, outcome: delivered }\n  - { from: a, to: "b:80", outcome: delivered }\n  - { from: x, to: b, outcome: dropped }\n`;
    const machine = fakeMachine();
    const { status, stderr } = await run('lab verify --all', machine, { files: { 'topology.yaml': expecting } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^topology\.yaml:11:20: error: there is no pod, service or node "bb".*\(expect\[0\]\.to\)/m);
    expect(stderr).toMatch(/^topology\.yaml:13:13: error: .*"x".*\(expect\[2\]\.from\)/m);
    expect(stderr).toContain('2 errors');
    expect(machine.done).toEqual([]);
  });
});

describe('lab verify: what is answered', () => {
  test('the kernel agrees: exit status 0, one line and a verdict', async () => {
    const machine = fakeMachine(UNREACHABLE);
    const { status, stdout, stderr } = await run('lab verify a b:80 --width 120', machine, cutOff);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      'agrees    a -> b:80  rejected LINK_DOWN; 0 crossings out, 0 back; client: net-unreachable\nThe trace agrees with Linux 6.1.0-fake.\n',
    );
    expect(machine.pending()).toEqual([]);
  });

  test('the kernel differs: exit status 1, and both side by side', async () => {
    const { status, stdout } = await run('lab verify a b:80 --width 120');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^differs {3}a -> b:80 {2}the trace says delivered\n {2}Request: differs from the start\n {6}MODEL +KERNEL\n/);
    expect(stdout).toMatch(/^ {2}!= {2}a eth0 out +tcp 10\.244\.1\.10:40000 > 10\.244\.2\.10:80 ttl 64 {2}\(nothing\)$/m);
    expect(stdout).toContain('The client sees answer by the trace, and saw time-out.');
    expect(stdout).toMatch(/The trace differs from Linux 6\.1\.0-fake\. The kernel is right: please report this/);
  });

  test.each([40, 80, 160])('no line is longer than %i columns, and colour only repeats what the words say', async (width) => {
    const plain = await run(`lab verify a b:80 --width ${width}`);
    for (const line of plain.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(plain.stdout).not.toContain('\u001b');
    const coloured = await run(`lab verify a b:80 --width ${width} --color always`);
    expect(coloured.stdout).toContain('\u001b[31m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code
    expect(coloured.stdout.replace(/\u001b\[\d+m/g, '')).toBe(plain.stdout);
  });

  test('-v shows both also where they agree', async () => {
    const { stdout } = await run('lab verify a b:80 -v', fakeMachine(UNREACHABLE), cutOff);
    expect(stdout).toContain('Request: on no device');
  });

  test('the JSON of a flow has its IP family, of which a question may have two', async () => {
    const text = readFileSync(new URL('../../fixtures/ipv6/dual-stack.yaml', import.meta.url), 'utf8');
    const { stdout } = await run('lab verify pod-a pod-b -o json', fakeMachine(), { files: { 'topology.yaml': text } });
    const { flows } = labSchema.parse(JSON.parse(stdout));
    // RFC 6724, 2.1: IPv4 comes before unique local IPv6.
    expect(flows.map(({ family, address }) => [family, address?.includes(':')])).toEqual([
      ['IPv4', false],
      ['IPv6', true],
    ]);
  });

  test('-o json, in a file and on standard output', async () => {
    const { status, stdout, written } = await run('lab verify a b:80 -o json -o table=out.txt', fakeMachine(UNREACHABLE), cutOff);
    expect(status).toBe(0);
    const document = labSchema.parse(JSON.parse(stdout));
    expect(document).toMatchObject({
      schemaVersion: 1,
      kernel: '6.1.0-fake',
      agrees: true,
      flows: [
        {
          source: 'a',
          destination: 'b:80',
          address: '10.244.2.10',
          agrees: true,
          outcome: 'rejected',
          code: 'LINK_DOWN',
          path: 0,
          paths: 1,
        },
      ],
    });
    expect(written['out.txt']).toMatch(/^agrees/);
  });

  test('a name without an address sends nothing, and says so: exit status 2', async () => {
    const headless = `${TWO_PODS}services: [{ name: db, clusterIP: None, selector: { app: none }, ports: [{ port: 80 }] }]\n`;
    const machine = fakeMachine();
    const one = await run('lab verify a svc/db --width 120', machine, { files: { 'topology.yaml': headless } });
    expect(one.status).toBe(2);
    expect(one.stdout).toMatch(
      /^not sent {2}a -> svc\/db:80 {2}rejected NO_ENDPOINTS; the name has no address, so nothing is sent\nNothing was sent/,
    );
    expect(machine.done).toEqual([]);
  });

  test('--all: what the file expects', async () => {
    const expecting = CUT_OFF.concat(
      'expect:\n  - { from: a, to: "b:80", outcome: delivered }\n  - { from: a, to: "b:81/udp", outcome: rejected }\n',
    );
    const { status, stdout } = await run('lab verify --all --width 140', fakeMachine(UNREACHABLE), {
      files: { 'topology.yaml': expecting },
    });
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'agrees    a -> b:80      rejected LINK_DOWN; 0 crossings out, 0 back; client: net-unreachable; the file expects delivered',
      'agrees    a -> b:81/udp  rejected LINK_DOWN; 0 crossings out, 0 back; client: net-unreachable',
      '2 of 2 flows agree with Linux 6.1.0-fake: rejected 2. 1 of 2 are not as the file expects.',
      '',
    ]);
  });

  test('--all without expectations: every pair of pods, and every pod to every service port; SCTP is named, not sent', async () => {
    const services =
      'services: [{ name: web, clusterIP: 10.96.0.10, selector: { app: x }, ports: [{ name: http, port: 80 }, { name: other, port: 81, protocol: SCTP }] }]\n';
    const { status, stdout } = await run('lab verify --all -o json', fakeMachine(), {
      files: { 'topology.yaml': `${TWO_PODS}${services}` },
    });
    expect(status).toBe(1);
    const { flows, agrees } = labSchema.parse(JSON.parse(stdout));
    expect(agrees).toBe(false);
    expect(flows.map((f) => `${f.source} ${f.destination} ${f.agrees}`)).toEqual([
      'a b false',
      'a svc/web:80 false',
      'a svc/web:81/sctp null',
      'b a false',
      'b svc/web:80 false',
      'b svc/web:81/sctp null',
    ]);
    expect(flows[2]?.note).toBe('SCTP is modelled, not verified');
  });

  test('the names of flows are the shortest that stand for one thing only, so that a trace takes them as they are', async () => {
    const world: World = { files: { 'topology.yaml': NAMES } };
    const { stdout } = await run('lab verify --all -o json', fakeMachine(), world);
    const { flows } = labSchema.parse(JSON.parse(stdout));
    const sources = ['default/pod-a', 'multi', 'udp-only', 'portless', 'open', 'pod/web', 'pod/node-1', 'shop/pod-a', 'shop/cart'];
    expect([...new Set(flows.map((f) => f.source))]).toEqual(sources);
    const ofPod = flows.filter((f) => f.source === 'open').map((f) => f.destination);
    const pods = [
      'default/pod-a:8080',
      'multi:8080',
      'udp-only:514/udp',
      'portless',
      'pod/web:80',
      'pod/node-1:80',
      'shop/pod-a:80',
      'shop/cart:80',
    ];
    const services = ['svc/web:80', 'svc/api:80', 'svc/api:443', 'svc/dns:53/udp', 'svc/dns:53/tcp', 'svc/one:80', 'shop/svc/basket:80'];
    expect(ofPod).toEqual([...pods, ...services]);
    for (const destination of ofPod)
      expect([destination, (await run(['open', destination], fakeMachine(), world)).status]).toEqual([destination, 0]);
  });
});

describe('lab up', () => {
  test('says what is where, and how to get in and out', async () => {
    const machine = fakeMachine();
    const { status, stdout, stderr } = await run('lab up', machine, { files: { 'topology.yaml': NAMES } });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^The lab "lab" is up on Linux 6\.1\.0-fake: 11 network namespaces, held by process 4001\.\n/);
    expect(stdout).toMatch(/^pod-a +default_pod-a +10\.244\.1\.10 +8080\/tcp$/m);
    expect(stdout).toMatch(/^shop\/cart +shop_cart +10\.244\.2\.17 +80\/tcp$/m);
    expect(stdout).toMatch(/^pod\/node-1 +default_node-1 /m);
    expect(stdout).toMatch(/^node\/node-1 +node-1 /m);
    expect(stdout).toMatch(/^multi +default_multi +10\.244\.2\.10 +53\/udp 8080\/tcp 8443\/tcp$/m);
    expect(stdout).toContain('\nEnter   k8s-trace lab exec pod-a -- sh\nor      nsenter -t 4001 -m ip netns exec default_pod-a sh\n');
    expect(stdout).toMatch(/\nEnd it {2}k8s-trace lab down\n$/);
    expect(machine.pending()).toEqual([]);
  });

  test('without root, by other words', async () => {
    const { stdout } = await run('lab up --name mine', fakeMachine({ uid: 1000 }));
    expect(stdout).toContain('\nEnter   k8s-trace lab exec a --name mine -- sh\n');
    expect(stdout).toContain('\nor      nsenter -t 4001 -U --preserve-credentials -m nsenter --net=/run/netns/default_a sh\n');
    expect(stdout).toContain('\nEnd it  k8s-trace lab down --name mine\n');
  });

  test.each([
    ['lab up --name Upper', /"Upper" is no name/],
    ['lab up --name a_b', /"a_b" is no name/],
    ['lab up --name verify-0', /"verify-0" is no name/],
    ['lab up a', /too many/],
  ])('%s', async (argv, says) => {
    const { status, stderr } = await run(argv);
    expect(status).toBe(2);
    expect(stderr).toMatch(says);
  });

  test('a second one needs another name', async () => {
    const machine = fakeMachine();
    expect((await run('lab up', machine)).status).toBe(0);
    const again = await run('lab up', machine);
    expect([again.status, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toMatch(/a lab "lab" is up already\n.*lab down --name lab.*--name/);
    expect((await run('lab up --name other', machine)).status).toBe(0);
    expect(machine.processes()).toHaveLength(2);
  });

  test('what fails in the middle leaves nothing', async () => {
    const machine = fakeMachine({ deaf: 'bind 10.244.1.10:80: in use' });
    const { status, stderr } = await run('lab up', machine, { files: { 'topology.yaml': NAMES } });
    expect(status).toBe(2);
    expect(stderr).toContain('bind 10.244.1.10:80: in use');
    expect(machine.processes()).toEqual([]);
  });
});

describe('lab exec', () => {
  /** In the same directory as here, where there is such. */
  const HERE =
    'sh -c cd "$1" 2> /dev/null; command -v "$3" > /dev/null || [ -e "$3" ] || { printf "%s\\n" "$2" >&2; exit 127; }; shift 2; exec "$@" k8s-trace /home/me';
  const missing = (program: string) => `k8s-trace: ${program}: there is no such program; a lab has those of this machine`;
  const world: World = { files: { 'topology.yaml': NAMES } };
  async function withLab(answers: Answers = {}): Promise<FakeMachine> {
    const machine = fakeMachine(answers);
    expect((await run('lab up', machine, world)).status).toBe(0);
    return machine;
  }
  const attached = (machine: FakeMachine) => machine.done.filter((d) => d.startsWith('attach'));

  test.each<readonly [string, string]>([
    ['multi', 'default_multi'],
    ['pod/pod-a', 'default_pod-a'],
    ['default/multi', 'default_multi'],
    ['shop/cart', 'shop_cart'],
    ['shop/pod/cart', 'shop_cart'],
    ['cart -n shop', 'shop_cart'],
    ['app@shop/cart', 'shop_cart'],
    ['node-2', 'node-2'],
    ['node/node-1', 'node-1'],
    ['pod/node-1', 'default_node-1'],
  ])('%s is the namespace %s', async (place, file) => {
    const machine = await withLab();
    const { status } = await run(`lab exec ${place} -- ip -4 route`, machine);
    expect(status).toBe(0);
    expect(attached(machine)).toEqual([`attach nsenter -t 4001 -m ip netns exec ${file} ${HERE} ${missing('ip')} ip -4 route`]);
  });

  test('what follows -- is the command, also where it looks like flags of ours; the exit status is its own', async () => {
    const machine = await withLab({ status: 7, uid: 1000 });
    const { status } = await run(['lab', 'exec', '--name', 'lab', 'multi', '--', 'ls', '-f', '--name', 'x y', '--', '-o'], machine);
    expect(status).toBe(7);
    expect(attached(machine)).toEqual([
      `attach nsenter -t 4001 -U --preserve-credentials -m nsenter --net=/run/netns/default_multi ${HERE} ${missing('ls')} ls -f --name x y -- -o`,
    ]);
  });

  test.each([
    ['lab exec multi ls -f x', 'ls -f x'],
    ['lab exec multi ip -4 -o route --help', 'ip -4 -o route --help'],
    ['lab exec --name lab multi -n default sh -c id', 'sh -c id'],
    ['-n default lab exec multi ls -- -f', 'ls -- -f'],
    ['lab exec -- multi ls -f', 'ls -f'],
    ['lab exec -- multi -- ls -f', 'ls -f'],
    ['lab exec multi -- -- ls -f', 'ls -f'],
    ['-v lab exec multi --color never -- ls -f', 'ls -f'],
  ])('%s: what stands behind the place is the command, with -- or without', async (argv, command) => {
    const machine = await withLab();
    const { status } = await run(argv, machine);
    expect(status).toBe(0);
    const [program = ''] = command.split(' ');
    expect(attached(machine)).toEqual([`attach nsenter -t 4001 -m ip netns exec default_multi ${HERE} ${missing(program)} ${command}`]);
  });

  test.each(['pod/lab exec -o json', 'pod/lab -o json exec'])('%s is a trace of pods with such names', async (argv) => {
    const files = { 'topology.yaml': TWO_PODS.replaceAll('name: a,', 'name: lab,').replaceAll('name: b,', 'name: exec,') };
    expect(JSON.parse((await run(argv, fakeMachine(), { files })).stdout)).toMatchObject({ source: { name: 'lab' } });
  });

  test.each<readonly [string, RegExp]>([
    ['lab exec', /where to, and which command/],
    ['lab exec multi', /multi: which command/],
    ['lab exec multi --', /multi: which command/],
    ['lab exec -- --', /where to, and which command/],
    ['lab exec -- ip route', /no pod or node "ip"/],
    ['lab exec multi -x', /unknown option '-x'/],
    ['lab exec mlti -- true', /no pod or node "mlti"\n.*did you mean multi/],
    ['lab exec cart -- true', /no pod or node "cart"\n.*did you mean shop\/cart/],
    ['lab exec nonsense-of-all-sorts -- true', /there are: .*node-1/],
    ['lab exec node-1 -- true', /node-1 is ambiguous[\s\S]*pod\/node-1 or node\/node-1/],
    ['lab exec svc/web -- true', /svc\/web is a service/],
    ['lab exec multi:80 -- true', /a place has no port/],
    ['lab exec _underlay -- true', /no pod or node/],
    ['lab exec internet -- true', /the lab has no pod or node "internet"/],
    ['lab exec multi --name othr -- true', /no lab "othr"/],
  ])('%s: exit status 2, and nothing is run', async (argv, says) => {
    const machine = await withLab();
    const { status, stderr } = await run(argv, machine);
    expect(status).toBe(2);
    expect(stderr).toMatch(says);
    expect(attached(machine)).toEqual([]);
  });

  test('no lab: how to start one', async () => {
    const { status, stderr } = await run('lab exec a -- true');
    expect(status).toBe(2);
    expect(stderr).toMatch(/no lab is up\n.*k8s-trace lab up/);
  });

  test('several labs: which?', async () => {
    const machine = await withLab();
    await run('lab up --name other', machine, world);
    const { status, stderr } = await run('lab exec multi -- true', machine);
    expect(status).toBe(2);
    expect(stderr).toMatch(/several labs are up: lab, other\n.*--name/);
    expect((await run('lab exec multi --name other -- true', machine)).status).toBe(0);
  });

  test("another user's lab is not ours", async () => {
    const machine = await withLab();
    const { status, stderr } = await run('lab exec multi -- true', { ...machine, uid: 1000 });
    expect(status).toBe(2);
    expect(stderr).toMatch(/no lab is up\n.*root has one: use sudo \(lab\)/);
  });
});

describe('lab down', () => {
  test('nothing to end is no error', async () => {
    for (const argv of ['lab down', 'lab down --all', 'lab down --name x']) {
      const { status, stdout, stderr } = await run(argv);
      expect([argv, status, stdout]).toEqual([argv, 0, '']);
      expect(stderr).toMatch(/^k8s-trace: (no lab is up|there is no lab "x")\n$/);
    }
  });

  test('a name that none of those that are up has is a slip', async () => {
    const machine = fakeMachine();
    await run('lab up --name one', machine);
    const { status, stderr } = await run('lab down --name on', machine);
    expect([status, stderr]).toEqual([2, 'k8s-trace: there is no lab "on"\n  did you mean one?\n']);
  });

  test('ends the only one, by killing its holder and nothing else', async () => {
    const machine = fakeMachine();
    await run('lab up', machine);
    expect(await run('lab down', machine)).toMatchObject({ status: 0, stdout: 'the lab "lab" is gone\n', stderr: '' });
    expect(machine.done.filter((d) => d.startsWith('kill'))).toEqual(['kill 4001']);
    expect(machine.processes()).toEqual([]);
  });

  test('of several, those that are named', async () => {
    const machine = fakeMachine();
    for (const name of ['one', 'two', 'three']) await run(`lab up --name ${name}`, machine);
    const unclear = await run('lab down', machine);
    expect(unclear.status).toBe(2);
    expect(unclear.stderr).toMatch(/several labs are up: one, three, two\n.*--all/);
    expect((await run('lab down --all --name one', machine)).status).toBe(2);
    expect(await run('lab down --name two', machine)).toMatchObject({ status: 0, stdout: 'the lab "two" is gone\n' });
    expect(await run('lab down --all', machine)).toMatchObject({ status: 0, stdout: 'the lab "one" is gone\nthe lab "three" is gone\n' });
    expect(machine.processes()).toEqual([]);
  });

  test('a lab of lab verify comes and goes by itself', async () => {
    const machine = fakeMachine();
    await startLab(machine, 'verify-0');
    const up = machine.processes();
    expect(await run('lab down --all', machine)).toMatchObject({ status: 0, stdout: '' });
    expect(up).toHaveLength(1);
    expect(machine.processes()).toEqual(up);
  });

  test('a process that only has our word in it is left alone', async () => {
    const machine = fakeMachine();
    const words = ['sh', '-c', 'grep k8s-trace-lab', 'k8s-trace-lab', 'lab', 'root'];
    await run('lab down --all', { ...machine, processes: () => [{ pid: 9, uid: 0, words }] });
    expect(machine.done).toEqual([]);
  });
});

describe('lab script', () => {
  test.each(['linux', 'darwin', 'win32'])('needs nothing of the machine: %s', async (platform) => {
    const machine = fakeMachine({ platform, missing: ['ip'], uid: 1000 });
    const { status, stdout, stderr } = await run('lab script', machine);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^#!\/bin\/sh\n/);
    expect(stdout).toContain('netns add default_a');
    expect(machine.done).toEqual([]);
  });

  test('is what is run', async () => {
    const scripts: string[] = [];
    const machine = fakeMachine();
    const { stdout } = await run('lab script');
    const noting = (command: readonly string[], stdin: string) => {
      scripts.push(stdin);
      return machine.run(command, stdin);
    };
    await run('lab up', { ...machine, run: noting });
    expect(scripts.at(-1)).toBe(stdout);
  });
});
