import { describe, expect, test } from 'vitest';
import type { DriftDocument } from '../../src/index.ts';
import { run } from '../cli/fake-io.ts';

/**
 * Rules of policy enforcers in the place of policies: pod b takes a's packets and no others. The rules are as the programs write them, as far as they decide. What is
 * expected follows from the rules: whose chain or set is gone is open, or closed.
 */

const world = (cni: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, ${cni}, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, labels: { app: a }, containers: [ { name: c, ports: [ { containerPort: 8080 } ] } ] }
  - { name: x, node: node-1, ip: 10.244.1.11, labels: { app: x }, containers: [ { name: c, ports: [ { containerPort: 8080 } ] } ] }
  - { name: b, node: node-2, ip: 10.244.2.10, labels: { app: b }, containers: [ { name: c, ports: [ { containerPort: 8080 } ] } ] }
internet: { gateway: { ip: 192.168.1.1 } }
networkPolicies:
  - { name: b, podSelector: { matchLabels: { app: b } }, ingress: [ { from: [ { podSelector: { matchLabels: { app: a } } } ] } ] }
`;

const table = (chains: readonly string[], rules: string) =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${chains.map((c) => `:${c} - [0:0]\n`).join('')}${rules}COMMIT\n`;

interface Enforced {
  readonly name: string;
  readonly cni: string;
  readonly files: Readonly<Record<string, string>>;
  /** A line without which pod b is open, and what is left of its chain. */
  readonly leadsToPod: RegExp;
  /** A line without which what policies let pass is refused. */
  readonly letsPass: RegExp;
}

const POD_FW = 'KUBE-POD-FW-LRCPJNWZQ5EDSB6L';
const NWPLCY = 'KUBE-NWPLCY-7GK2QXNVEJT4WFUH';

const ENFORCERS: readonly Enforced[] = [
  {
    name: 'kube-router',
    cni: 'cni: bridge, networkPolicy: kube-router',
    files: {
      'iptables-save': table(
        [POD_FW, NWPLCY],
        `-A FORWARD -d 10.244.2.10/32 -j ${POD_FW}
-A ${POD_FW} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ${POD_FW} -d 10.244.2.10/32 -m comment --comment "run through nw policy b" -j ${NWPLCY}
-A ${POD_FW} -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable
-A ${NWPLCY} -m set --match-set KUBE-SRC-A src -j MARK --set-xmark 0x10000/0x10000
`,
      ),
      'ipset-save': 'create KUBE-SRC-A hash:ip family inet hashsize 1024 maxelem 65536\nadd KUBE-SRC-A 10.244.1.10\n',
    },
    leadsToPod: /^-A FORWARD .*\n/m,
    letsPass: /^add KUBE-SRC-A 10.244.1.10\n/m,
  },
  {
    name: 'weave-npc',
    cni: 'cni: bridge, networkPolicy: weave-npc',
    files: {
      'iptables-save': table(
        ['WEAVE-NPC', 'WEAVE-NPC-DEFAULT', 'WEAVE-NPC-INGRESS'],
        `-A FORWARD -o cni0 -j WEAVE-NPC
-A FORWARD -o cni0 -j DROP
-A WEAVE-NPC -m state --state RELATED,ESTABLISHED -j ACCEPT
-A WEAVE-NPC -m state --state NEW -j WEAVE-NPC-DEFAULT
-A WEAVE-NPC -m state --state NEW -j WEAVE-NPC-INGRESS
-A WEAVE-NPC-DEFAULT -m set --match-set weave-default dst -j ACCEPT
-A WEAVE-NPC-INGRESS -m set --match-set weave-a src -m set --match-set weave-b dst -j ACCEPT
`,
      ),
      'ipset-save': `create weave-default hash:ip family inet hashsize 1024 maxelem 65536
create weave-a hash:ip family inet hashsize 1024 maxelem 65536
add weave-a 10.244.1.10
create weave-b hash:ip family inet hashsize 1024 maxelem 65536
add weave-b 10.244.2.10
`,
    },
    leadsToPod: /^-A FORWARD -o cni0 -j (WEAVE-NPC|DROP)\n/gm,
    letsPass: /^add weave-a 10.244.1.10\n/m,
  },
  {
    name: 'calico',
    cni: 'cni: calico',
    files: {
      'iptables-save': table(
        ['cali-FORWARD', 'cali-to-wl-dispatch', 'cali-tw-calib', 'cali-pi-_b'],
        `-A FORWARD -j cali-FORWARD
-A cali-FORWARD -o cali+ -j cali-to-wl-dispatch
-A cali-to-wl-dispatch -o calib -g cali-tw-calib
-A cali-to-wl-dispatch -j DROP
-A cali-tw-calib -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A cali-tw-calib -j MARK --set-xmark 0x0/0x10000
-A cali-tw-calib -m comment --comment "Start of policies" -j cali-pi-_b
-A cali-tw-calib -m mark --mark 0x10000/0x10000 -j RETURN
-A cali-tw-calib -m comment --comment "Drop if no policies passed packet" -j DROP
-A cali-pi-_b -m comment --comment "Policy default/knp.default.b ingress" -m set --match-set cali40s:a src -j MARK --set-xmark 0x10000/0x10000
`,
      ),
      'ipset-save': 'create cali40s:a hash:net family inet hashsize 1024 maxelem 65536\nadd cali40s:a 10.244.1.10\n',
      'ip-route':
        '10.244.2.10 dev calib scope link\n10.244.1.0/24 via 192.168.1.11 dev eth0\n192.168.1.0/24 dev eth0 scope link src 192.168.1.12\ndefault via 192.168.1.1 dev eth0\n',
    },
    leadsToPod: /^-A FORWARD -j cali-FORWARD\n/m,
    letsPass: /^add cali40s:a 10.244.1.10\n/m,
  },
];

