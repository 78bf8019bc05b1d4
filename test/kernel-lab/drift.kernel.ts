import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDrift } from '../../src/drift/index.ts';
import { type DriftDocument, loadNetwork } from '../../src/index.ts';
import { build, inside, type Lab, startLab } from '../../src/lab/holder.ts';
import { allNetns, fileOf } from '../../src/lab/names.ts';
import { labScript } from '../../src/lab/script.ts';
import { FORMS, printedOn } from './collected.ts';
import { machine, whyNot } from './machine.ts';

/**
 * The law of drift's advice: something is broken on a node in a real kernel, drift says what, and after its commands, run there as they are printed, it says `same`. What
 * a program is to write again is given back as it was saved, which is what the program does.
 */

interface Broken {
  readonly title: string;
  readonly command: string;
  readonly cause: Partial<DriftDocument['flows'][number]['cause']>;
}

const REJECT = '-A FORWARD -i cni0 -j REJECT --reject-with icmp-port-unreachable';
const KILLSWITCH =
  'add table inet vpn; add chain inet vpn out { type filter hook forward priority -10; policy drop; }; add rule inet vpn out oifname "wg0" accept';

const BRIDGE: readonly Broken[] = [
  { title: 'a REJECT first in FORWARD', command: `iptables ${REJECT.replace('-A', '-I')}`, cause: { kind: 'foreign-rule' } },
  {
    title: 'one in a chain of its own, with a comment that a shell would run',
    command: `iptables -N VPN; iptables -A VPN -m comment --comment '$(reboot)' -j DROP; iptables -I FORWARD -j VPN`,
    cause: {
      kind: 'foreign-rule',
      text: "a rule of iptables filter that is not the cluster's comes first, in chain VPN, which is not the cluster's",
    },
  },
  { title: 'the policy of FORWARD', command: 'iptables -P FORWARD DROP', cause: { kind: 'chain-policy' } },
  {
    title: 'the policy, and the chain of kube-proxy that lets answers pass is gone',
    command: 'iptables -P FORWARD DROP; iptables -F FORWARD; iptables -F KUBE-FORWARD; iptables -X KUBE-FORWARD',
    cause: { kind: 'chain-policy' },
  },
  {
    title: 'a drop of the mark that kube-proxy puts on',
    command: 'iptables -I FORWARD -m mark --mark 0x4000/0x4000 -j DROP',
    cause: { kind: 'foreign-rule' },
  },
  {
    title: 'KUBE-SERVICES is emptied',
    command: 'iptables -t nat -F KUBE-SERVICES',
    cause: { kind: 'missing-rule', text: 'chain KUBE-SERVICES of iptables nat is empty' },
  },
  { title: 'the table nat is emptied', command: 'iptables -t nat -F; iptables -t nat -X', cause: { kind: 'missing-table' } },
  { title: 'ports of the node that lead into pods', command: 'iptables -t nat -F CNI-HOSTPORT-DNAT', cause: { kind: 'missing-rule' } },
  { title: 'a killswitch in nft', command: `nft '${KILLSWITCH}'`, cause: { kind: 'chain-policy', part: 'nft inet vpn' } },
  { title: 'no route to the pods of node-2', command: 'ip route del 10.244.2.0/24', cause: { kind: 'missing-route' } },
  { title: 'a route to a wrong next hop', command: 'ip route replace 10.244.2.0/24 via 192.168.1.1', cause: { kind: 'wrong-route' } },
  { title: 'a route by a wrong device', command: 'ip route replace 10.244.2.0/24 dev cni0', cause: { kind: 'wrong-route' } },
  { title: 'a blackhole for one pod', command: 'ip route add blackhole 10.244.2.10', cause: { kind: 'wrong-route' } },
  { title: 'no default route', command: 'ip route del default', cause: { kind: 'missing-route' } },
  {
    title: 'a rule that chooses another table',
    command: 'ip rule add priority 100 from 10.244.1.0/24 lookup 100; ip route add blackhole default table 100',
    cause: { kind: 'routing-rule' },
  },
  { title: 'forwarding', command: 'sysctl -qw net.ipv4.ip_forward=0', cause: { kind: 'setting' } },
  {
    title: 'forwarding of one device',
    command: 'sysctl -qw net.ipv4.conf.cni0.forwarding=0',
    cause: { kind: 'setting', part: 'net.ipv4.conf.cni0.forwarding' },
  },
  {
    title: 'the MAC address of node-2',
    command: 'ip neigh replace 192.168.1.12 lladdr 02:00:00:99:99:99 dev eth0 nud permanent',
    cause: { kind: 'neighbour' },
  },
  { title: 'the address of the bridge', command: 'ip address del 10.244.1.1/24 dev cni0', cause: { kind: 'device' } },
  { title: 'a port of the bridge is down', command: 'ip link set veth0 down', cause: { kind: 'device', text: 'veth0 is down' } },
  {
    title: 'a port that left the bridge',
    command: 'ip link set veth0 nomaster',
    cause: { kind: 'device', text: 'veth0 is not a port of cni0' },
  },
];

