import { describe, expect, test } from 'vitest';
import { type Request, type TraceDocument, traceRequest } from '../../src/index.ts';
import { applied } from './apply.ts';
import { input, networkFrom } from './law.ts';

/** Advice that was given once and did not help, with what does. */

const HEAD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
`;

function ask(text: string, request: Request): TraceDocument {
  const network = networkFrom(input(text));
  if (typeof network === 'string') throw new Error(network);
  const answer = traceRequest(network, request);
  if (!answer.ok) throw new Error(answer.message);
  return answer.trace;
}

/** What is asked once the fix at `index` is made. */
function mended(text: string, request: Request, index: number): TraceDocument {
  const remedy = ask(text, request).reason?.remedies[index];
  if (remedy?.kind === 'ask') {
    const { destination = request.destination, size = request.size } = remedy.instead;
    return ask(text, { ...request, destination, ...(size === undefined ? {} : { size }) });
  }
  if (remedy?.kind !== 'edit') throw new Error('no program can apply it');
  const [file] = applied(input(text), remedy.edits);
  return ask(file !== undefined && 'bytes' in file ? new TextDecoder().decode(file.bytes) : '', request);
}

const fixesOf = (text: string, request: Request) => ask(text, request).reason?.fix ?? [];

describe('a network that looks at sources', () => {
  const text = `${HEAD}pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]
underlay: { sourceCheck: true }
`;

  test('lets the pods pass once it does not', () => {
    expect(ask(text, { source: 'a', destination: 'b:80' }).reason?.code).toBe('SOURCE_CHECK');
    expect(mended(text, { source: 'a', destination: 'b:80' }, 0).outcome).toBe('delivered');
  });
});

describe('rules that keep neighbour discovery out', () => {
  const text = (firewall: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: "fd00:10:244::/56", serviceCIDR: "fd00:10:96::/112" }
nodes: [{ name: node-1, ip: "fd00:192:168:1::11", podCIDR: "fd00:10:244:1::/64", firewall: ${firewall} }]
pods: [{ name: a, node: node-1, ip: "fd00:10:244:1::10" }, { name: b, node: node-1, ip: "fd00:10:244:1::11" }]
`;

  test.each([
    [
      '{ forward: [{ action: deny, protocol: icmp }] }',
      'b:80',
      'put { action: allow, protocol: icmp } before rule 1 of firewall.forward of node-1',
    ],
    [
      '{ input: { default: deny } }',
      'fd00:10:244:1::1/icmp',
      'add { action: allow, protocol: icmp } to the rules of firewall.input of node-1',
    ],
  ])('%s: a to %s', (firewall, destination, fix) => {
    const request = { source: 'a', destination };
    const { reason } = ask(text(firewall), request);
    expect(reason?.code).toBe('NEIGHBOUR_UNREACHABLE');
    expect(reason?.message).toContain('the solicitation is dropped by node-1');
    expect(reason?.fix[0]).toContain(fix);
    expect(mended(text(firewall), request, 0).outcome).toBe('delivered');
  });
});

describe('a pod whose NIC is the second one, and whose rule is lost', () => {
  const text = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 192.168.0.0/16, cni: aws-vpc-cni }
nodes:
  - { name: node-1, ip: 192.168.1.11, nics: [{ dev: eth1, ip: 192.168.1.21 }], rules: { remove: [{ priority: 1536 }] } }
  - { name: node-2, ip: 192.168.1.12 }
pods:
  - { name: a, node: node-1, nic: eth1, ip: 192.168.1.101 }
  - { name: b, node: node-2, ip: 192.168.1.102 }
underlay: { sourceCheck: true }
internet: { gateway: { ip: 192.168.1.1 } }
`;
  const request = { source: 'a', destination: 'b:80' };

  test('is to be sent by that NIC; to look at no source is the other way', () => {
    expect(fixesOf(text, request)).toEqual([
      'send it by eth1 of node-1, whose address 192.168.1.101 is: with a routing rule that says so (rules of node-1)',
      'or let node-1 send what comes from other addresses than its own: underlay.sourceCheck: false (x.yaml:10 sets it)',
    ]);
    const ruled = text.replace(
      'remove: [{ priority: 1536 }]',
      'remove: [{ priority: 1536 }], add: [{ priority: 1500, from: 192.168.1.101, table: 2 }]',
    );
    expect(ask(ruled, request).outcome).toBe('delivered');
    expect(mended(text, request, 1).outcome).toBe('delivered');
  });
});

describe('a route that a router after the machine lacks', () => {
  const text = `${HEAD.replace('192.168.1.12', '192.168.2.12')}pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]
