import { describe, expect, test } from 'vitest';
import { run, traceOf, type World } from './fake-io.ts';

/** --node-state on the command line, and what is wrong with what it names. */

const TOPOLOGY = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10 }
  - { name: b, node: node-2, ip: 10.244.2.10 }
`;
const DROPS = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -d 10.244.2.10/32 -j DROP\nCOMMIT\n';
const early = (asked: string) => `*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING ${asked} -j DROP\nCOMMIT\n`;
const PASSES = DROPS.replace('-A FORWARD -d 10.244.2.10/32 -j DROP\n', '');
const world = (files: Readonly<Record<string, string>>, stdin?: string): World => ({
  files: { 'topology.yaml': TOPOLOGY, ...files },
  ...(stdin === undefined ? {} : { stdin }),
});
const ask = (files: Readonly<Record<string, string>>, flags = '--node-state state') => run(`a b:80 -q ${flags}`, world(files));

describe('what was found wins', () => {
  test.each([
    ['a folder of the node', { 'state/node-1/iptables-save': DROPS }, '--node-state state'],
    ['a file called after the node', { 'state/node-1.rules': DROPS }, '--node-state state'],
    ['whatever the folder is called', { 'state/x/y': DROPS }, '--node-state node-1=state'],
    ['a file', { 'rules.txt': DROPS }, '--node-state node-1=rules.txt'],
    ['a file that says its node', { 'node-1-rules.txt': DROPS }, '--node-state node-1-rules.txt'],
    ['several', { 'x.txt': PASSES, 'y.txt': DROPS }, '--node-state node-2=x.txt --node-state node-1=y.txt'],
    ['beside the objects, in the directory of -f', { 'in/topology.yaml': TOPOLOGY, 'in/node-1/iptables-save': DROPS }, '-R -f in'],
  ])('%s', async (_name, files, flags) => {
    const { stderr, ...ran } = await ask(files, flags);
    expect(ran).toMatchObject({ status: 1 });
    expect(stderr).not.toContain('warning');
  });

  test.each([
    ['little', [0xff, 0xfe]],
    ['big', [0xfe, 0xff]],
  ])('UTF-16 with a mark, as PowerShell redirects: %s endian', async (order, mark) => {
    const units = [...DROPS.replaceAll('\n', '\r\n')].map((c) => c.charCodeAt(0));
    const bytes = Uint8Array.from([...mark, ...units.flatMap((unit) => (order === 'little' ? [unit, 0] : [0, unit]))]);
    const { status } = await run('a b:80 -q --node-state node-1=x', { files: { 'topology.yaml': TOPOLOGY, x: bytes } });
    expect(status).toBe(1);
  });

  test.each([
    ['a machine by itself', '10.0.0.5 10.0.0.6:80 --node-state d.tgz', 'tar -xf d.tgz -C dump && k8s-trace --node-state dump'],
    ['beside objects', 'a b:80 -f topology.yaml --node-state d.tgz', 'tar -xf d.tgz -C dump && k8s-trace --node-state dump'],
    ['of objects, in a directory', 'a b:80 -f in', 'tar -xf in/d.tgz -C dump && k8s-trace -R -f dump'],
  ])('an archive is told, with the command that unpacks it: %s', async (_what, line, command) => {
    const tar = Uint8Array.from([...'x\0'.padEnd(257, '\0'), ...'ustar'].map((c) => c.charCodeAt(0)));
    const ran = await run(line, { files: { 'topology.yaml': TOPOLOGY, 'd.tgz': tar, 'in/d.tgz': tar } });
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('this is a tar archive');
    expect(ran.stderr.replace(/\s+/g, ' ')).toContain(command);
  });

  test('standard input', async () => {
    const ran = await run('a b:80 -q --node-state node-1=-', world({}, DROPS));
    expect(ran.status).toBe(1);
  });

  test('the rule is cited with its file and line', async () => {
    const { status, stdout } = await run('a b:80 --node-state node-1=rules.txt', world({ 'rules.txt': DROPS }));
    expect(status).toBe(1);
    expect(stdout).toMatch(/FILTER_DROP[\s\S]*rules\.txt:5:1,\s+Node\/node-1\s+iptables\s+filter\s+FORWARD\s+1/);
  });

  test('the policy of a chain is cited with its own line, whatever rules were passed before', async () => {
    const rules = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:MINE - [0:0]\n-A FORWARD -j MINE\nCOMMIT\n';
    const { status, stdout } = await run('a b:80 --width 300 --node-state node-1=rules.txt', world({ 'rules.txt': rules }));
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /Why +Dropped by the policy of filter FORWARD on node-1 \(rules\.txt:3:1, Node\/node-1 iptables filter FORWARD\)/,
    );
    expect(stdout).toMatch(
      /Fix +Change the policy of FORWARD, or add a rule to it that accepts such packets \(rules\.txt:3\); on node-1:\n {11}iptables -t filter -P FORWARD ACCEPT\n/,
    );
  });

  test('folders below the directory of -f want -R, which is said', async () => {
    const { status, stderr } = await ask({ 'in/topology.yaml': TOPOLOGY, 'in/node-1/iptables-save': DROPS }, '-f in');
    expect([status, stderr]).toEqual([
      0,
      'k8s-trace: in/node-1/iptables-save looks like node state, and is not read: with -R, directories below are\n',
    ]);
  });

  test('without state nothing drops it', async () => {
    expect((await run('a b:80 -q', world({}))).status).toBe(0);
    expect((await ask({ 'state/node-1/iptables-save': PASSES })).status).toBe(0);
  });
});

describe('errors', () => {
  test.each([
    [
      'no such node',
      { 'x.txt': DROPS },
      '--node-state nod-1=x.txt',
      /x.txt: error: this is state of a node nod-1, which is not in the input[\s\S]*did you mean node-1\?/,
    ],
    ['no such path', {}, '--node-state stat', /stat: there is no such file/],
    ['no path', {}, '--node-state node-1=', /the path is missing/],
    ['standard input twice', {}, '--node-state node-1=- --node-state node-2=-', /standard input can be read only once/],
    [
      'whose is it',
      { 'state/iptables-save': DROPS },
      '--node-state state',
      /does not say of which node it is; the input has 2 nodes[\s\S]*node-state-unassigned[\s\S]*--node-state NODE=PATH/,
    ],
    [
      "a node's own folder, named by itself",
      { 'state/node-1/iptables-save': DROPS },
      '--node-state state/node-1',
      /folders count below the path that is named: --node-state node-1=state\/node-1\n/,
    ],
    [
      'the same table twice',
      { 'state/node-1/a': DROPS, 'state/node-1/b': PASSES.replace('FORWARD ACCEPT', 'FORWARD DROP') },
      '--node-state state',
      /state\/node-1\/b:1:1: error: iptables's table filter of node node-1 is in state\/node-1\/a:1, too[\s\S]*node-state-conflict/,
    ],
    [
      'of another node',
      { 'state/node-1/ip-addr': '1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 192.168.1.12/24 scope global eth0\n' },
      '--node-state state',
      /said to be of node node-1, and 192\.168\.1\.12 is an address of node-2[\s\S]*node-state-mixed-up/,
    ],
    [
      'a folder of another node below what is named as one',
      { 's/node-1/a': DROPS, 's/node-2/a': PASSES },
      '--node-state node-1=s',
      /s\/node-2\/a: error: this is said to be of node node-1, and its folder is called after node-2[\s\S]*--node-state s, without a node/,
    ],
    [
      'a file without any state',
      { x: 'hello\n' },
      '--node-state node-1=x',
      /x: error: there is no node state here: no command whose output[\s\S]*node-state-unusable[\s\S]*collect --print/,
    ],
    [
      'a directory of another cluster',
      { 'd/nod-1/x': DROPS },
      '--node-state d',
      /d\/nod-1\/x: error: this is state of a node nod-1, which is not in the input/,
    ],
    ['an empty file', { x: '' }, '--node-state node-1=x', /x: error: there is no node state here: it is empty/],
    ['a directory without any', { 'd/a': 'hello\n', 'd/node-1/b': '' }, '--node-state d', /d: error: there is no node state here: 2 files/],
  ])('%s', async (_name, files, flags, wanted) => {
    const { status, stderr } = await ask(files, flags);
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(wanted) });
  });
});

test.each([
  ['10.0.0.5 svc/web', /there are no objects: write an address, or give them with -f/],
  ['nod-1 10.0.0.5', /did you mean node-1\?; there are no objects/],
  ['internet 10.0.0.5', /no way to the internet\n {2}an address says who is beyond/],
])('a machine without objects is asked for %s', async (argv, says) => {
  const { status, stderr } = await run(`${argv} --node-state state`, { files: { 'state/node-1/x': PASSES } });
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
});

test.each([
  ['iptables -L', 'Chain INPUT (policy ACCEPT)\ntarget\n', /this is what iptables -L prints[\s\S]*collect iptables-save/],
  [
    'ip route get',
    '8.8.8.8 via 192.168.1.1 dev eth0 src 192.168.1.11 uid 0 \n    cache \n',
    /this is what ip route get prints[\s\S]*table all/,
  ],
])('a machine without objects, and only the output of %s', async (_command, text, says) => {
  const { status, stderr } = await run('10.0.0.5 10.0.0.6 --node-state state', { files: { 'state/node-1/x': text } });
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
});

test('state of a node that is not there is left out, however it is named', async () => {
  const { status, stderr } = await ask({ x: DROPS, y: PASSES }, '--node-state nod-1=x --node-state node-2=y');
  expect([status, stderr]).toEqual([0, expect.stringContaining('x: warning: this is state of a node nod-1, which is not in the input')]);
});

test('a machine without objects expects nothing', async () => {
  const { status, stderr } = await run('check --node-state state', { files: { 'state/node-1/x': PASSES } });
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/^k8s-trace: the input: nothing is expected/) });
});

describe('said once', () => {
  test.each([
    [
      'state of a node that is not there',
      { 'state/node-1/x': PASSES, 'state/nod-2/x': PASSES, 'state/nod-2/y': PASSES },
      /state of a node nod-2, which is not in the input[\s\S]*did you mean node-2\?/,
    ],
    [
      'nodes without state',
      { 'state/node-1/x': PASSES },
      /state: note: there is no state of node-2: it stays as\s+compiled \[node-state-missing\]/,
    ],
    [
      'the wrong command',
      { 'state/node-1/x': 'Chain INPUT (policy ACCEPT)\ntarget\n' },
      /this is what iptables -L prints[\s\S]*node-state-unusable[\s\S]*collect iptables-save instead/,
      3,
    ],
    ['a failed one', { 'state/node-1/x': 'iptables-save v1.8.7: Permission denied\n' }, /no output, but an error[\s\S]*collect it as root/],
    ['an empty one', { 'state/node-1/iptables-save': '' }, /iptables-save printed nothing/, 3],
    ['an empty listing of nft', { 'state/node-1/x': PASSES, 'state/node-1/nft-list-ruleset': '' }, /nft list ruleset printed nothing/, 3],
    ['a truncated one', { 'state/node-1/x': DROPS.replace('COMMIT\n', '') }, /node-state-unusable/, 3],
    [
      'lines that are not understood',
      { 'state/node-1/x': 'net.ipv4.ip_forward = 1\nhello there\nand more\n' },
      /2 lines of node state are not understood: -v shows them/,
    ],
    ['files that are none', { 'state/node-1/x': PASSES, 'state/README': 'hello\n' }, /no node state in state\/README: -v says why/],
  ])('%s', async (_name, files, wanted, expected = 0) => {
    const { status, stderr } = await ask(files);
    expect({ status, stderr }).toMatchObject({ status: expected, stderr: expect.stringMatching(wanted) });
    expect(stderr.match(new RegExp(wanted, 'g'))).toHaveLength(1);
  });

  test('a file is named as it was given', async () => {
    const { stderr } = await ask({ 'rules.txt': PASSES }, '--node-state node-1=rules.txt');
    expect(stderr).toMatch(/^rules\.txt: note: there is no state of node-2/);
  });

  test('-v shows each', async () => {
    const files = { 'state/node-1/x': 'net.ipv4.ip_forward = 1\nhello there\n', 'state/README': 'hello\n' };
    const { stderr } = await ask(files, '-v --node-state state');
    expect(stderr).toMatch(/state\/node-1\/x:2:1: note: /);
    expect(stderr).toMatch(/state\/README: note: no command whose output is read prints this/);
  });
});

describe('a single machine, without an object', () => {
  const files = {
    'm/iptables-save': `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.96.0.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.7:8443\n-A PREROUTING -d 10.96.0.11/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 198.51.100.9:443\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -i veth5 -d 198.51.100.0/24 -j DROP\nCOMMIT\n`,
    'm/ip-route':
      'default via 192.168.1.1 dev ens3\n10.0.0.5 dev veth5 scope link\n10.0.0.7 dev veth7 scope link\n192.168.1.0/24 dev ens3 proto kernel scope link src 192.168.1.20\n',
    'm/sysctl': 'net.ipv4.ip_forward = 1\n',
  };
  test.each([
    ['from a pod to a pod', '10.0.0.5 10.96.0.10:443', 'delivered', /10\.0\.0\.7 stands for|pod-10-0-0-7 stands for/],
    ['a rule that asks for a device', '10.0.0.5 10.96.0.11:443', 'dropped', null],
    ['from beyond, and out again', '203.0.113.9 10.96.0.11:443', 'exits', /come in by ens3 of node, the way back to it/],
    ['from beyond to a pod', '203.0.113.9 10.96.0.10:443', 'delivered', null],
    ['by another device', '10.0.0.9 10.96.0.11:443 --in node/veth5', 'dropped', null],
    ['from the machine', 'node 203.0.113.9:80', 'exits', null],
  ])('%s', async (_name, question, outcome, note) => {
    const trace = await traceOf(`${question} --node-state m`, { files });
    expect(trace.outcome).toBe(outcome);
    if (note !== null) expect(trace.assumptions.map((a) => a.message).join('\n')).toMatch(note);
  });

  // Of a bridge's port only bridge -d link tells whether hairpin mode is on: with it the packet arrives, without it the kernel drops it.
  test.each([
    ['its own', '10.244.1.5', 'undetermined'],
    ["another's", '10.244.1.6', 'exits'],
  ])('a service behind a bridge that leads back to a pod: %s', async (_whose, source, outcome) => {
    const bridged = {
      'm/rules': `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.96.0.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.1.5:8080\nCOMMIT\n`,
      'm/ip-route':
        'default via 192.168.1.1 dev ens3\n10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1\n192.168.1.0/24 dev ens3 proto kernel scope link src 192.168.1.20\n',
      'm/sysctl': files['m/sysctl'],
    };
    const { stdout } = await run(`${source} 10.96.0.9:80 --width 400 --node-state m`, { files: bridged });
    expect(stdout.split(' ')[0]).toBe(outcome);
    if (outcome !== 'undetermined') return;
    expect(stdout).toMatch(/sends it back to 10\.244\.1\.5, its own sender, by cni0.*hairpin mode/);
    expect(stdout).toMatch(/Look on node for hairpin:\n +bridge -d link show\n/);
  });

  test('what stands in for a pod is cited by the line that has its address', async () => {
    const { stdout } = await run('10.0.0.5 10.96.0.10:443 -v --node-state m', { files });
    expect(stdout).toMatch(/sends a TCP SYN +m\/ip-route:2|sends a TCP SYN +ip-route:2/);
  });

  test('rules alone: neither by which device it goes nor whether it is for the machine itself is known, and it is said', async () => {
    const trace = await traceOf('10.0.0.5 198.51.100.9:443 --node-state m/iptables-save', { files });
    expect(trace.outcome).toBe('undetermined');
    expect(trace.assumptions.map((a) => a.message).join('\n')).toMatch(
      /no route of node is given: all packets are taken to come and go by one device/,
    );
  });

  test.each([
    ['a set', early('-m set --match-set blocked src'), /nothing that was given has the set blocked/, 'ipset save'],
    ['devices', early('-i cali1'), /nothing that was given has devices or routes/, 'ip -j -d addr'],
  ])('%s that a rule asks for and nothing has is named, with the command that prints it', async (_name, rules, why, command) => {
    const { status, stdout } = await run('10.0.0.5 10.0.0.6:80 --node-state n=m --width 400', { files: { 'm/iptables-save': rules } });
    expect({ status, stdout }).toEqual({ status: 3, stdout: expect.stringMatching(why) });
    expect(stdout).toMatch(new RegExp(`Fix +Give what n has of it with --node-state:\\n +${command}`));
  });

  test.each([
    ['no such device', '10.0.0.9 10.96.0.10:443 --in node/veth6', /node has no such device\n {2}did you mean veth5 or veth7\?/],
    ['no such node', '10.0.0.9 10.96.0.10:443 --in nod/veth5', /there is no node nod\n {2}did you mean node\?/],
    ['no device', '10.0.0.9 10.96.0.10:443 --in node', /expected NODE\/DEVICE\n {2}as node\/eth0/],
    [
      'no such device, without the only node',
      '10.0.0.9 10.96.0.10:443 --in veth6',
      /node has no such device\n {2}did you mean veth5 or veth7\?/,
    ],
    ['no address', 'pod-10-0-0-5 10.96.0.10:443 --in node/veth5', /pod-10-0-0-5 is no address/],
  ])('%s', async (_name, question, wanted) => {
    expect(await run(`${question} --node-state m`, { files })).toMatchObject({ status: 2, stderr: expect.stringMatching(wanted) });
  });

  test('several machines are not one', async () => {
    const two = { 'm/n1/x': DROPS, 'm/n2/x': DROPS };
    expect(await run('10.0.0.5 10.0.0.6:80 --node-state m', { files: two })).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/state of 2 nodes \(n1, n2\), and nothing says how they are connected/),
    });
  });

  test('nothing in it', async () => {
    expect(await run('10.0.0.5 10.0.0.6:80 --node-state m', { files: { 'm/README': 'hello\n' } })).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no file of --node-state has the output of a command that is read/),
    });
  });
});

describe('collect', () => {
  test('a line of kubectl debug for each node', async () => {
    const { status, stdout } = await run('collect --print -f topology.yaml --context prod', world({}));
    expect(status).toBe(0);
    for (const node of ['node-1', 'node-2'])
      expect(stdout).toContain(
        `kubectl --context=prod debug node/${node} --profile=sysadmin -i --image=busybox:1.36 -- chroot /host sh -s <collect.sh >node-state/${node}.txt`,
      );
  });

  test('without an input, for all that kubectl names', async () => {
    expect((await run('collect --print', {})).stdout).toContain('kubectl get nodes -o name | while read -r node; do');
  });

  test.each([
    ['collect', /runs nothing: it prints what to run\n {2}k8s-trace collect --print/],
    ['collect --print --node-state x', /no option --node-state/],
    ['collect --print -o json', /no option -o/],
    ['snapshot --node-state x -f topology.yaml', /snapshot has no option --node-state/],
    ['schema trace --node-state x', /schema has no option --node-state/],
  ])('%s', async (argv, wanted) => {
    expect(await run(argv, world({}))).toMatchObject({ status: 2, stderr: expect.stringMatching(wanted) });
  });
});

describe('commands that ask a cluster, of a machine without objects', () => {
  const files = { 'state/web-1/x': PASSES };
  test.each([
    ['matrix', /a matrix is of the workloads of a cluster, and there are no objects: web-1 is asked packet by packet/],
    ['show services', /there are no objects, and so no services\n {2}k8s-trace show node web-1/],
    ['show pod a', /there are no objects, and so no pods/],
    ['show node web-2', /there is no node web-2/],
    ['validate', /validate is about objects, and there are none/],
    ['policy web-1', /web-1 is a node, and policies are about pods/],
    ['drift', /there are no objects that say what should be on this machine/],
    ['web-1 10.0.0.1 --cni calico', /a flag states cni\.plugin of a cluster, and there are no objects of one/],
  ])('%s', async (argv, says) => {
    const { status, stderr } = await run(`${argv} --node-state state`, { files });
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
  });

  test.each(['show', 'show cluster', 'show node web-1'])('%s shows the machine', async (argv) => {
    const { status, stdout } = await run(`${argv} --node-state state`, { files });
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Node web-1\n/) });
  });

  test('what is not known is not said to be dropped, nor to be stated in a Topology', async () => {
    const { status, stdout } = await run('web-1 www.example.com:80 --node-state state', { files });
    expect({ status, stdout }).toMatchObject({ status: 3, stdout: expect.stringMatching(/ unknown +the input does not say/) });
    expect(stdout).not.toMatch(/ drop |Topology|gateway/);
  });
});