const TUNNEL: readonly Broken[] = [
  {
    title: 'no entry for the other node',
    command: 'bridge fdb show dev flannel.1 | while read -r mac _; do bridge fdb del "$mac" dev flannel.1; done',
    cause: { kind: 'fdb' },
  },
  { title: 'no neighbour at the other end', command: 'ip neigh del 10.244.2.0 dev flannel.1', cause: { kind: 'neighbour' } },
  {
    title: 'packets of the tunnel are dropped',
    command: 'iptables -I INPUT -p udp --dport 8472 -j DROP',
    cause: { kind: 'foreign-rule' },
  },
  {
    title: 'FORWARD drops, and a reload took the rules of flannel',
    command: 'iptables -P FORWARD DROP; iptables -F FLANNEL-FWD',
    cause: { kind: 'chain-policy', instead: ['node-1: chain FLANNEL-FWD of iptables filter is empty'] },
  },
];

const BOTH: readonly Broken[] = [
  {
    title: 'forwarding of IPv6',
    command: 'sysctl -qw net.ipv6.conf.all.forwarding=0',
    cause: { kind: 'setting', part: 'net.ipv6.conf.all.forwarding' },
  },
  {
    title: 'no neighbours of IPv6',
    command: 'ip6tables -I INPUT -p ipv6-icmp -j DROP',
    cause: { kind: 'foreign-rule', part: 'ip6tables filter' },
  },
  { title: 'no route of IPv6', command: 'ip -6 route del fd00:10:244:2::/64', cause: { kind: 'missing-route', part: 'ip -6 route' } },
];

const WORLDS: readonly (readonly [string, readonly Broken[]])[] = [
  ['kernel/host-port.yaml', BRIDGE],
  ['kernel/flannel-vxlan.yaml', TUNNEL],
  ['ipv6/dual-stack.yaml', BOTH],
];

const SERVICES = `services:
  - { name: web, clusterIP: 10.96.0.10, type: NodePort, selector: { app: web }, ports: [ { name: http, port: 80, targetPort: http, nodePort: 30080 } ] }
internet:`;

function inputOf(fixture: string) {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures', fixture), 'utf8');
  return [
    { name: 'cluster.yaml', bytes: new TextEncoder().encode(text.includes('services:') ? text : text.replace('internet:', SERVICES)) },
  ];
}

function networkOf(fixture: string, nodeState?: Awaited<ReturnType<typeof printedOn>>) {
  const loaded = loadNetwork(inputOf(fixture), nodeState === undefined ? {} : { nodeState });
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  return loaded.value;
}

const PAIRS = {
  from: [],
  to: [],
  ports: [],
  protocol: null,
  family: null,
  namespace: 'default',
  isWithin: false,
  pods: true,
  anyPort: false,
  blocked: false,
} as const;

async function driftIn(fixture: string, lab: Lab): Promise<DriftDocument> {
  const network = networkOf(fixture, await printedOn(lab, ['node-1', 'node-2'], FORMS.text));
  const drift = findDrift(network, { node: null, pairs: PAIRS, expectations: false, force: false });
  if (!drift.ok) throw new Error(drift.message);
  return drift.value;
}

async function onNode(lab: Lab, script: string): Promise<string> {
  const { stdout, stderr, status } = await machine.run(
    inside(lab, ['nsenter', `--net=/run/netns/${fileOf('node-1')}`, 'sh', '-es']),
    script,
  );
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

/** What programs of the node would write again. */
const SAVED = ['iptables-save', 'ip6tables-save'];
const ENTRIES = `ip neigh show nud permanent | sed 's/^/ip neigh replace /; s/ PERMANENT.*/ nud permanent/'
for dev in $(ip -o link show type vxlan | cut -d: -f2); do bridge fdb show dev "$dev" | sed "s/^/bridge fdb replace /; s/ self permanent/ dev $dev/"; done`;

describe.skipIf(whyNot !== null)(`advice of drift in the kernel${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it.each(WORLDS)('%s', async (fixture, faults) => {
    const { cluster, datapath } = networkOf(fixture);
    const { lab, holder } = await startLab(machine, 'verify-drift');
    try {
      await build(machine, lab, labScript(cluster, allNetns(cluster, datapath)));
      const rules = await Promise.all(SAVED.map((command) => onNode(lab, command)));
      const entries = await onNode(lab, ENTRIES);
      const again = [...SAVED.map((c, i) => `${c.replace('save', 'restore')} <<'EOF'\n${rules[i]}EOF`), entries].join('\n');
      for (const { title, command, cause } of faults) {
        await onNode(lab, command);
        const broken = await driftIn(fixture, lab);
        expect(broken.outcome, title).toBe('different');
        for (const flow of broken.flows)
          expect(flow.cause, `${title}: ${JSON.stringify(flow)}`).toMatchObject({ node: 'node-1', ...cause });
        const restores = broken.flows.flatMap((f) => (f.cause === null ? [] : [f.cause.restore]));
        const commands = [...new Set(restores.flatMap((r) => r.commands))];
        await onNode(lab, [...commands, ...(restores.some((r) => r.by !== null) ? [again] : [])].join('\n'));
        const mended = await driftIn(fixture, lab);
        expect([mended.outcome, mended.flows], `${title}, after ${commands.join('; ')}`).toEqual(['same', []]);
      }
    } finally {
      await holder.close();
    }
  });
});
