import { describe, expect, it } from 'vitest';
import { categorizeEndpoints, dependsOnNode, endpointName, type NodeView } from '../../src/k8s/endpoints.ts';
import type { Endpoint, Service, ServicePort } from '../../src/k8s/service.ts';
import { ip } from '../../src/net/address.ts';
import type { Locus } from '../../src/source/origin.ts';

/** Which endpoints a node uses, by kube-proxy's rules and not by our code: conditions, place, policies, hints. */
const locus: Locus = {
  document: { file: 'x', index: 0, position: () => ({ line: 1, column: 1 }), line: () => '' },
  path: [],
  object: 'test',
};
const HERE: NodeView = { name: 'here', zone: 'east' };

const READY = { ready: true, serving: true, terminating: false };
const LEAVING = { ready: false, serving: true, terminating: true };
const NOT_READY = { ready: false, serving: false, terminating: false };

/** Endpoints are told apart by the last number of their address. */
const endpoint = (number: number, node: string | null, more: Partial<Endpoint> = READY): Endpoint => ({
  ...READY,
  hints: null,
  hostname: null,
  ip: ip(`10.244.0.${number}`),
  port: 8080,
  node,
  pod: null,
  locus,
  readyLocus: locus,
  ...more,
});

const portOf = (endpoints: readonly Endpoint[], nodePort: number | null): ServicePort => ({
  name: 'http',
  port: 80,
  protocol: 'tcp',
  targetPort: 8080,
  nodePort,
  endpoints,
  explicitEndpoints: null,
  endpointsUnknown: null,
  unresolved: [],
  locus,
});

const SERVICE: Service = {
  namespace: 'default',
  name: 'web',
  ipFamilies: ['IPv4'],
  type: 'ClusterIP',
  clusterIps: [ip('10.96.0.10')],
  externalName: null,
  publishNotReadyAddresses: false,
  externalIps: [],
  loadBalancerIngress: [],
  loadBalancerHostnames: [],
  loadBalancerSourceRanges: [],
  externalTrafficPolicy: 'Cluster',
  internalTrafficPolicy: 'Cluster',
  sessionAffinityTimeoutSeconds: null,
  healthCheckNodePort: null,
  selector: new Map(),
  ports: [],
  locus,
};

const names = (list: readonly Endpoint[]) => list.map((e) => Number(endpointName(e).replace(/^.*\.(\d+):.*$/, '$1')));

function usable(endpoints: readonly Endpoint[], service: Partial<Service>, nodePort: number | null = 30080, here = HERE) {
  const { cluster, local, all, any } = categorizeEndpoints({ ...SERVICE, ...service }, portOf(endpoints, nodePort), here, 'IPv4');
  return { cluster: names(cluster), local: names(local), all: names(all), any };
}

/** Both lists count: any endpoint for the ClusterIP, the node's own from outside. */
const BOTH = { externalTrafficPolicy: 'Local' } as const;

describe('the conditions of an endpoint', () => {
  // Alone, beside a ready one elsewhere (2), and beside a ready one here (3): is it used by the whole cluster, is it by its node?
  const [yes, no] = [true, false];
  const rows = [
    // ready, serving, terminating, local; alone, beside 2, beside 3: cluster, local
    [
      [yes, yes, no, yes],
      [yes, yes],
      [yes, yes],
      [yes, yes],
    ],
    [
      [yes, yes, yes, yes],
      [yes, yes],
      [yes, yes],
      [yes, yes],
    ],
    [
      [yes, no, no, yes],
      [yes, yes],
      [yes, yes],
      [yes, yes],
    ],
    [
      [yes, no, yes, yes],
      [yes, yes],
      [yes, yes],
      [yes, yes],
    ],
    [
      [yes, yes, no, no],
      [yes, no],
      [yes, no],
      [yes, no],
    ],
    [
      [yes, yes, yes, no],
      [yes, no],
      [yes, no],
      [yes, no],
    ],
    [
      [yes, no, no, no],
      [yes, no],
      [yes, no],
      [yes, no],
    ],
    [
      [yes, no, yes, no],
      [yes, no],
      [yes, no],
      [yes, no],
    ],
    // It serves while it terminates: each list takes it for want of ready ones of its own.
    [
      [no, yes, yes, yes],
      [yes, yes],
      [no, yes],
      [no, no],
    ],
    [
      [no, yes, yes, no],
      [yes, no],
      [no, no],
      [no, no],
    ],
    [
      [no, yes, no, yes],
      [no, no],
      [no, no],
      [no, no],
    ],
    [
      [no, yes, no, no],
      [no, no],
      [no, no],
      [no, no],
    ],
    [
      [no, no, yes, yes],
      [no, no],
      [no, no],
      [no, no],
    ],
    [
      [no, no, yes, no],
      [no, no],
      [no, no],
      [no, no],
    ],
    [
      [no, no, no, yes],
      [no, no],
      [no, no],
      [no, no],
    ],
    [
      [no, no, no, no],
      [no, no],
      [no, no],
      [no, no],
    ],
  ] as const;

  it.each(rows)('ready, serving, terminating, local: %s', ([ready, serving, terminating, isLocal], alone, beside2, beside3) => {
    const one = endpoint(1, isLocal ? 'here' : 'there', { ready, serving, terminating });
    const used = (...others: readonly Endpoint[]) => {
      const { cluster, local } = usable([one, ...others], BOTH);
      return [cluster.includes(1), local.includes(1)];
    };
    expect({
      alone: used(),
      beside2: used(endpoint(2, 'there')),
      beside3: used(endpoint(3, 'here')),
    }).toEqual({ alone, beside2, beside3 });
  });

  it('an endpoint of which nobody knows the node is nobody’s own', () => {
    expect(usable([endpoint(1, null)], BOTH)).toEqual({ cluster: [1], local: [], all: [1], any: true });
  });

  it('all is what either list has, each once', () => {
    const endpoints = [endpoint(1, 'here', LEAVING), endpoint(2, 'there'), endpoint(3, 'there', NOT_READY)];
    expect(usable(endpoints, BOTH)).toEqual({ cluster: [2], local: [1], all: [1, 2], any: true });
    expect(usable([endpoint(1, 'here'), endpoint(2, 'there')], BOTH).all).toEqual([1, 2]);
  });
});