async function driftOf({ cni }: Enforced, files: Readonly<Record<string, string>>): Promise<DriftDocument> {
  const all = {
    'world.yaml': world(cni),
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`state/node-2/${name}`, text])),
  };
  const { stdout, stderr } = await run('drift -f world.yaml --node-state state -o json --from pod/a --from pod/x --to pod/b', {
    files: all,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const without = (files: Readonly<Record<string, string>>, pattern: RegExp) => {
  const changed = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replace(pattern, '')]));
  if (JSON.stringify(changed) === JSON.stringify(files)) throw new Error(`${pattern} is nowhere`);
  return changed;
};

const told = ({ flows }: DriftDocument) =>
  flows.map((f) => [f.source, f.should.code ?? f.should.outcome, f.has.code ?? f.has.outcome, f.cause?.kind, f.cause?.policyDrift]);
const OPEN = [['Pod/default/x', 'POLICY_DEFAULT_DENY', 'delivered', 'policy-rules', true]];

describe.each(ENFORCERS)('$name', (enforced) => {
  test('its rules say what the policies say', async () => {
    expect(told(await driftOf(enforced, enforced.files))).toEqual([]);
  });

  test('nothing leads to the chain of the pod: it is open', async () => {
    const drift = await driftOf(enforced, without(enforced.files, enforced.leadsToPod));
    expect(told(drift)).toEqual(OPEN);
    expect(drift.flows[0]?.cause?.restore.by).toBe(enforced.name);
  });

  test('a member of a set is not there: what policies let pass is refused', async () => {
    const [flow, ...others] = (await driftOf(enforced, without(enforced.files, enforced.letsPass))).flows;
    expect([flow?.source, flow?.should.outcome, flow?.has.code?.slice(0, 7), flow?.cause?.kind, others]).toEqual([
      'Pod/default/a',
      'delivered',
      'FILTER_',
      'policy-rules',
      [],
    ]);
  });
});

test.each(ENFORCERS.filter(({ name }) => name !== 'calico'))(
  '$name has no rules at all: what policies refuse is let pass',
  async (enforced) => {
    const drift = await driftOf(enforced, { 'iptables-save': table([], '-A FORWARD -i docker0 -j ACCEPT\n') });
    expect(told(drift)).toEqual(OPEN);
    expect(drift.flows[0]?.cause?.text).toBe(`policies refuse it, and no rule of ${enforced.name}, which is to enforce them, is there`);
  },
);

// It may do it by BPF programs, of which no rule tells.
test('Calico has no rules on any node: its policies are taken to hold', async () => {
  const [, , calico] = ENFORCERS;
  if (calico === undefined) throw new Error('there is Calico');
  const files = { ...calico.files, 'iptables-save': table([], '-A FORWARD -i docker0 -j ACCEPT\n') };
  expect(told(await driftOf(calico, files))).toEqual([]);
});
