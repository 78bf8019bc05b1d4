import { describe, expect, it } from 'vitest';
import type { WalkDocument } from '../src/index.ts';
import { headersFollow } from './laws/headers.ts';
import { ask } from './tracing.ts';

/** What the gateway, firewalls and load balancers did, by kind and in words. */
function edgeOf(walk: WalkDocument | null): readonly string[] {
  return (walk?.hops ?? []).flatMap((h) =>
    h.kind === 'gateway' || h.kind === 'firewall' || h.kind === 'load-balancer' ? [`${h.netns} ${h.kind}: ${h.text}`] : [],
  );
}

interface Row {
  readonly name: string;
  readonly fixture: string;
  readonly ask: readonly [string, string];
  readonly forward: readonly string[];
  readonly reply?: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'in from outside: translated, then asked',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['laptop', '203.0.113.11:30080'],
    forward: [
      'gateway gateway: the way in from outside: DNAT to 192.168.1.11:30080',
      'gateway firewall: edge firewall, rule 1 (the web): allow 443/tcp, 30080/tcp to 192.168.1.0/24',
    ],
    reply: ['gateway firewall: passes: its connection is known', 'gateway gateway: the way out: DNAT undone from 203.0.113.11:30080'],
  },
  {
    name: 'out: asked, then translated',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['pod-a', 'laptop:443'],
    forward: [
      'gateway firewall: edge firewall, rule 3: allow everything from 192.168.1.11/32',
      'gateway gateway: the way out: SNAT from 203.0.113.11:40000',
    ],
    reply: [
      'gateway gateway: the way in from outside: SNAT undone to 192.168.1.11:40000',
      'gateway firewall: passes: its connection is known',
    ],
  },
  {
    name: 'the default decides what no rule is about',
    fixture: 'kernel/firewall-edge.yaml',
    ask: ['laptop', '203.0.113.11:22'],
    forward: [
      'gateway gateway: the way in from outside: DNAT to 192.168.1.11:22',
      'gateway firewall: edge firewall: no rule is about it, and its default is deny',
    ],
  },
  {
    name: 'a router is no gateway',
    fixture: 'kernel/firewall-routers.yaml',
    ask: ['pod-a', 'pod-d:8080'],
    forward: ['r1 firewall: underlay firewall, rule 2: allow everything from 10.244.1.0/24 to 10.244.2.0/24'],
    reply: ['r1 firewall: passes: its connection is known'],
  },
  {
    name: 'out without NAT: whoever has no public address passes as he is',
    fixture: 'kernel/internet.yaml',
    ask: ['pod-c', 'laptop:443'],
    forward: ['gateway gateway: the way out: no NAT'],
  },
  {
    name: 'a load balancer that hands packets on, to the only node that passes its check',
    fixture: 'kernel/internet-balancer.yaml',
    ask: ['laptop', '203.0.113.10:80'],
    forward: ['gateway load-balancer: load balancer of default/api: hands it to a node as it is, of node-2'],
    reply: ['gateway gateway: the way out: no NAT'],
  },
  {
    name: 'a load balancer that is a proxy: to a node port, in its own name, and back',
    fixture: 'kernel/internet-balancer.yaml',
    ask: ['laptop', '203.0.113.20:80'],
    forward: [
      'gateway load-balancer: load balancer of default/api: DNAT to 192.168.1.12:30080',
      'gateway load-balancer: load balancer of default/api: SNAT from 192.168.1.1:40000',
    ],
    reply: [
      'gateway load-balancer: load balancer of default/api: SNAT undone to 198.51.100.7:40000',
      'gateway load-balancer: load balancer of default/api: DNAT undone from 203.0.113.20:80',
    ],
  },
];

describe('the edge of the cluster, by its own names', () => {
  it.each(rows)('$name', ({ fixture, ask: [source, destination], forward, reply = [] }) => {
    const [path] = ask(fixture, source, destination).paths;
    expect({ forward: edgeOf(path?.forward ?? null), reply: edgeOf(path?.reply ?? null) }).toEqual({ forward, reply });
  });

  it.each(rows)('$name: no header is lost by it, and a reason points at the last hop', ({ fixture, ask: [source, destination] }) => {
    for (const path of ask(fixture, source, destination).paths) {
      for (const walk of [path.forward, path.reply, path.ack]) headersFollow(walk?.hops ?? []);
      if (path.reason === null) continue;
      const walk = path.reason.walk === 'dns' ? path.dns?.forward : path[path.reason.walk];
      expect(path.reason.hop).toBe((walk?.hops.length ?? 0) - 1);
    }
  });
});