underlay:
  segments: [{ name: lan, cidr: 192.168.1.0/24 }, { name: far, cidr: 192.168.2.0/24 }]
  routers:
    - { name: r1, interfaces: [{ segment: lan, ip: 192.168.1.254 }, { segment: far, ip: 192.168.2.254 }], routes: [{ to: 10.244.1.0/24, via: 192.168.1.11 }] }
`.replace('podCIDR: 10.244.1.0/24', 'podCIDR: 10.244.1.0/24, routes: { remove: [10.244.2.0/24] }');
  const request = { source: 'a', destination: 'b:80' };

  test('is advised for both', () => {
    expect(fixesOf(text, request)).toEqual([
      'put the route back: take 10.244.2.0/24 out of routes.remove (x.yaml:5); and on r1 (underlay.routers[].routes, x.yaml:11): { to: 10.244.2.0/24, via: 192.168.2.12 }',
    ]);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });
});

describe('a name to call', () => {
  const text = `${HEAD}pods:
  - { name: client, node: node-1 }
  - { name: db-0, node: node-2, hostname: db-0, subdomain: gone, labels: { app: db }, containers: [{ name: db, ports: [{ containerPort: 5432 }] }] }
services:
  - { name: db, clusterIP: None, selector: { app: db }, ports: [{ port: 5432 }] }
  - { name: kube-dns, namespace: kube-system, clusterIP: 10.96.0.53, selector: { k8s-app: kube-dns }, ports: [{ port: 53, protocol: UDP }] }
`;
  const request = { source: 'client', destination: 'db-0.db:5432' };

  test('is one that has an address, else the pod gets the name', () => {
    expect(fixesOf(text, request)).toEqual(['give pod db-0 hostname: db-0 and subdomain: db (x.yaml:9), as a StatefulSet does']);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });
});

describe('a selector that is too wide', () => {
  const text = `${HEAD}pods:
  - { name: client, node: node-1 }
  - { name: web-1, node: node-1, labels: { app: shop, role: web }, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }
  - { name: web-2, node: node-2, labels: { app: shop, role: web }, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }
  - { name: db-1, node: node-2, labels: { app: shop, role: db }, containers: [{ name: db, ports: [{ containerPort: 5432 }] }] }
