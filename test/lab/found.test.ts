import { describe, expect, test } from 'vitest';
import { type FoundState, NOTHING_FOUND } from '../../src/datapath/found-state.ts';
import { nftTable } from '../../src/datapath/netfilter/nft-table.ts';
import { loadNetwork } from '../../src/index.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import { allNetns } from '../../src/lab/names.ts';
import { refusedLine } from '../../src/lab/refused.ts';
import { labScript } from '../../src/lab/script.ts';
import { declaredAt, stateText } from '../../src/node-state/text.ts';
import { networkOf } from '../tracing.ts';

/** What a lab loads of a node's own rules, without a kernel; the messages of programs are those of iptables 1.8.9, nft 1.0.6 and ipset 7.17. */
const CLUSTER = `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge }
nodes: [ { name: n1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }, { name: n2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 } ]
pods: [ { name: web, node: n1, ip: 10.244.1.2 } ]
`;
const network = networkOf(CLUSTER);

function clusterWith(found: FoundState): Cluster {
  const { cluster } = network;
  return { ...cluster, nodes: new Map([...cluster.nodes].map(([name, node]) => [name, name === 'n1' ? { ...node, found } : node])) };
}

const scriptWith = (found: FoundState) => labScript(clusterWith(found), allNetns(network.cluster, network.datapath));

/** The lines of a here document of n1's. */
function given(script: string, command: string, end = ` || refused n1 '${command}'`): readonly string[] {
  const lines = script.split('\n');
  const first = lines.indexOf(`in_netns n1 ${command} <<'END'${end}`);
  return first === -1 ? [] : lines.slice(first + 1, lines.indexOf('END', first));
}

/** A file of iptables-save with these rules in FORWARD of filter. */
function iptables(...rules: readonly string[]): FoundState {
  const text = stateText('n1', 'n1/save', ['*filter', ':FORWARD DROP [3:9]', ':OWN - [0:0]', ...rules, 'COMMIT'].join('\n'));
  const forward = rules.map((_, i) => ({ matches: [], target: null, comment: null, origin: declaredAt(text, 3 + i) }));
  const chains = new Map([
    ['FORWARD', forward],
    ['OWN', []],
  ]);
  const filter = { policies: new Map([['FORWARD', 'DROP'] as const]), chains, origin: declaredAt(text, 0) };
  return { ...NOTHING_FOUND, iptables: { IPv4: new Map([['filter', filter]]), IPv6: new Map() } };
}

function nft(text: string, ...names: readonly string[]): FoundState {
  const { document, lines } = stateText('n1', 'n1/nft', text);
  const tables = names.map((name) => nftTable({ family: 'inet', name, chains: [] }));
  return { ...NOTHING_FOUND, nft: tables, texts: [{ program: 'nft', document, lines, tables: names.map((name) => `inet ${name}`) }] };
}

test('of all settings of a machine those are written that a packet asks, for devices that are there', () => {
  const all = {
    'net.core.rmem_default': 212992,
    'net.ipv4.tcp_ehash_entries': 8192,
    'net.ipv4.icmp_echo_ignore_all': 1,
    'net.ipv4.ip_forward': 1,
    'net.ipv4.conf.eth0.rp_filter': 1,
    'net.ipv4.conf.eth0.log_martians': 1,
    'net.ipv4.conf.dummy7.rp_filter': 1,
    'net.ipv6.conf.dummy7.hop_limit': 64,
  };
  const bytes = new TextEncoder().encode(
    Object.entries(all)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  );
  const loaded = loadNetwork([{ name: 'cluster.yaml', bytes: new TextEncoder().encode(CLUSTER) }], {
    nodeState: [{ node: 'n1', files: [{ name: 'n1/sysctl', bytes }] }],
  });
  if (!loaded.ok) throw new Error('it is well-formed');
  const { cluster, datapath } = loaded.value;
  const lines = given(labScript(cluster, allNetns(cluster, datapath)), 'sh -eu', '');
  // Two of them are kube-proxy's and the bridge's, as they were compiled.
  expect(lines.toSorted()).toEqual([
    'echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables',
    'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet',
    'echo 1 > /proc/sys/net/ipv4/conf/eth0/rp_filter',
    'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
  ]);
});