describe('which lists there are', () => {
  const endpoints = [endpoint(1, 'here'), endpoint(2, 'there')];
  const balanced = (mode: 'VIP' | 'Proxy') => ({ loadBalancerIngress: [{ ip: ip('203.0.113.10'), mode, locus }] });
  const external = { externalIps: [ip('192.168.1.50')] };

  it.each([
    // internal, external, reached by, node port: cluster, local
    ['Cluster', 'Cluster', 'nothing', {}, null, [1, 2], []],
    ['Cluster', 'Cluster', 'a node port', {}, 30080, [1, 2], []],
    ['Local', 'Cluster', 'nothing', {}, null, [], [1]],
    ['Local', 'Cluster', 'a node port', {}, 30080, [1, 2], [1]],
    ['Local', 'Cluster', 'an external address', external, null, [1, 2], [1]],
    ['Local', 'Cluster', 'a load balancer', balanced('VIP'), null, [1, 2], [1]],
    ['Local', 'Cluster', 'a load balancer that nodes leave alone', balanced('Proxy'), null, [], [1]],
    ['Cluster', 'Local', 'nothing', {}, null, [1, 2], []],
    ['Cluster', 'Local', 'a node port', {}, 30080, [1, 2], [1]],
    ['Cluster', 'Local', 'an external address', external, null, [1, 2], [1]],
    ['Cluster', 'Local', 'a load balancer', balanced('VIP'), null, [1, 2], [1]],
    ['Cluster', 'Local', 'a load balancer that nodes leave alone', balanced('Proxy'), null, [1, 2], []],
    ['Local', 'Local', 'nothing', {}, null, [], [1]],
    ['Local', 'Local', 'a node port', {}, 30080, [1, 2], [1]],
  ] as const)(
    'internal %s, external %s, reached from outside by %s',
    (internalPolicy, externalPolicy, _by, more, nodePort, cluster, local) => {
      expect(
        usable(endpoints, { internalTrafficPolicy: internalPolicy, externalTrafficPolicy: externalPolicy, ...more }, nodePort),
      ).toMatchObject({ cluster, local, any: true });
    },
  );

  // Without any: refused. With some elsewhere: silence, when only the node's own may be used.
  it.each([
    ['none at all', [], false, false],
    ['one elsewhere', [endpoint(1, 'there')], true, true],
    ['one elsewhere that serves while it terminates', [endpoint(1, 'there', LEAVING)], true, true],
    ['one elsewhere that is not ready', [endpoint(1, 'there', NOT_READY)], false, false],
    ['one here that is not ready', [endpoint(1, 'here', NOT_READY)], false, false],
  ] as const)('are there any: %s', (_name, list, inside, outside) => {
    expect([usable(list, { internalTrafficPolicy: 'Local' }, null), usable(list, BOTH)].map((u) => [u.local, u.any])).toEqual([
      [[], inside],
      [[], outside],
    ]);
  });
});