describe('what a firewall that denies says', () => {
  it.each([
    [
      'kernel/firewall-edge.yaml',
      'laptop',
      '203.0.113.11:22',
      17,
      'add { action: allow, from: 198.51.100.7/32, to: 192.168.1.11/32, ports: [22/tcp] }',
    ],
    ['kernel/firewall-edge.yaml', 'laptop', '203.0.113.11/icmp', 17, 'protocol: icmp }'],
    [
      'kernel/firewall-edge.yaml',
      'pod-a',
      'laptop:25',
      20,
      'put { action: allow, from: 192.168.1.11/32, to: 198.51.100.7/32, ports: [25/tcp] } before it',
    ],
    ['kernel/firewall-routers.yaml', 'pod-a', 'pod-d:8085', 18, 'before it'],
    ['kernel/firewall-asymmetric.yaml', 'pod-a', 'pod-d:8080', 21, 'let request and answer go by the same machine'],
  ])('%s, %s to %s: line %d, and a fix', (fixture, source, destination, line, fix) => {
    const { reason } = ask(fixture, source, destination);
    expect([reason?.code, reason?.source?.line]).toEqual(['FIREWALL_DENIED', line]);
    expect(reason?.fix.join()).toContain(fix);
  });
});

describe('a rule that fits the packet as it was sent is offered to be changed', () => {
  it.each([
    ['laptop', '203.0.113.11:30080', 'or state to: 192.168.1.11/32 in rule 1 (by its public address) (kernel/firewall-near.yaml:13)'],
    ['pod-c', 'laptop:443', "or state from: 192.168.1.12/32 in rule 2 (the pod's own) (kernel/firewall-near.yaml:14)"],
    // Neither the port nor the action of any rule is right.
    ['laptop', '203.0.113.11:22', null],
    ['pod-c', 'laptop:25', null],
  ])('%s to %s', (source, destination, fix) => {
    const { reason } = ask('kernel/firewall-near.yaml', source, destination);
    expect(reason?.code).toBe('FIREWALL_DENIED');
    const [add, ...more] = reason?.fix ?? [];
    expect(add).toMatch(/^(add|put) /);
    expect(more.map((text) => text.split(', which fits')[0])).toEqual(fix === null ? [] : [fix]);
  });
});

describe('what hands packets on is no end of a trace', () => {
  it.each([
    ['gateway', 'pod-d', 'gateway is the gateway', '192.168.1.1'],
    ['pod-a', 'gateway:80', 'gateway is the gateway', '192.168.1.1'],
    ['pod-a', 'r1', 'r1 is a router', '192.168.1.254 or 192.168.2.254'],
  ])('%s to %s', (source, destination, message, address) => {
    const fixture = message.includes('router') ? 'kernel/firewall-routers.yaml' : 'kernel/internet.yaml';
    expect(() => ask(fixture, source, destination)).toThrow(
      `${message}: it hands packets on, and is no end of a trace by its name; its address can be called: ${address}`,
    );
  });
});

describe('what is said of an end at the gateway, or beyond it', () => {
  it.each([
    [
      'kernel/internet.yaml',
      'pod-c',
      '203.0.113.11:30080',
      ['only for who comes from outside', 'call 192.168.1.11:30080 from inside (kernel/internet.yaml:15)'],
    ],
    ['kernel/internet-shared.yaml', 'pod-c', '203.0.113.1:80', ['203.0.113.1 is the source that the gateway gives', 'nat: [']],
    [
      'kernel/internet-untranslated.yaml',
      'pod-a',
      'laptop:443',
      ['does not say that the gateway has a public one', 'publicIP, or a nat entry'],
    ],
    ['kernel/internet-shared.yaml', 'pod-a', '192.168.5.5:80', ['a private address that no machine of the input has', 'underlay.segments']],
    [
      'kernel/internet-flat.yaml',
      'pod-c',
      'laptop:443',
      [
        '10.244.2.0/24 (pods of node-2)',
        'internet.gateway.routes, kernel/internet-flat.yaml:15): { to: 10.244.2.0/24, via: 192.168.1.12 }',
        'cluster.masquerade is none (kernel/internet-flat.yaml:4)',
      ],
    ],
    [
      'kernel/internet-flat.yaml',
      'pod-c',
      '8.8.8.8:443',
      [
        'no route back to 10.244.2.0/24 (pods of node-2)',
        'internet.gateway.routes, kernel/internet-flat.yaml:15): { to: 10.244.2.0/24, via: 192.168.1.12 }',
      ],
    ],
    // Of whom nothing is known, nothing is said.
    ['kernel/internet-untranslated.yaml', 'pod-a', '8.8.8.8:443', ['left by wan0 of gateway']],
  ])('%s, %s to %s', (fixture, source, destination, words) => {
    const { reason } = ask(fixture, source, destination);
    const said = [reason?.message, ...(reason?.fix ?? [])].join();
    for (const text of words) expect(said).toContain(text);
  });
});