services:
  - { name: shop, clusterIP: 10.96.0.10, selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
`;
  const request = { source: 'client', destination: 'svc/shop' };

  test('is narrowed; another targetPort would break the pods that answer', () => {
    expect(ask(text, request).outcome).toBe('mixed');
    expect(fixesOf(text, request)[0]).toBe(
      'narrow the selector of service shop (x.yaml:13) with role: web: web-1 and 1 more listen on 8080/tcp, and db-1 (x.yaml:11) does not',
    );
    expect(fixesOf(text, request).join('\n')).not.toContain('targetPort');
    const after = mended(text, request, 0);
    expect([after.outcome, after.paths.map((p) => p.endpoint?.pod)]).toEqual(['delivered', ['default/web-1', 'default/web-2']]);
  });
});

describe('a packet that is too large', () => {
  const pods = 'pods: [{ name: client, node: node-1 }, { name: far, node: node-2 }]\n';

  test('for every device is to be smaller: no MTU is to be set to what it is', () => {
    const request = { source: 'client', destination: 'far:80/udp', size: 1600 };
    const fixes = fixesOf(`${HEAD}${pods}`, request);
    expect(fixes[0]).toBe('send at most 1500 bytes at once, headers included, which is what the smallest device on the way takes');
    expect(fixes.join('\n')).not.toContain('cluster.cni.mtu');
    expect(mended(`${HEAD}${pods}`, request, 0).outcome).toBe('delivered');
  });

  test("for a link is agreed on by the two ends, where their own field states the devices' MTU", () => {
    const text = `${HEAD.replace('10.244.2.0/24 }', '10.244.2.0/24, devices: { veth0: { mtu: 900 } } }')}${pods}`
      .replace('name: client, node: node-1', 'name: client, node: node-1, devices: { eth0: { mtu: 1400 } }')
      .replace('name: far, node: node-2', 'name: far, node: node-2, devices: { eth0: { mtu: 1450 } }');
    const request = { source: 'client', destination: 'far:80', size: 1400 };
    expect(fixesOf(text, request)[0]).toBe(
      'send smaller packets: set the MTU of eth0 of client to 900, the smallest on the way (now 1400; x.yaml:7)',
    );
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });
});

describe('an MTU that is to be raised', () => {
  test('is that of all devices on the way that take less, and of those behind them', () => {
    const text = `${HEAD.replace('10.244.2.0/24 }', '10.244.2.0/24, devices: { eth0: { mtu: 1100 }, veth0: { mtu: 900 } } }')}pods:
  - { name: client, node: node-1 }
  - { name: far, node: node-2, devices: { eth0: { mtu: 1200 } } }
`;
    const request = { source: 'client', destination: 'far:80', size: 1400 };
    const trace = ask(text, request);
    // The two ends agree on 1200; the bridge takes no more than the least of its ports.
    expect(trace.reason?.fix[1]).toBe('or raise the MTU of eth0 of node-2 (x.yaml:6), cni0 of node-2, veth0 of node-2 (x.yaml:6) to 1200');
    expect(mended(text, request, 1).outcome).toBe('delivered');
  });
});

describe('a node without a gateway', () => {
  const text = `${HEAD}pods: [{ name: client, node: node-1 }]\n`;

  test('is told of internet.gateway, as it stands in the file', () => {
    const [fix] = fixesOf(text, { source: 'client', destination: '8.8.8.8:53/udp' });
    expect(fix).toBe('state internet.gateway, so that nodes have a default route: internet: { gateway: { ip: … } }');
    const snippet = /internet: \{.*\}$/.exec(fix ?? '')?.[0].replace('…', '192.168.1.1');
    expect(ask(`${text}${snippet}\n`, { source: 'client', destination: '8.8.8.8:53/udp' }).outcome).toBe('exits');
  });
});

describe('a route that a rule does without', () => {
  test('is added to the table of the rule: putting it back into the main one would not help', () => {
    const text = `${HEAD.replace(
      '10.244.1.0/24 }',
      '10.244.1.0/24, rules: [{ priority: 1000, from: 10.244.1.0/24, table: 100 }], routes: { remove: [10.244.2.0/24], add: [{ to: default, via: 192.168.1.1, table: 100 }] } }',
    )}pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]\ninternet: { gateway: { ip: 192.168.1.1 } }\n`;
    const request = { source: 'a', destination: 'b:80' };
    expect(fixesOf(text, request)).toEqual([
      'add a route on node-1 (nodes[].routes.add, x.yaml:5): { to: 10.244.2.0/24, via: 192.168.1.12, table: 100 }',
      'or change the rule with priority 1000 that sends the packet to table 100 (x.yaml:5)',
    ]);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });
});

describe("a pod's own loopback address", () => {
  test('has no node ports', () => {
    const text = `${HEAD}pods:
  - { name: web, node: node-1, labels: { app: web }, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }
services:
  - { name: web, type: NodePort, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }
`;
    const request = { source: 'web', destination: '127.0.0.1:30080' };
    expect(fixesOf(text, request)[0]).toBe('web listens on 8080/tcp (x.yaml:8): call 8080/tcp');
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });
});

describe('a filter by the way back that ARP meets', () => {
  test('is of the machine that does not answer, and not of the one that asks', () => {
    const text = `${HEAD.replace('10.244.1.0/24 }', '10.244.1.0/24, sysctls: { net.ipv4.conf.all.rp_filter: 1 }, routes: { add: [{ to: 192.168.1.12/32, dev: cni0 }] } }')}pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]\n`;
    const fixes = fixesOf(text, { source: 'b', destination: 'a:80' });
    expect(fixes[0]).toBe(
      'change the route 192.168.1.12/32 dev cni0 of node-1 (x.yaml:5), so that the way back is the device that the packet came in by',
    );
    expect(fixes[1]).toContain('on node-1 (x.yaml:5 sets it)');
  });
});

describe('a service without endpoints', () => {
  const text = `${HEAD}pods:
  - { name: client, node: node-1 }
  - { name: web, node: node-2, labels: { app: web }, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }
