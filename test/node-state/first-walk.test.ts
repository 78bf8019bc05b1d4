import { expect, it } from 'vitest';
import { walkFirst } from '../../src/first-walk.ts';
import { loadNetwork } from '../../src/index.ts';
import { stateOf } from '../../src/topology/read-state.ts';

const TOPOLOGY = JSON.stringify({
  apiVersion: 'k8s-trace/v1',
  kind: 'Topology',
  cluster: { podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12' },
  nodes: [{ name: 'node-1', ip: '192.168.1.11', podCIDR: '10.244.0.0/16' }],
});
const WITH_POD = JSON.stringify({
  ...JSON.parse(TOPOLOGY),
  pods: [{ name: 'web', namespace: 'shop', node: 'node-1', ip: '10.244.0.9' }],
});
const WITH_PODS = JSON.stringify({
  ...JSON.parse(WITH_POD),
  pods: ['web', 'db'].map((name, i) => ({ name, namespace: 'shop', node: 'node-1', ip: `10.244.0.${i + 2}` })),
});

const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** kube-proxy's first rule to a service comes behind others. */
const save = (rules: number) => `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-A - [0:0]
-A PREROUTING -j KUBE-SERVICES
${lines(rules, (i) => `-A KUBE-SERVICES -s 10.0.0.0/8 -p tcp -m tcp --dport ${i + 1} -j RETURN`)}
-A KUBE-SERVICES -d 10.96.0.7/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-A
COMMIT
`;

const nft = (chains: number) => `table ip kube-proxy {
\tmap service-ips {
\t\ttype ipv4_addr . inet_proto . inet_service : verdict
\t\telements = { 10.96.0.8 . tcp . 80 : goto service-0 }
\t}

${lines(chains, (i) => `\tchain service-${i} {\n\t\tdrop\n\t}\n`)}
}
`;

/** As iptables-nft writes them: services are in rules. */
const iptablesNft = (rules: number) => `table ip nat {
\tchain KUBE-SERVICES {
\t\tip daddr 10.96.0.9 tcp dport 53 counter packets 0 bytes 0 jump KUBE-SVC-0
\t}

${lines(rules, (i) => `\tchain KUBE-SVC-${i} {\n\t\treturn\n\t}\n`)}
}
`;

it.each([
  ['a small node waits for its first question', save(100), WITH_POD, []],
  ['a pod of a large one calls a service', save(6000), WITH_POD, [['shop/web', '10.96.0.7:443']]],
  [
    'and where there is one, another pod',
    save(6000),
    WITH_PODS,
    [
      ['shop/web', '10.96.0.7:443'],
      ['shop/web', 'shop/db'],
    ],
  ],
  [
    'of a node without pods a stranger does, and where none may come, the node',
    save(6000),
    TOPOLOGY,
    [
      ['198.51.100.1', '10.96.0.7:443'],
      ['node/node-1', '10.96.0.7:443'],
    ],
  ],
  ['a map of nft has its services', nft(6000), WITH_POD, [['shop/web', '10.96.0.8:80']]],
  ['rules of iptables-nft have theirs', iptablesNft(6000), WITH_POD, [['shop/web', '10.96.0.9:53']]],
  ['nothing is called where no rule is about a service', nft(6000).replace('10.96.0.8 . tcp . 80 : goto service-0', ''), WITH_POD, []],
])('%s', (_, printed, topology, asked) => {
  const files = [{ name: 'state', bytes: Buffer.from(printed) }];
  const loaded = loadNetwork([{ name: 'topology.json', bytes: Buffer.from(topology) }], { nodeState: [{ node: 'node-1', files }] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  const requests: string[][] = [];
  walkFirst(loaded.value, ({ source, destination }) => {
    requests.push([source, destination]);
    return { ok: source !== '198.51.100.1' };
  });
  expect(requests).toEqual(asked);
});

it('files of a node are read once, for each name that it may have', () => {
  const one = { name: 'a', path: 'a', text: save(1) };
  const other = { name: 'a', path: 'a', text: save(2) };
  const state = stateOf('node-1', [one]);
  expect(stateOf('node-1', [one])).toBe(state);
  expect(stateOf('node-2', [one])).not.toBe(state);
  expect(stateOf('node-1', [one, other])).not.toBe(state);
  expect(stateOf('node-1', [other])).not.toBe(state);
});
