import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/index.ts';
import { ask, crossings, matchedRules } from '../tracing.ts';

/**
 * What a capture on every device of a real kernel shows (Linux 6.18, docs/kernel.md), row by row: the crossings of the request, of what
 * comes back, and what the client sees. The expectations were written from captures, not from this program.
 */
interface Row {
  readonly name: string;
  readonly fixture: string;
  readonly ask: readonly [string, string];
  readonly more?: Partial<Request>;
  readonly outcome: string;
  readonly code?: string;
  readonly client: string;
  /** Which path, by the endpoint that got the request; the first one when left out. */
  readonly endpoint?: string;
  readonly forward: readonly string[];
  readonly reply?: readonly string[];
}

const A = '10.244.1.10';
const B = '10.244.1.11';
const C = '10.244.2.10';
const D = '10.244.2.11';
const WEB = '10.96.0.10';
const ECHO = '10.96.0.12';

/** The crossings of a way with the same header all along. */
const all = (header: string, ...places: readonly string[]) => places.map((p) => `${p} ${header}`);
const UP = ['pod-a eth0 out', 'node-1 veth0 in', 'node-1 cni0 in'];
const DOWN = ['node-1 cni0 out', 'node-1 veth0 out', 'pod-a eth0 in'];

const rows: readonly Row[] = [
  {
    name: 'same node: the bridge device is not crossed',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', 'pod-b'],
    outcome: 'delivered',
    client: 'answer',
    forward: all(`${A} > ${B}`, 'pod-a eth0 out', 'node-1 veth0 in', 'node-1 veth1 out', 'pod-b eth0 in'),
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 veth0 out', 'pod-a eth0 in'),
  },
  {
    name: 'other node: up through the bridge, routed, and down again',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'delivered',
    client: 'answer',
    forward: all(`${A} > ${D}`, ...UP, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    reply: all(`${D} > ${A}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in', ...DOWN),
  },
  {
    name: 'ClusterIP, endpoint on another node: DNAT between veth0 and cni0, undone between eth0 and cni0, no masquerade',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: C,
    outcome: 'delivered',
    client: 'answer',
    forward: [
      ...all(`${A} > ${WEB}`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all(`${A} > ${C}`, 'node-1 cni0 in', 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    ],
    reply: [
      ...all(`${C} > ${A}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in'),
      ...all(`${WEB} > ${A}`, ...DOWN),
    ],
  },
  {
    name: 'ClusterIP, endpoint on the same bridge, bridge-nf on: DNAT on the bridge, and the frame stays on it',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: B,
    outcome: 'delivered',
    client: 'answer',
    forward: [...all(`${A} > ${WEB}`, 'pod-a eth0 out', 'node-1 veth0 in'), ...all(`${A} > ${B}`, 'node-1 veth1 out', 'pod-b eth0 in')],
    reply: [...all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in'), ...all(`${WEB} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in')],
  },
  {
    name: 'the same with bridge-nf off: the answer is switched, never un-DNATed, and the client does not know it',
    fixture: 'kernel/bridge-nf-off.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: B,
    outcome: 'dropped',
    code: 'ASYMMETRIC_NAT',
    client: 'time-out',
    forward: [...all(`${A} > ${WEB}`, ...UP), ...all(`${A} > ${B}`, 'node-1 cni0 out', 'node-1 veth1 out', 'pod-b eth0 in')],
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 veth0 out', 'pod-a eth0 in'),
  },
  {
    name: 'bridge-nf off, endpoint on another node: all is well, which is why it looks random',
    fixture: 'kernel/bridge-nf-off.yaml',
    ask: ['pod-a', 'svc/web'],
    endpoint: C,
    outcome: 'delivered',
    client: 'answer',
    forward: [
      ...all(`${A} > ${WEB}`, ...UP),
      ...all(`${A} > ${C}`, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth0 out', 'pod-c eth0 in'),
    ],
    reply: [
      ...all(`${C} > ${A}`, 'pod-c eth0 out', 'node-2 veth0 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in'),
      ...all(`${WEB} > ${A}`, ...DOWN),
    ],
  },
  {
    name: 'UDP, bridge-nf off: a connected socket ignores the answer',
    fixture: 'kernel/udp-bridge-nf-off.yaml',
    ask: ['pod-a', 'svc/dns'],
    endpoint: B,
    outcome: 'dropped',
    code: 'ASYMMETRIC_NAT',
    client: 'time-out',
    forward: [...all(`${A} > 10.96.0.53`, ...UP), ...all(`${A} > ${B}`, 'node-1 cni0 out', 'node-1 veth1 out', 'pod-b eth0 in')],
    reply: all(`${B} > ${A}`, 'pod-b eth0 out', 'node-1 veth1 in', 'node-1 veth0 out', 'pod-a eth0 in'),
  },
  {
    name: "hairpin on: DNAT to itself, masquerade to the bridge's address, back out of the same port",
    fixture: 'four-pods.yaml',
    ask: ['pod-a', 'svc/echo'],
    outcome: 'delivered',
    client: 'answer',
    forward: [
      ...all(`${A} > ${ECHO}`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all(`10.244.1.1 > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in'),
    ],
    reply: [
      ...all(`${A} > 10.244.1.1`, 'pod-a eth0 out', 'node-1 veth0 in'),
      ...all(`${ECHO} > ${A}`, 'node-1 veth0 out', 'pod-a eth0 in'),
    ],
  },
  {
    name: 'hairpin off: in by veth0 and then nothing',
    fixture: 'kernel/hairpin-off.yaml',
    ask: ['pod-a', 'svc/echo'],
    outcome: 'dropped',
    code: 'HAIRPIN_OFF',
    client: 'time-out',
    forward: all(`${A} > ${ECHO}`, 'pod-a eth0 out', 'node-1 veth0 in'),
  },
  {
    name: "no endpoints, with a default route: kube-proxy's REJECT in FORWARD, connection refused",
    fixture: 'kernel/no-endpoints.yaml',
    ask: ['pod-a', 'svc/none'],
    outcome: 'rejected',
    code: 'NO_ENDPOINTS',
    client: 'refused',
    forward: all(`${A} > 10.96.0.20`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  {
    name: 'no endpoints, no default route: routing fails first',
    fixture: 'kernel/no-endpoints-no-gateway.yaml',
    ask: ['pod-a', 'svc/none'],
    outcome: 'rejected',
    code: 'NO_ENDPOINTS',
    client: 'net-unreachable',
    forward: all(`${A} > 10.96.0.20`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  {
    name: 'a port that the service does not have follows the default route, masqueraded, and dies outside',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', '10.96.0.10:81'],
    outcome: 'dropped',
    code: 'NO_SUCH_PORT',
    client: 'time-out',
    forward: [...all(`${A} > ${WEB}`, ...UP), ...all(`192.168.1.11 > ${WEB}`, 'node-1 eth0 out', 'gateway eth0 in', 'gateway wan0 out')],
  },
  {
    name: 'the same without a default route: network unreachable',
    fixture: 'kernel/no-gateway.yaml',
    ask: ['pod-a', '10.96.0.10:81'],
    outcome: 'rejected',
    code: 'NO_SUCH_PORT',
    client: 'net-unreachable',
    forward: all(`${A} > ${WEB}`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  {
    name: 'no route, forwarded: network unreachable',
    fixture: 'kernel/no-route.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'rejected',
    code: 'NO_ROUTE',
    client: 'net-unreachable',
    forward: all(`${A} > ${D}`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  {
    name: 'blackhole: silence',
    fixture: 'kernel/blackhole.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'BLACKHOLE_ROUTE',
    client: 'time-out',
    forward: all(`${A} > ${D}`, ...UP),
  },
  {
    name: 'unreachable: no route to host',
    fixture: 'kernel/unreachable.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'rejected',
    code: 'UNREACHABLE_ROUTE',
    client: 'host-unreachable',
    forward: all(`${A} > ${D}`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  {
    name: 'prohibit: administratively prohibited, no route to host',
    fixture: 'kernel/prohibit.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'rejected',
    code: 'PROHIBIT_ROUTE',
    client: 'host-unreachable',
    forward: all(`${A} > ${D}`, ...UP),
    reply: all(`10.244.1.1 > ${A}`, ...DOWN),
  },
  ...(['no-route', 'blackhole', 'unreachable', 'prohibit'] as const).map((type): Row => {
    const [code, client] = {
      'no-route': ['NO_ROUTE', 'net-unreachable'],
      blackhole: ['BLACKHOLE_ROUTE', 'invalid'],
      unreachable: ['UNREACHABLE_ROUTE', 'host-unreachable'],
      prohibit: ['PROHIBIT_ROUTE', 'not-permitted'],
    }[type] as [string, string];
    return {
      name: `${type}, sent by a process on the node: an error of the call, no packet leaves`,
      fixture: `kernel/${type}.yaml`,
      ask: ['node-1', 'pod-d'],
      outcome: 'rejected',
      code,
      client,
      forward: [],
    };
  }),
  {
    name: 'a process on a node calls a ClusterIP without a route for it: the route comes before the service',
    fixture: 'kernel/no-gateway.yaml',
    ask: ['node-1', 'svc/web'],
    outcome: 'rejected',
    code: 'NO_ROUTE',
    client: 'net-unreachable',
    forward: [],
  },
  {
    name: 'ip_forward 0: silence on the way out',
    fixture: 'kernel/forwarding-off.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'FORWARDING_DISABLED',
    client: 'time-out',
    forward: all(`${A} > ${D}`, ...UP),
  },
  {
    name: 'ip_forward 0: silence on the way in',
    fixture: 'kernel/forwarding-off.yaml',
    ask: ['pod-d', 'pod-a'],
    outcome: 'dropped',
    code: 'FORWARDING_DISABLED',
    client: 'time-out',
    forward: all(`${D} > ${A}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in'),
  },
  {
    name: "an address that no pod has: gets to its node's eth0, ARP fails, no route to host",
    fixture: 'four-pods.yaml',
    ask: ['pod-a', '10.244.2.99:80'],
    outcome: 'rejected',
    code: 'NEIGHBOUR_UNREACHABLE',
    client: 'host-unreachable',
    forward: all(`${A} > 10.244.2.99`, ...UP, 'node-1 eth0 out', 'node-2 eth0 in'),
    reply: all(`192.168.1.12 > ${A}`, 'node-2 eth0 out', 'node-1 eth0 in', ...DOWN),
  },
  {
    name: 'a process on a node to a local pod: the source is the bridge',
    fixture: 'four-pods.yaml',
    ask: ['node-1', 'pod-a'],
    outcome: 'delivered',
    client: 'answer',
    forward: all(`10.244.1.1 > ${A}`, ...DOWN),
    reply: all(`${A} > 10.244.1.1`, ...UP),
  },
  {
    name: 'a process on a node to a remote pod: the source is the node',
    fixture: 'four-pods.yaml',
    ask: ['node-1', 'pod-d'],
    outcome: 'delivered',
    client: 'answer',
    forward: all(`192.168.1.11 > ${D}`, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    reply: all(`${D} > 192.168.1.11`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in'),
  },
  {
    name: 'a process on a node to a service with a local endpoint: masqueraded to the address of the device that it leaves by',
    fixture: 'four-pods.yaml',
    ask: ['node-1', 'svc/web'],
    endpoint: B,
    outcome: 'delivered',
    client: 'answer',
    forward: all(`10.244.1.1 > ${B}`, 'node-1 cni0 out', 'node-1 veth1 out', 'pod-b eth0 in'),
    reply: all(`${B} > 10.244.1.1`, 'pod-b eth0 out', 'node-1 veth1 in').concat(all(`${B} > 192.168.1.11`, 'node-1 cni0 in')),
  },
  {
    name: "asymmetric paths: SYN and SYN-ACK arrive, the client's ACK is INVALID on the third node, and dropped",
    fixture: 'kernel/asymmetric.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'dropped',
    code: 'CONNTRACK_INVALID',
    client: 'time-out',
    forward: all(
      `${A} > ${D}`,
      ...UP,
      'node-1 eth0 out',
      'node-3 eth0 in',
      'node-3 eth0 out',
      'node-2 eth0 in',
      'node-2 cni0 out',
      'node-2 veth1 out',
      'pod-d eth0 in',
    ),
    reply: all(`${D} > ${A}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in', ...DOWN),
  },
  {
    name: 'UDP on asymmetric paths works',
    fixture: 'kernel/udp-asymmetric.yaml',
    ask: ['pod-a', 'pod-d:dns'],
    outcome: 'delivered',
    client: 'answer',
    forward: all(
      `${A} > ${D}`,
      ...UP,
      'node-1 eth0 out',
      'node-3 eth0 in',
      'node-3 eth0 out',
      'node-2 eth0 in',
      'node-2 cni0 out',
      'node-2 veth1 out',
      'pod-d eth0 in',
    ),
    reply: all(`${D} > ${A}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in', ...DOWN),
  },
  {
    name: 'its own address crosses only lo',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', 'pod-a'],
    outcome: 'delivered',
    client: 'answer',
    forward: [`pod-a lo in ${A} > ${A}`],
    reply: [`pod-a lo in ${A} > ${A}`],
  },
  {
    name: '127.0.0.1 crosses only lo',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', '127.0.0.1:8080'],
    outcome: 'delivered',
    client: 'answer',
    forward: ['pod-a lo in 127.0.0.1 > 127.0.0.1'],
    reply: ['pod-a lo in 127.0.0.1 > 127.0.0.1'],
  },
  {
    name: 'ipMasq of the bridge plugin masquerades pod to pod across nodes too',
    fixture: 'kernel/ip-masq.yaml',
    ask: ['pod-a', 'pod-d'],
    outcome: 'delivered',
    client: 'answer',
    forward: [
      ...all(`${A} > ${D}`, ...UP),
      ...all(`192.168.1.11 > ${D}`, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    ],
    reply: [
      ...all(`${D} > 192.168.1.11`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in'),
      ...all(`${D} > ${A}`, ...DOWN),
    ],
  },
  {
    name: 'a closed port on a pod of another node: reset',
    fixture: 'four-pods.yaml',
    ask: ['pod-a', 'pod-d:9090'],
    outcome: 'rejected',
    code: 'NOBODY_LISTENS',
    client: 'refused',
    forward: all(`${A} > ${D}`, ...UP, 'node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'),
    reply: all(`${D} > ${A}`, 'pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in', ...DOWN),
  },
];

describe('crossings on a real kernel', () => {
  for (const row of rows)
    it(row.name, () => {
      const trace = ask(row.fixture, row.ask[0], row.ask[1], row.more);
      const path = trace.paths.find((p) => row.endpoint === undefined || p.endpoint?.ip === row.endpoint);
      const rules = matchedRules(path?.forward ?? null);
      const seen = {
        outcome: path?.outcome,
        code: path?.reason?.code,
        client: path?.client,
        forward: crossings(path?.forward ?? null),
        reply: crossings(path?.reply ?? null),
      };
      expect(seen, `rules that matched:\n${rules}`).toEqual({
        outcome: row.outcome,
        code: row.code,
        client: row.client,
        forward: row.forward,
        reply: row.reply ?? [],
      });
    });
});