services:
  - name: web
    clusterIP: 10.96.0.10
    selector: { app: wep }
    ports: [{ port: 80, targetPort: 8080 }]
`;
  const request = { source: 'client', destination: 'svc/web' };

  test('is told the line of its selector, and not its own', () => {
    expect(fixesOf(text, request)).toEqual(['make the selector (app=wep) match the labels of pods (x.yaml:13): the nearest are app=web']);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });

  test('because they are stated is told where; the selector counts without them', () => {
    const stated = `${text.replace('wep', 'web')}endpoints:\n  - service: web\n    addresses: []\n`;
    expect(fixesOf(stated, request)).toEqual([
      'add addresses to the stated endpoints (x.yaml:16), or take them away so that the selector counts',
    ]);
    expect(mended(stated, request, 0).outcome).toBe('delivered');
  });
});

describe('a rule of a firewall', () => {
  const text = `${HEAD}pods: [{ name: client, node: node-1 }]
internet:
  gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }
  firewall:
    - { action: allow, ports: [443/tcp] }
    - { action: deny }
`;
  const request = { source: 'client', destination: '8.8.8.8:53/udp' };

  test('is put before the one that decided', () => {
    const remedy = ask(text, request).reason?.remedies[0];
    expect(remedy?.kind === 'edit' ? remedy.edits : []).toMatchObject([{ edit: 'insert', path: ['internet', 'firewall'], before: 1 }]);
    expect(mended(text, request, 0).outcome).toBe('exits');
  });
});

describe('fixes that change several fields', () => {
  test('rp_filter where there is no way back: of all and of the device, for the greater counts', () => {
    const text = `${HEAD.replace(
      '10.244.1.0/24 }',
      '10.244.1.0/24, sysctls: { net.ipv4.conf.all.rp_filter: 2, net.ipv4.conf.eth0.rp_filter: 1 }, routes: { remove: [10.244.2.0/24] } }',
    )}pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]\n`;
    const request = { source: 'b', destination: 'a:80' };
    const trace = ask(text, request);
    expect(trace.reason?.fix[1]).toContain('set net.ipv4.conf.all.rp_filter and net.ipv4.conf.eth0.rp_filter to 0 on node-1');
    expect(mended(text, request, 1).reason?.code).toBe('NO_ROUTE');
    expect(trace.alsoBlockedBy.map((r) => r.code)).toContain('NO_ROUTE');
  });

  test('the bridge that asks iptables needs hairpin mode for pods that call themselves', () => {
    const text = `${HEAD.replace(
      'serviceCIDR: 10.96.0.0/12',
      'serviceCIDR: 10.96.0.0/12, cni: { plugin: bridge, hairpinMode: false }',
    ).replace('10.244.1.0/24 }', '10.244.1.0/24, sysctls: { net.bridge.bridge-nf-call-iptables: 0 } }')}pods:
  - { name: client, node: node-1 }
  - { name: web, node: node-1, labels: { app: web }, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`;
    const remedy = ask(text, { source: 'client', destination: 'svc/web' }).reason?.remedies[0];
    expect(remedy?.kind === 'edit' ? remedy.edits.map((e) => e.path.join('.')) : []).toEqual([
      'nodes.0.sysctls.net.bridge.bridge-nf-call-iptables',
      'cluster.cni.hairpinMode',
    ]);
  });
});

describe('what a fix edits', () => {
  const edits = (text: string, request: Request, index = 0) => {
    const remedy = ask(text, request).reason?.remedies[index];
    return remedy?.kind === 'edit' ? remedy.edits.map((e) => [e.path.join('.'), 'value' in e ? e.value : e.edit]) : (remedy?.kind ?? null);
  };

  test('of several next hops is the one that was taken', () => {
    const text = `${HEAD.replace(
      '10.244.1.0/24 }',
      '10.244.1.0/24, routes: { add: [{ to: 10.244.2.0/24, nexthops: [{ via: 192.168.1.12 }, { via: 192.168.1.99 }] }] } }',
    )}pods: [{ name: a, node: node-1 }, { name: b, node: node-2 }]\n`;
    const request = { source: 'a', destination: 'b:80' };
    expect(edits(text, request)).toEqual([['nodes.0.routes.add.0.nexthops.1.via', '192.168.1.12']]);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });

  test.each([
    ['', 'cluster.cni', { plugin: 'bridge', mtu: 900 }],
    [', cni: ptp', 'cluster.cni', { plugin: 'ptp', mtu: 900 }],
    [', cni: { plugin: bridge, hairpinMode: true }', 'cluster.cni.mtu', 900],
  ])('of the CNI plugin is a field of its configuration, which may be its name alone, or left out (%j)', (cni, path, value) => {
    const text = `${HEAD.replace('/12 }', `/12${cni} }`).replace('10.244.2.0/24 }', '10.244.2.0/24, devices: { veth0: { mtu: 900 } } }')}pods:
  - { name: a, node: node-1 }
  - { name: b, node: node-2 }
`;
    const request = { source: 'a', destination: 'b:80', size: 1400 };
    expect(edits(text, request)).toEqual([[path, value]]);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });

  test('of pods that are not ready is one that is not being deleted', () => {
    const text = `${HEAD}pods:
  - { name: client, node: node-1 }
  - { name: old, node: node-1, labels: { app: web }, ready: false, terminating: true }
  - { name: new, node: node-2, labels: { app: web }, ready: false }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80 }] }
