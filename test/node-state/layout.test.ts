import { describe, expect, test } from 'vitest';
import { place } from '../../src/node-state/layout.ts';
import type { StateFile } from '../../src/node-state/recognise.ts';

/** Whose a file is, by the folders and the name that it has below the directory that somebody named. */

const NODES = ['node-1', 'node-1-a', 'worker.example.com', 'ip-10-0-0-1'];
const names = new Map([
  ...NODES.map((n) => [n, n] as const),
  ['worker', 'worker.example.com'],
  ['10.0.0.9', 'node-1'],
  ['cilium-ab12c', 'node-1-a'],
]);
const file = (path: string, text = ''): StateFile => ({ name: path, path, text });
const ofOne = (path: string, all = names) => {
  const { byNode, strangers, homeless } = place({ node: null, files: [file(path)] }, all);
  return [...byNode.keys()][0] ?? ([...strangers.keys()].map((s) => `? ${s}`)[0] || (homeless.length > 0 ? 'nobody' : 'left out'));
};

describe('a node', () => {
  test.each([
    ['node-1/iptables-save', 'node-1'],
    ['node-1-a/iptables-save', 'node-1-a'],
    ['2026-12-01/node-1/any/what', 'node-1'],
    ['node-1.iptables-save', 'node-1'],
    ['node-1-iptables-save', 'node-1'],
    ['node-1_routes.txt', 'node-1'],
    ['node-1.txt', 'node-1'],
    ['node-1-a-iptables-save', 'node-1-a'],
    ['node-1-a.txt', 'node-1-a'],
    ['ip-10-0-0-1.iptables-save', 'ip-10-0-0-1'],
    ['worker.example.com/x', 'worker.example.com'],
    ['worker/x', 'worker.example.com'],
    // As `uname -n` has it, where the node's name is without a domain.
    ['node-1.example.com/x', 'node-1'],
    ['ip-10-0-0-1.ec2.internal/x', 'ip-10-0-0-1'],
    ['node-2.example.com/x', '? node-2.example.com'],
    ['worker.other.com/x', '? worker.other.com'],
    ['host_network_logs/ip-route4-node-1.log', 'node-1'],
    ['sos_info/networking/10.0.0.9-ip -4 rule.log', 'node-1'],
    ['node-2/iptables-save', '? node-2'],
    ['node-12.iptables-save', '? node-12'],
    ['iptables-save', 'nobody'],
    ['ip-route', 'nobody'],
    ['cmd/hostname.md', 'left out'],
  ])('%s: %s', (path, node) => {
    expect(ofOne(path)).toBe(node);
  });

  test('what names nobody is the only node’s', () => {
    expect(
      ofOne(
        'iptables-save',
        new Map([
          ['a', 'a'],
          ['host-a', 'a'],
        ]),
      ),
    ).toBe('a');
  });

  test('and so it may be called where somebody says it', () => {
    expect([...place({ node: 'node-1.example.com', files: [file('x')] }, names).byNode.keys()]).toEqual(['node-1']);
  });

  test('what somebody said counts', () => {
    const { byNode } = place({ node: 'worker', files: [file('node-1/x'), file('y')] }, names);
    expect([...byNode].map(([node, files]) => [node, files.length])).toEqual([['worker.example.com', 2]]);
  });
});

/** As `cilium-dbg status --verbose` has it. */
const STATUS = `Cluster health:   2/2 reachable   (2026-12-01T04:00:00Z)
  Name                     IP             Node   Endpoints
  kind/node-1 (localhost):
    Host connectivity to 172.18.0.2:
      ICMP to stack:   OK, RTT=123.456µs
  kind/node-2:
`;

test('a folder with a file of the name of its host is of that', () => {
  const files = [file('x/hostname', 'node-1\n'), file('x/iptables-save'), file('x/more/ip-route'), file('y/ip-route')];
  const { byNode, strangers } = place({ node: null, files }, names);
  expect([...byNode].map(([node, placed]) => [node, placed.map((f) => f.path)])).toEqual([
    ['node-1', ['x/iptables-save', 'x/more/ip-route']],
  ]);
  expect([...strangers.keys()]).toEqual(['y']);
});

describe('bundles', () => {
  const of = (...files: readonly StateFile[]) =>
    [...place({ node: null, files }, names).byNode].map(([node, placed]) => [node, placed.map((f) => f.path)]);

  test('a sosreport, by its folder or by the name of its host', () => {
    const route = 'sosreport-node-1-2026-12-01-abcdefg/sos_commands/networking/ip_route_show_table_all';
    expect(of(file(route))).toEqual([['node-1', [route]]]);
    const other = 'x/sos_commands/networking/ip_route_show_table_all';
    for (const said of ['x/etc/hostname', 'x/hostname', 'x/sos_commands/host/hostname'])
      expect(of(file(said, 'worker\n'), file(other))).toEqual([['worker.example.com', [other]]]);
    expect(of(file('x/hostname', 'node-1.example.com\n'), file(other))).toEqual([['node-1', [other]]]);
  });

  test("Cilium's bugtool, by its hostname or by the pod of the agent", () => {
    const rules = 'cilium-bugtool-cilium-zz9zz-20261201-040000/cmd/iptables-save--c.md';
    const host = file('cilium-bugtool-cilium-zz9zz-20261201-040000/cmd/hostname.md', '# hostname\n\n```\nnode-1\n```\n');
    expect(of(host, file(rules))).toEqual([['node-1', [rules]]]);
    const status = file('cilium-bugtool-cilium-zz9zz-20261201-040000/cmd/cilium-dbg-status--verbose.md', STATUS);
    expect(of(file(rules), status)).toEqual([['node-1', [rules]]]);
    const byPod = 'bugtool-cilium-ab12c-20261201-040000/cmd/ip--6-r.md';
    expect(of(file(byPod))).toEqual([['node-1-a', [byPod]]]);
  });
});
