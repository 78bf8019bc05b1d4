import { describe, expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';
import { driftOf } from './world.ts';

/**
 * Objects that name no CNI plugin, and no gateway: one that is made in its place decides on nothing. The node's real gateway has a route to
 * pods of others in a cloud, and none elsewhere; what is behind it translates nodes' addresses, or has public ones.
 */

const pod = (name: string, node: number, nth: number) => `- apiVersion: v1
  kind: Pod
  metadata: { name: ${name}, namespace: default }
  spec: { nodeName: node-${node}, containers: [ { name: c, image: c, ports: [ { containerPort: 8080 } ] } ] }
  status: { phase: Running, podIP: 10.244.${node}.${nth}, podIPs: [ { ip: 10.244.${node}.${nth} } ], conditions: [ { type: Ready, status: "True" } ] }
`;
const node = (n: number) => `- apiVersion: v1
  kind: Node
  metadata: { name: node-${n} }
  spec: { podCIDR: 10.244.${n}.0/24, podCIDRs: [ 10.244.${n}.0/24 ] }
  status: { addresses: [ { type: InternalIP, address: 192.168.60.1${n} } ] }
`;
const OBJECTS = `apiVersion: v1\nkind: List\nitems:\n${node(1)}${node(2)}${pod('a', 1, 2)}${pod('b', 2, 2)}`;

const MASQUERADE = '-A POSTROUTING -s 10.244.1.0/24 ! -d 10.244.0.0/16 -j MASQUERADE\n';
const save = (nat: string) => `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
${nat}COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
`;
const TO_OTHERS = '10.244.2.0/24 via 192.168.60.12 dev eth0\n';
const routes = (more: string) => `default via 192.168.60.1 dev eth0
10.244.1.2 dev vetha scope link
192.168.60.0/24 dev eth0 proto kernel scope link src 192.168.60.11
${more}`;
const files = (more: string, nat: string) => ({
  'world.yaml': OBJECTS,
  'state/node-1/iptables-save': save(nat),
  'state/node-1/ip-route': routes(more),
  'state/node-1/sysctl': 'net.ipv4.ip_forward = 1\n',
});

const told = async (flow: string, more: string, nat: string, objects = OBJECTS) => {
  const given = { ...files(more, nat), 'world.yaml': objects };
  const { stdout } = await run(`${flow} -f world.yaml --node-state state -o json`, { files: given });
  const { outcome, reason, paths } = JSON.parse(stdout);
  return { says: `${outcome} ${reason?.code ?? ''}`.trim(), fix: reason?.fix ?? [], at: paths[0].forward.hops.at(-1).node };
};

describe('a trace', () => {
  test.each([
    ["by the node's own route", 'a b:8080', TO_OTHERS, 'delivered'],
    ["without one, by the node's default route", 'a b:8080', '', 'undetermined FACT_MISSING'],
    ['the answer, without one', 'node/node-2 a:8080', '', 'delivered'],
    ['the answer to a pod, without one', 'b a:8080', '', 'undetermined FACT_MISSING'],
  ])('%s', async (_, flow, more, says) => expect((await told(flow, more, '')).says).toBe(says));

  test('says what would tell', async () => {
    const { fix, at } = await told('a b:8080', '', '');
    expect([at, fix]).toEqual([
      'node-1',
      [
        'say which plugin makes the routes between nodes: --cni flannel, calico, bridge, …',
        'or look where it should lead: ip route get 10.244.2.2, on node-1 and on its default gateway',
      ],
    ]);
  });

  test.each([
    ['masqueraded', 'a', 'internet:443', MASQUERADE],
    ['masqueraded, to an address', 'a', '198.51.100.80:443', MASQUERADE],
    ["with the pod's own address", 'a', 'internet:443', ''],
    ['from the node', 'node/node-1', 'internet:443', ''],
    ['from the node, to an address', 'node/node-1', '198.51.100.80:443', ''],
  ])('out to the internet, %s', async (_, from, to, nat) =>
    expect((await told(`${from} ${to}`, TO_OTHERS, nat)).says).toBe('exits LEAVES_INPUT'),
  );
});

/** Pods alone, as `kubectl get pods` prints them: the addresses of their nodes are made, and none that the state could have. */
test('a node whose address is not given fails nothing by the one that stands in', async () => {
  const { says, fix } = await told('a b:8080', TO_OTHERS, '', `apiVersion: v1\nkind: List\nitems:\n${pod('a', 1, 2)}${pod('b', 2, 2)}`);
  expect([says, fix]).toEqual(['undetermined FACT_MISSING', ['give the nodes, too, with -f: kubectl get nodes -o yaml']]);
});

describe('a drift', () => {
  test('a route that is missing where no plugin is known is not the same', async () => {
    const { status, flows } = await driftOf(files('', MASQUERADE));
    expect(status).toBe(3);
    expect(new Set(flows.map((f) => f.cause?.text))).toEqual(
      new Set([
        "node-1 has no route of its own to 10.244.2.2, and whether the gateway that its default route leads to hands pods' packets on the input does not say",
      ]),
    );
    expect(flows.flatMap((f) => f.cause?.restore.commands ?? [])).toEqual([]);
  });

  test("the plugin's masquerade is no fault", async () => {
    const { status } = await driftOf(files(TO_OTHERS, MASQUERADE));
    expect(status).toBe(0);
  });
});