describe('a table of iptables', () => {
  const script = scriptWith(iptables('[7:420] -A FORWARD -m quota --quota 9 -j DROP', '-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT'));
  test('is restored as it was saved, without the counters', () => {
    expect(given(script, 'iptables-restore')).toEqual([
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD DROP [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':OWN - [0:0]',
      '-A FORWARD -m quota --quota 9 -j DROP',
      '-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
      'COMMIT',
    ]);
  });
  test('stands in the place of the one that was compiled; the others, and other nodes, are as compiled', () => {
    const compiled = (node: string) => {
      const [, text = ''] = script.split(`in_netns ${node} iptables-restore <<'END'\n`);
      return text.split('\nEND')[0]?.match(/^\*\w+$/gm);
    };
    expect([compiled('n1'), compiled('n2')]).toEqual([['*nat'], ['*filter', '*nat']]);
  });
});

describe('nft', () => {
  test('tables that are taken from the text are loaded', () => {
    const text = [
      'table ip nat {',
      '\tchain POSTROUTING {',
      '\t}',
      '}',
      'table inet fw {',
      '\tchain c {',
      '\t\tdrop',
      '\t}',
      '}',
      'table bridge b {',
      '}',
    ];
    const script = scriptWith(nft(text.join('\n'), 'fw'));
    expect(given(script, 'nft -f -')).toEqual(text.slice(4, 9));
  });
  test('a table is taken from one text, and loaded once', () => {
    const text = ['table inet fw {', '}'];
    const once = nft(text.join('\n'), 'fw');
    const twice = { ...once, texts: [...once.texts, ...once.texts.map((t) => ({ ...t, tables: [] }))] };
    expect(given(scriptWith(twice), 'nft -f -')).toEqual(text);
  });
  test('JSON keeps the same', () => {
    const objects = [
      { metainfo: { version: '1' } },
      { table: { family: 'ip', name: 'nat' } },
      { rule: { family: 'ip', table: 'nat', chain: 'c' } },
      { table: { family: 'inet', name: 'fw' } },
      { chain: { family: 'inet', table: 'fw', name: 'c' } },
    ];
    const script = scriptWith(nft(JSON.stringify({ nftables: objects }), 'fw'));
    expect(given(script, 'nft -j -f -')).toEqual([JSON.stringify({ nftables: objects.slice(3) })]);
  });
});

test('sets come before the rules that ask them', () => {
  const { document, lines } = stateText('n1', 'n1/ipset', 'create a hash:ip family inet\nadd a 10.0.0.1\n');
  const script = scriptWith({ ...iptables('-A FORWARD -m set --match-set a src'), texts: [{ program: 'ipset', document, lines }] });
  expect(given(script, 'ipset restore')).toEqual(['create a hash:ip family inet', 'add a 10.0.0.1']);
  expect(script.indexOf('ipset restore')).toBeLessThan(script.indexOf('--match-set'));
});

describe('a line that no program prints is not loaded', () => {
  test.each([
    ['a program that is run', iptables('-A FORWARD -M /tmp/x -j DROP')],
    ['by its long name', iptables('-A FORWARD --modprobe=/tmp/x')],
    ['by a shorter one', iptables('-A FORWARD --modp /tmp/x')],
    ['among other letters', iptables('-A FORWARD -vM/tmp/x')],
    ['in quotes', iptables('-A FORWARD "-M" /tmp/x')],
    ['in quotes with a backslash', iptables('-A FORWARD "\\-M" /tmp/x')],
    ['half in quotes', iptables('-A FORWARD -"M"/tmp/x')],
    ['the end of the document', nft('table inet fw {\nEND\n}', 'fw')],
    ['a file that is read', nft('table inet fw {\n\tchain c { include "/etc/passwd"\n}\n}', 'fw')],
  ])('%s', (_name, found) => {
    expect(() => scriptWith(found)).toThrow(/n1\/\w+:\d: no program prints a line like this/);
  });
  test.each([
    ['a mode', '-A FORWARD -m statistic --mode random --probability 0.5 -j DROP'],
    ['a target in capitals', '-A FORWARD -j MARK --set-xmark 0x4000/0x4000'],
    ['a comment', '-A FORWARD -m comment --comment "END -M include \\"x\\"" -j DROP'],
  ])('%s is', (_name, rule) => {
    expect(given(scriptWith(iptables(rule)), 'iptables-restore')).toContain(rule);
  });
});

describe('what a program does not take is named with its line', () => {
  const filter = iptables('-A FORWARD -j ACCEPT', '-A FORWARD -m foo --bar -j DROP');
  test.each([
    [
      filter,
      "iptables-restore v1.8.9 (nf_tables): Couldn't load match `foo':No such file or directory\n\nError occurred at line: 7\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.\nrefused: n1 iptables-restore\n",
      "n1/save:5: -A FORWARD -m foo --bar -j DROP: this machine does not load it: iptables-restore v1.8.9 (nf_tables): Couldn't load match `foo':No such file or directory",
    ],
    [
      filter,
      'iptables-restore v1.8.9 (nf_tables): \nline 6: RULE_APPEND failed (Invalid argument): rule in chain FORWARD\nrefused: n1 iptables-restore\n',
      'n1/save:4: -A FORWARD -j ACCEPT: this machine does not load it: iptables-restore v1.8.9 (nf_tables): line 6: RULE_APPEND failed (Invalid argument): rule in chain FORWARD',
    ],
    [
      nft('table inet fw {\n\tchain c {\n\t\tfoo\n\t}\n}', 'fw'),
      '/dev/stdin:3:3-5: Error: syntax error, unexpected string\n\t\tfoo\n\t\t^^^\nrefused: n1 nft -f -\n',
      'n1/nft:3: foo: this machine does not load it: /dev/stdin:3:3-5: Error: syntax error, unexpected string',
    ],
    [
      filter,
      'iptables-restore: something else\nrefused: n1 iptables-restore\n',
      'what was found on n1: this machine does not load it: iptables-restore: something else',
    ],
  ])('%#', (found, stderr, message) => {
    expect(refusedLine(stderr, clusterWith(found))?.message).toBe(message);
  });
  test('and what fails for something else is not', () => {
    expect(refusedLine('RTNETLINK answers: Invalid argument\n', clusterWith(filter))).toBeNull();
  });
});

describe('policies', () => {
  const text = `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, networkPolicy: kube-router }
nodes: [ { name: n1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 } ]
pods: [ { name: web, node: n1, ip: 10.244.1.2 } ]
networkPolicies: [ { name: none, podSelector: {}, policyTypes: [Ingress] } ]
`;
  const bytes = (of: string) => new TextEncoder().encode(of);
  const written = (chain: string, ...remarks: readonly string[]) => {
    const save = [
      ...remarks,
      '*filter',
      ':FORWARD ACCEPT [0:0]',
      `:${chain} - [0:0]`,
      `-A FORWARD -d 10.244.1.2 -j ${chain}`,
      `-A ${chain} -j DROP`,
    ];
    const nodeState = [{ node: 'n1', files: [{ name: 'n1/iptables-save', bytes: bytes([...save, 'COMMIT', ''].join('\n')) }] }];
    const loaded = loadNetwork([{ name: 'x.yaml', bytes: bytes(text) }], { nodeState });
    if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
    return labScript(loaded.value.cluster, allNetns(loaded.value.cluster, loaded.value.datapath)).includes('-A POLICY-IN');
  };
  test('are written where the rules that were found stand beside them; not where they enforce, or leave out, what rules alone would', () => {
    const apart = '# Policies are enforced beside these rules.';
    expect([written('SOMEBODY-ELSE', apart), written('KUBE-POD-FW-ABC'), written('SOMEBODY-ELSE')]).toEqual([true, false, false]);
  });
});