describe('hints', () => {
  const forZones = (...zones: readonly string[]) => ({ hints: { zones, nodes: [] } });
  const forNodes = (...nodes: readonly string[]) => ({ hints: { zones: [], nodes } });
  const west: NodeView = { name: 'here', zone: 'west' };
  const nowhere: NodeView = { name: 'here', zone: null };
  const east = endpoint(1, 'a', forZones('east'));
  const other = endpoint(2, 'b', forZones('west'));
  const bare = endpoint(3, 'c');

  it.each<readonly [string, readonly Endpoint[], NodeView, readonly number[]]>([
    ["the zone's own", [east, other], HERE, [1]],
    ["the other zone's", [east, other], west, [2]],
    ['for both zones', [east, endpoint(2, 'b', forZones('east', 'west'))], HERE, [1, 2]],
    ['none for this zone: all', [other], HERE, [2]],
    ['a node without a zone: all', [east, other], nowhere, [1, 2]],
    ['one ready endpoint without a hint: all', [east, other, bare], HERE, [1, 2, 3]],
    ['an empty hint is none: all', [east, other, endpoint(3, 'c', forZones())], HERE, [1, 2, 3]],
    ['one without a hint that is not ready does not count', [east, other, endpoint(3, 'c', NOT_READY)], HERE, [1]],
    ['one without a hint that is leaving does not count', [east, other, endpoint(3, 'c', LEAVING)], HERE, [1]],
    ["the node's own before the zone's", [east, endpoint(2, 'here', { hints: { zones: ['east'], nodes: ['here'] } })], HERE, [1, 2]],
    [
      "the node's own, where all have a node",
      [
        endpoint(1, 'a', { hints: { zones: ['east'], nodes: ['a'] } }),
        endpoint(2, 'here', { hints: { zones: ['east'], nodes: ['here'] } }),
      ],
      HERE,
      [2],
    ],
    [
      "none for this node: the zone's",
      [endpoint(1, 'a', { hints: { zones: ['east'], nodes: ['a'] } }), endpoint(2, 'b', { hints: { zones: ['west'], nodes: ['b'] } })],
      HERE,
      [1],
    ],
    ['none for this node, and no zones: all', [endpoint(1, 'a', forNodes('a')), endpoint(2, 'b', forNodes('b'))], HERE, [1, 2]],
    [
      "a hint, and not the endpoint's node, says whose it is",
      [endpoint(1, 'here', forNodes('b')), endpoint(2, 'b', forNodes('here'))],
      HERE,
      [2],
    ],
    [
      'leaving ones are taken whatever their hints',
      [endpoint(1, 'a', { ...LEAVING, ...forZones('west') }), endpoint(2, 'b', { ...LEAVING, ...forZones('east') })],
      HERE,
      [1, 2],
    ],
  ])('%s', (_name, endpoints, here, cluster) => {
    expect(usable(endpoints, {}, null, here).cluster).toEqual(cluster);
  });

  it("never narrow a node's own list", () => {
    const endpoints = [endpoint(1, 'here', forZones('west')), endpoint(2, 'there', forZones('east'))];
    expect(usable(endpoints, BOTH)).toEqual({ cluster: [2], local: [1], all: [1, 2], any: true });
  });
});

describe('order, and sameness', () => {
  it('an address that several slices have is one endpoint; of two that stay the one by which most is used, for nobody knows which counts', () => {
    const endpoints = [endpoint(1, 'there'), endpoint(1, 'here'), endpoint(2, 'there'), endpoint(2, 'there')];
    expect(usable(endpoints, BOTH)).toEqual({ cluster: [1, 2], local: [1], all: [1, 2], any: true });
  });

  it.each([
    ['the local copy is terminating', [endpoint(1, 'here', LEAVING), endpoint(1, 'there')]],
    ['the local copy is terminating, and comes last', [endpoint(1, 'there'), endpoint(1, 'here', LEAVING)]],
  ])('of two copies the one that is not terminating counts: %s', (_name, endpoints) => {
    expect(usable(endpoints, BOTH)).toEqual({ cluster: [1], local: [], all: [1], any: true });
  });

  it('copies of one endpoint make nodes differ', () => {
    const port = { ...portOf([endpoint(1, 'a'), endpoint(1, 'b')], null), explicitEndpoints: locus };
    expect(dependsOnNode(SERVICE, port, 'IPv4')).toBe(true);
  });

  it('is that of the texts of address and port', () => {
    expect(usable([endpoint(2, 'a'), endpoint(1, 'a'), endpoint(11, 'a'), endpoint(10, 'a')], {}).cluster).toEqual([10, 11, 1, 2]);
  });

  it.each([
    ['a plain service', {}, [endpoint(1, 'a')], false],
    ['externalTrafficPolicy Local', BOTH, [endpoint(1, 'a')], true],
    ['internalTrafficPolicy Local', { internalTrafficPolicy: 'Local' }, [endpoint(1, 'a')], true],
    ['hints', {}, [endpoint(1, 'a', { hints: { zones: ['east'], nodes: [] } })], true],
    [
      'source ranges, in which a node may be',
      { loadBalancerSourceRanges: [{ address: ip('10.0.0.0'), length: 8 }] },
      [endpoint(1, 'a')],
      true,
    ],
  ] as const)('may a node differ from another one: %s', (_name, service, endpoints, differs) => {
    expect(dependsOnNode({ ...SERVICE, ...service } as Service, portOf(endpoints, 30080), 'IPv4')).toBe(differs);
  });
});
