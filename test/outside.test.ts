import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SMALLEST } from './topology/sources.ts';
import { ask, askIn, crossings, networkOf } from './tracing.ts';

/** Addresses that nobody described as sources, and what a first connection leaves behind. */

const read = (fixture: string) => readFileSync(new URL(`../fixtures/${fixture}`, import.meta.url));
const messages = (fixture: string, from: string, to: string) => ask(fixture, from, to).assumptions.map((a) => a.message);

describe('a public address as the source', () => {
  test('is a machine on the internet, and goes the way that a client goes', () => {
    const [guest, laptop] = ['8.8.8.8', 'laptop'].map((from) => ask('kernel/internet.yaml', from, '203.0.113.11:22'));
    expect([guest?.outcome, guest?.source.ip]).toEqual(['delivered', '8.8.8.8']);
    expect(crossings(guest?.paths[0]?.forward ?? null).join('\n')).toBe(
      crossings(laptop?.paths[0]?.forward ?? null)
        .join('\n')
        .replaceAll('198.51.100.7', '8.8.8.8')
        .replaceAll('laptop', '8.8.8.8'),
    );
  });

  test('is said to be taken for one, where a client is not', () => {
    const taken = /8\.8\.8\.8 is taken to be a machine on the internet/;
    expect(messages('kernel/internet.yaml', '8.8.8.8', '203.0.113.11:22').join()).toMatch(taken);
    expect(messages('kernel/internet.yaml', '198.51.100.7', '203.0.113.11:22').join()).not.toMatch(/is taken to be a machine/);
  });

  test('is there for its own question only', () => {
    const network = networkOf(read('kernel/internet.yaml'));
    expect(askIn(network, '8.8.8.8', '203.0.113.11:22').outcome).toBe('delivered');
    expect(askIn(network, 'pod-a', '8.8.8.8:53').outcome).toBe('exits');
  });

  test.each([
    ['private', 'kernel/internet.yaml', '172.16.0.1'],
    ['of the pod range', 'kernel/internet.yaml', '10.244.1.200'],
    ["of the nodes' segment", 'kernel/internet.yaml', '192.168.1.77'],
    ['shared (RFC 6598)', 'kernel/internet.yaml', '100.64.0.1'],
    ['link-local', 'kernel/internet.yaml', '169.254.1.1'],
    ['loopback', 'kernel/internet.yaml', '127.0.0.1'],
    ["the gateway's public one", 'kernel/internet-shared.yaml', '203.0.113.1'],
    ['public, and there is no gateway', 'sharing/volumes.yaml', '8.8.8.8'],
  ])('%s: an error', (_what, fixture, source) => {
    expect(() => ask(fixture, source, 'node/node-1:22')).toThrow(/nobody known has the address|no packet starts|gateway/);
  });
});

describe("a pod's private address, called from the internet", () => {
  const onLink = 'pods: [ { name: a, node: n1, ip: 192.168.1.50 } ]';
  const inRange = 'pods: [ { name: a, node: n1, ip: 10.244.1.10 } ]';

  test.each([
    ['aws-vpc-cni', '', onLink],
    ['azure-cni', '', onLink],
    ['gke', ', podCIDR: 10.244.1.0/24', inRange],
    ['kubenet', ', podCIDR: 10.244.1.0/24', inRange],
    ['flannel', ', podCIDR: 10.244.1.0/24', inRange],
    ['{ plugin: generic, name: weave }', '', inRange],
  ])('%s: nobody there has a way to it, whatever the network inside does', (cni, range, pods) => {
    const pool = range === '' ? '' : ', podCIDR: 10.244.0.0/16';
    const text = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { cni: ${cni}${pool} }
nodes: [ { name: n1, ip: 192.168.1.11${range} } ]
${pods}
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 } }
`;
    const { outcome, reason } = askIn(networkOf(text), '8.8.8.8', 'a:80');
    expect([outcome, reason?.code]).toEqual(['rejected', 'UNREACHABLE_ROUTE']);
  });
});

describe('an address of a service, without a port', () => {
  test.each([
    ['laptop', '203.0.113.20', 'the load balancer, not the ClusterIP behind it'],
    ['shop-1', '10.96.0.20', 'the ClusterIP'],
  ])('%s calls %s: %s', (source, address) => {
    const { outcome, paths } = ask('readme/shop.yaml', source, address);
    expect(outcome).toBe('delivered');
    expect(paths[0]?.forward.hops[0]?.packet).toMatchObject({ destination: address, destinationPort: 80 });
  });
});

/** A node's own public address is as good as one that the gateway translates. */
test('from outside a NodePort service is called on nodes with public addresses', () => {
  const text = `
apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes: [{ name: node-1, ip: 203.0.113.11, podCIDR: 10.244.1.0/24 }]
pods: [{ name: web-1, node: node-1, labels: { app: web } }]
services: [{ name: web, type: NodePort, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }]
internet: { gateway: { ip: 203.0.113.1 }, clients: [{ name: laptop, ip: 198.51.100.7 }] }
`;
  const { outcome, paths } = askIn(networkOf(text), 'laptop', 'svc/web');
  expect(outcome).toBe('delivered');
  expect(paths[0]?.forward.hops[0]?.packet).toMatchObject({ destination: '203.0.113.11', destinationPort: 30080 });
});

describe('sessionAffinity: ClientIP', () => {
  const stays = /first connection to service web.*next 10800 seconds go to the endpoint that it got/;

  test('several endpoints: the output says that later connections stay', () => {
    const { assumptions, paths } = ask('kernel/affinity.yaml', 'pod-a', 'svc/web');
    expect(paths).toHaveLength(2);
    const note = assumptions.find((a) => stays.test(a.message));
    expect(note?.source).toMatchObject({ line: 14 });
  });

  test.each([
    ['no affinity', 'sessionAffinity: ClientIP, ', ''],
    ['one endpoint', 'selector: { app: web }', 'selector: { app: api }'],
  ])('%s: nothing to say', (_why, from, to) => {
    const text = read('kernel/affinity.yaml').toString().replace(from, to);
    const { outcome, assumptions } = askIn(networkOf(text), 'pod-a', 'svc/web');
    expect(outcome).toBe('delivered');
    expect(assumptions.map((a) => a.message).join()).not.toMatch(/first connection/);
  });
});

describe('internet, where clients are stated', () => {
  const stated = (client: string) =>
    networkOf(
      `${SMALLEST}internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }, clients: [{ name: ${client}, ip: 198.51.100.7 }] }\n`,
    );
  const notes = (client: string, source: string, destination: string) =>
    askIn(stated(client), source, destination).assumptions.filter((a) => a.message.startsWith('internet is taken to be'));

  test('is the first of them, and that is said', () => {
    const note = expect.objectContaining({ message: expect.stringContaining('internet is taken to be laptop (198.51.100.7)') });
    expect(notes('laptop', 'internet', 'node-1:30080')).toEqual([note]);
    expect(notes('laptop', 'node-1', 'internet:443')).toEqual([note]);
    expect(notes('laptop', 'laptop', 'node-1:30080')).toEqual([]);
    expect(notes('internet', 'internet', 'node-1:30080')).toEqual([]);
  });
});