`;
    const request = { source: 'client', destination: 'svc/web' };
    expect(edits(text, request)).toEqual([['pods.2.ready', true]]);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });

  test('of a load balancer that is pending is nothing; who is inside may call a node port meanwhile', () => {
    const text = `${HEAD}pods: [{ name: web, node: node-2, labels: { app: web } }, { name: client, node: node-1 }]
services:
  - { name: web, type: LoadBalancer, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80, nodePort: 30080 }] }
internet: { gateway: { ip: 192.168.1.1 } }
`;
    const request = { source: 'internet', destination: 'svc/web' };
    expect(ask(text, request).reason?.code).toBe('LOAD_BALANCER_PENDING');
    expect([edits(text, request, 0), edits(text, request, 1)]).toEqual(['advice', 'advice']);
  });

  test('of a pod with one family keeps the address that it has', () => {
    const text = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDRs: [10.244.0.0/16, "fd00:10:244::/56"], serviceCIDRs: [10.96.0.0/12, "fd00:10:96::/112"] }
nodes:
  - { name: node-1, ips: [192.168.1.11, "fd00:192:168:1::11"], podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"] }
pods:
  - { name: client, node: node-1 }
  - { name: web, node: node-1, ips: [10.244.1.77] }
`;
    const request = { source: 'client', destination: 'web:80', family: 'IPv6' } as const;
    expect(edits(text, request)).toEqual([
      ['pods.1.ips', 'remove'],
      ['pods.1.ip', '10.244.1.77'],
    ]);
    expect(mended(text, request, 0).outcome).toBe('delivered');
  });
});

describe('a node port in nftables mode, on an address that is not the one of its ip', () => {
  const text = (kubeProxy: string) => `${HEAD.replace('10.96.0.0/12 }', `10.96.0.0/12, kubeProxy: ${kubeProxy} }`).replace(
    'podCIDR: 10.244.1.0/24 }',
    'podCIDR: 10.244.1.0/24, addresses: [{ dev: eth0, ip: 192.168.1.50 }] }',
  )}pods: [{ name: a, node: node-1 }, { name: b, node: node-2, labels: { app: web }, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }]
services: [{ name: web, type: NodePort, clusterIP: 10.96.0.10, selector: { app: web }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }]
internet: { gateway: { ip: 192.168.1.1 } }
`;
  const request = { source: 'a', destination: '192.168.1.50:30080' };

  test.each(['nftables', '{ mode: nftables }', '{ mode: nftables, nodePortAddresses: [192.168.1.11/32] }'])('%s', (kubeProxy) => {
    expect(ask(text(kubeProxy), request).outcome).toBe('rejected');
    expect(mended(text(kubeProxy), request, 0).outcome).toBe('delivered');
  });

  test('127.0.0.1 is not to be had: the ClusterIP is called instead', () => {
    const local = { source: 'node-1', destination: '127.0.0.1:30080' };
    expect(ask(text('nftables'), local).outcome).toBe('rejected');
    expect(mended(text('nftables'), local, 0).outcome).toBe('delivered');
  });
});
