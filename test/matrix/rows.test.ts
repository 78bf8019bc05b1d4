import { describe, expect, test } from 'vitest';
import { matrixJson, rowsOf } from './worlds.ts';

const rows = async (argv: string) => rowsOf(await matrixJson(argv));

describe('the rows of small clusters', () => {
  test('policies: who may reach the database, and at which of its ports', async () => {
    expect(await rows('-f shop.yaml --blocked --to db -n shop --from workloads')).toEqual([
      'Pod/shop/web > Pod/shop/db 5432/tcp delivered',
      'Pod/shop/web > Pod/shop/db 9187/tcp rejected POLICY_DEFAULT_DENY',
    ]);
    // A pod of another namespace is none that the selector means.
    expect(await rows('-f shop.yaml --blocked --to shop/db --from batch/idle')).toEqual([
      'Pod/batch/idle > Pod/shop/db 5432,9187/tcp rejected POLICY_DEFAULT_DENY',
    ]);
  });

  test('what comes from the node of a pod passes: half of the nodes reach it', async () => {
    expect(await rows('-f shop.yaml --blocked --to shop/db --from nodes')).toEqual([
      'Node/nodes > Pod/shop/db 5432,9187/tcp delivered 0.5',
      'Node/nodes > Pod/shop/db 5432,9187/tcp rejected POLICY_DEFAULT_DENY 0.5',
    ]);
  });

  test('nodes are called at node ports, each by the other; one by itself is not asked', async () => {
    expect(await rows('-f shop.yaml --to nodes')).toEqual([
      'Pod/batch/idle > Node/nodes 30080/tcp delivered',
      'Pod/shop/db > Node/nodes 30080/tcp delivered',
      'Pod/shop/web > Node/nodes 30080/tcp delivered',
      'Node/nodes > Node/nodes 30080/tcp delivered',
    ]);
  });

  test('a service at its own port; another name for something outside is none', async () => {
    const found = await matrixJson('-f shop.yaml --from shop/web,batch/idle --to services');
    expect(found.asked.to).toEqual(['Service/shop/web']);
    expect(rowsOf(found)).toEqual([
      'Pod/batch/idle > Service/shop/web 80/tcp delivered',
      // To itself by its service: the answer finds back because the connection is masqueraded.
      'Pod/shop/web > Service/shop/web 80/tcp delivered',
    ]);
  });

  test('-p is asked of everybody, and a name of those who have it', async () => {
    expect(await rows('-f shop.yaml --blocked --from batch/idle --to shop/pod/web,shop/db,nodes -p 8080,icmp')).toEqual([
      'Pod/batch/idle > Pod/shop/db 8080/tcp rejected POLICY_DEFAULT_DENY',
      'Pod/batch/idle > Pod/shop/db icmp rejected POLICY_DEFAULT_DENY',
      'Pod/batch/idle > Pod/shop/web 8080/tcp delivered',
      'Pod/batch/idle > Pod/shop/web icmp delivered',
      'Pod/batch/idle > Node/nodes 8080/tcp delivered assumed',
      'Pod/batch/idle > Node/nodes icmp delivered',
    ]);
    const named = await matrixJson('-f shop.yaml --from batch/idle --to workloads -p http');
    expect(rowsOf(named)).toEqual(['Pod/batch/idle > Pod/shop/web 8080/tcp delivered']);
    expect(named.notAsked).toEqual(['batch/idle', 'shop/db']);
  });

  test('--any-port asks all ports of all protocols, whoever listens', async () => {
    expect(await rows('-f shop.yaml --any-port --blocked --from shop/pod/web --to shop/db')).toEqual([
      'Pod/shop/web > Pod/shop/db 1-5431,5433-65535/tcp rejected POLICY_DEFAULT_DENY',
      'Pod/shop/web > Pod/shop/db 5432/tcp delivered',
      'Pod/shop/web > Pod/shop/db 1-65535/udp rejected POLICY_DEFAULT_DENY',
      'Pod/shop/web > Pod/shop/db 1-65535/sctp rejected POLICY_DEFAULT_DENY',
      'Pod/shop/web > Pod/shop/db icmp rejected POLICY_DEFAULT_DENY',
    ]);
    // It states 8080 alone, so that there another socket is assumed.
    expect(await rows('-f shop.yaml --any-port --protocol tcp --from shop/db --to shop/pod/web')).toEqual([
      'Pod/shop/db > Pod/shop/web 1-8079,8081-65535/tcp delivered assumed',
      'Pod/shop/db > Pod/shop/web 8080/tcp delivered',
    ]);
  });

  test('without a port to ask, a pod is named; a node is left out, unless it was wanted', async () => {
    expect((await matrixJson('-f shop.yaml')).notAsked).toEqual(['batch/idle']);
    expect((await matrixJson('-f dual.yaml')).asked.to).toEqual(['Pod/default/a', 'Pod/default/b']);
    expect((await matrixJson('-f dual.yaml --to nodes')).notAsked).toEqual(['node-1', 'node-2']);
  });

  test('the internet is cut where a policy cuts it, and called at the ports of its rule', async () => {
    const found = await matrixJson('-f outside.yaml --blocked --from shop/web,batch/idle --to internet');
    expect(found.groups.filter((g) => g.id.startsWith('Network')).map((g) => [g.id, g.cidrs?.length])).toEqual([
      // All but 192.0.2.0/24, a prefix of each length up to it; but 224.0.0.0/3 is nobody's.
      ['Network/internet', 23],
      ['Network/192.0.2.0/25', 1],
      ['Network/192.0.2.128/25', 1],
    ]);
    const told = rowsOf(found);
    expect(told.filter((r) => r.startsWith('Pod/shop/web'))).toEqual([
      'Pod/shop/web > Network/internet 443,8443/tcp rejected POLICY_DEFAULT_DENY',
      'Pod/shop/web > Network/192.0.2.0/25 443/tcp rejected POLICY_DEFAULT_DENY',
      'Pod/shop/web > Network/192.0.2.0/25 8443/tcp exits LEAVES_INPUT',
      'Pod/shop/web > Network/192.0.2.128/25 443,8443/tcp rejected POLICY_DEFAULT_DENY',
    ]);
    expect(told).toContain('Pod/batch/idle > Network/192.0.2.128/25 443,8443/tcp exits LEAVES_INPUT');
  });

  test('from outside a node is called at the address that the gateway has for it; the other one has none', async () => {
    const found = await matrixJson('-f outside.yaml --blocked --from 198.51.100.1 --to nodes');
    expect(rowsOf(found).map((r) => r.replace(/ assumed$/, ''))).toEqual([
      'Network/198.51.100.1/32 > Node/nodes 30080/tcp delivered 0.5',
      'Network/198.51.100.1/32 > Node/nodes 30080/tcp rejected UNREACHABLE_ROUTE 0.5',
    ]);
  });

  test('two families, and a route that is missing in one of them', async () => {
    expect(await rows('-f dual.yaml --blocked --from a,b')).toEqual([
      // The request arrives, and the answer has no way back.
      'Pod/default/a > Pod/default/b 80/tcp dropped NO_ROUTE',
      'Pod/default/a > Pod/default/b 80/tcp IPv6 delivered',
      'Pod/default/b > Pod/default/a 53/udp rejected NO_ROUTE',
      'Pod/default/b > Pod/default/a 53/udp IPv6 delivered',
    ]);
    expect(await rows('-f dual.yaml -6 --from b')).toEqual(['Pod/default/b > Pod/default/a 53/udp IPv6 delivered']);
    expect(await rows('-f dual.yaml --from b --protocol udp --family IPv4')).toEqual([]);
  });

  test('workloads are groups, pods of files of kubelet are not; the network between the nodes of objects is assumed', async () => {
    const found = await matrixJson('-f objects.yaml --from workloads --to workloads');
    expect(found.groups).toMatchObject([
      { id: 'Pod/kube-system/etcd-node-1', members: ['etcd-node-1'] },
      { id: 'Deployment/shop/web', members: ['web-1', 'web-2'] },
    ]);
    expect(rowsOf(found)).toEqual([
      'Pod/kube-system/etcd-node-1 > Deployment/shop/web 8080/tcp delivered assumed',
      'Deployment/shop/web > Pod/kube-system/etcd-node-1 8080/tcp delivered assumed',
      'Deployment/shop/web > Deployment/shop/web 8080/tcp delivered assumed',
    ]);
    const each = await matrixJson('-f objects.yaml --pods --from web-1,nodes --to workloads,nodes -n shop -p 22');
    expect([each.asked.from, each.asked.to]).toEqual([
      ['Pod/shop/web-1', 'Node/node-1', 'Node/node-2'],
      ['Pod/shop/web-1', 'Pod/shop/web-2', 'Node/node-1', 'Node/node-2'],
    ]);
  });

  test('with --blocked the shares of a port sum to 1', async () => {
    for (const file of ['shop', 'outside', 'dual', 'objects']) {
      const { connections } = await matrixJson(
        `-f ${file}.yaml --blocked --to workloads,services,nodes,internet`.replace(/,services|,internet/g, (w) => (hasAll(file) ? w : '')),
      );
      const sums = new Map<string, number>();
      for (const c of connections)
        for (const port of c.ports) {
          const key = [c.from, c.to, c.family, c.protocol, port].join(' ');
          sums.set(key, (sums.get(key) ?? 0) + c.share);
        }
      expect(sums.size).toBeGreaterThan(0);
      for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 9);
    }
  });
});

const hasAll = (file: string) => file === 'outside';
