import { describe, expect, test } from 'vitest';
import { beside, CLUSTER, traceOf } from '../topology/kubernetes/small-cluster.ts';

/** Objects say nothing of what is beside their nodes: what hangs on that is not known, whatever stands in for it. */

const told = (text: string, source: string, destination: string) => {
  const { outcome, reason, paths } = traceOf(text, { source, destination });
  const last = paths[0]?.forward.hops.at(-1);
  return { says: `${outcome} ${reason?.code ?? ''}`.trim(), fix: reason?.fix ?? [], at: last?.node };
};

const LOOK = (address: string) => `look on n1: ip route get ${address}; ping -c1 ${address}; ip neigh show ${address}`;

const SEGMENT = beside('underlay: { segments: [{ name: lan, cidr: 192.168.1.0/24 }] }\n');
const INTERNET = beside('internet: { gateway: { ip: 192.168.1.1 } }\n');

describe('an address that no object has', () => {
  test.each([
    ['on the link of the nodes, from a pod', 'shop/client', '192.168.1.50:5432', '192.168.1.50'],
    ['on the link of the nodes, from a node', 'n1', '192.168.1.50:5432', '192.168.1.50'],
    ['that was made for a gateway', 'shop/client', '192.168.1.1:80', '192.168.1.1'],
    ['that was made for a gateway, pinged', 'n1', '192.168.1.1', '192.168.1.1'],
    ['private, beyond the gateway that was made', 'shop/client', '10.9.9.9:443', '10.9.9.9'],
    ['of the carriers, beyond it', 'n1', '100.64.0.9:443', '100.64.0.9'],
  ])('%s', (_, source, destination, address) => {
    const { says, fix, at } = told(CLUSTER, source, destination);
    expect([says, fix[0], at]).toEqual(['undetermined FACT_MISSING', LOOK(address), 'n1']);
  });

  test.each([
    ['the link is stated', SEGMENT, 'n1', '192.168.1.50:5432', 'rejected NEIGHBOUR_UNREACHABLE'],
    ['the gateway is stated', INTERNET, 'n1', '10.9.9.9:443', 'dropped NO_ROUTE'],
    ['the gateway is stated, and called', INTERNET, 'n1', '192.168.1.1:80', 'delivered'],
    ['it is in the range of the services', '', 'n1', '10.96.0.99:80', 'dropped NO_ROUTE'],
    ['it is a public one', '', 'shop/client', '203.0.113.9:443', 'exits LEAVES_INPUT'],
    ["it is a node's", '', 'shop/client', '192.168.1.12:22', 'delivered'],
  ])('%s: known', (_, more, source, destination, says) => {
    expect(told(CLUSTER + more, source, destination).says).toBe(says);
  });
});

/** 169.254.169.254: RFC 3927, 7, has no router forward it; a cloud answers for it on the node's link, or the node does. */
describe('a link-local address', () => {
  test.each([
    ['from a pod of objects', CLUSTER, 'shop/client'],
    ['from a node of objects', CLUSTER, 'n1'],
    ['by a gateway that is stated', CLUSTER + INTERNET, 'n1'],
    [
      'by a gateway that translates',
      CLUSTER + beside('internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 } }\n'),
      'shop/client',
    ],
  ])('%s', (_, text, source) => {
    const { says, fix, at } = told(text, source, '169.254.169.254:80');
    expect([says, fix, at]).toEqual(['undetermined FACT_MISSING', [LOOK('169.254.169.254')], 'n1']);
  });

  test('that a node has is its own', () => {
    const text = CLUSTER + beside('nodes: [{ name: n1, addresses: [{ ip: 169.254.20.10, dev: lo }] }]\n');
    expect(told(text, 'shop/client', '169.254.20.10:53').says).toBe('delivered');
  });
});

describe('what is to be stated beside objects', () => {
  /** The entry that a fix has, as it is to be written, with values in the place of `…`. */
  const written = (fix: string, values: readonly (readonly [string, string])[]) => {
    const [, entry = ''] = /(internet: \{.*\}) in a Topology beside the objects/.exec(fix) ?? [];
    return beside(`${values.reduce((text, [from, to]) => text.replace(from, to), entry)}\n`);
  };

  test('whom a name stands for', () => {
    const { fix } = told(CLUSTER, 'shop/client', 'db.example.net:5432');
    const stated = written(fix[0] ?? '', [['…', '203.0.113.5']]);
    expect(fix[0]).toMatch(/^state what it is: /);
    const { destination } = traceOf(CLUSTER + stated, { source: 'shop/client', destination: 'db.example.net:5432' });
    expect(destination).toMatchObject({ kind: 'Host', ip: '203.0.113.5' });
  });

  test('a public address of a node, for its node port', () => {
    const open = CLUSTER.replace(
      'ports: [{ port: 80, targetPort: 8080 }]',
      'type: NodePort, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]',
    );
    const { says, fix } = told(open, 'internet', 'shop/svc/web');
    expect([says, fix[0]]).toEqual(['rejected UNREACHABLE_ROUTE', expect.stringContaining('call the node port 30080')]);
    const stated = written(fix[0] ?? '', [
      ["the node's ip", '192.168.1.11'],
      ['…', '203.0.113.11'],
    ]);
    expect(told(open + stated, 'internet', 'shop/svc/web').says).toBe('delivered');
  });
});

describe('a ClusterIP, called from the internet', () => {
  const IPV6 = CLUSTER.replaceAll('192.168.1.1', 'fd00::1')
    .replaceAll('10.244.', '2001:db8:244:')
    .replace(/(2001:db8:244:\d)\.0\/24/g, '$1::/64')
    .replace(/(2001:db8:244:\d)\.10/g, '$1::10')
    .replace('10.96.0.10', '2001:db8:96::10');
  const web = (fields: string) => IPV6.replace('clusterIP:', `${fields}, clusterIP:`);

  test.each([
    ['without another way in', IPV6, /type: LoadBalancer, or NodePort/],
    [
      'a load balancer has it',
      web('type: LoadBalancer').replace(
        'kind: Service\n',
        'kind: Service\nstatus: { loadBalancer: { ingress: [{ ip: "2001:db8:9::1" }] } }\n',
      ),
      /call its load balancer, \[2001:db8:9::1\]:80 /,
    ],
    ['an external address', web('externalIPs: ["2001:db8:9::2"]'), /call its external address, \[2001:db8:9::2\]:80 /],
    [
      'a node port, on a public address',
      web('type: NodePort').replaceAll('fd00::', '2001:db8:7::').replace('targetPort: 8080', 'targetPort: 8080, nodePort: 30080'),
      /call the node port, \[2001:db8:7::11\]:30080 /,
    ],
  ])('%s', (_, text, fix) => {
    const { says, fix: fixes } = told(text, 'internet', '[2001:db8:96::10]:80');
    expect([says, fixes.length]).toEqual(['dropped NO_ROUTE', 1]);
    expect(fixes[0]).toMatch(fix);
    expect(fixes[0]).toContain('a ClusterIP is not reached from outside');
  });
});
