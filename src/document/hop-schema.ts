import * as z from 'zod';
import { CODES } from '../hop/code.ts';

/** A hop in the JSON of a trace: the packet, its place in the input, and what each kind of hop says. Objects are open, as in trace-schema.ts. */
const open = z.looseObject;

export const position = open({
  file: z.string(),
  line: z.number().int().min(1),
  column: z.number().int().min(1),
  object: z.string().describe('What it belongs to, as Node/node-1 or Service/default/web.'),
}).describe('The place in the input that decided.');
export const source = position.nullable();

const tuple = {
  protocol: z.enum(['tcp', 'udp', 'sctp', 'icmp']),
  source: z.string(),
  sourcePort: z.number().int().nullable(),
  destination: z.string(),
  destinationPort: z.number().int().nullable(),
};

const packet = open({
  ...tuple,
  tcpFlags: z.enum(['SYN', 'SYN-ACK', 'ACK', 'PSH-ACK', 'RST']).nullable(),
  ttl: z.number().int().min(0).max(255),
  size: z.number().int().min(0).describe('Bytes of the IP packet.'),
  icmp: open({
    type: z.enum(['echo-request', 'echo-reply', 'destination-unreachable', 'time-exceeded', 'packet-too-big']),
    code: z.string().nullable(),
    mtu: z.number().int().nullable(),
    original: open(tuple).nullable().describe('The header that an ICMP error quotes.'),
  }).nullable(),
  outer: open({
    protocol: z.enum(['udp', 'ipip']),
    source: z.string(),
    sourcePort: z.null().describe('A hash of the flow.'),
    destination: z.string(),
    destinationPort: z.number().int().nullable().describe('Null: IPIP has no ports.'),
    ttl: z.number().int().min(0).max(255),
    size: z.number().int().min(0).describe('Bytes of the IP packet, with the one inside.'),
    vni: z.number().int().nullable(),
  })
    .nullable()
    .describe('The header of the packet that carries it through a tunnel: from the `encap` hop to the `decap` hop.'),
}).describe('The packet as it is after this hop.');

const ruleStep = open({ chain: z.string(), rule: z.string(), source });
const missed = open({ chain: z.string(), rule: z.string(), failed: z.string() }).describe(
  'A rule that was looked at and did not match, and by which condition.',
);

const hopBase = {
  index: z.number().int().min(0),
  node: z.string(),
  netns: z.string().describe("The node's name for the host's own namespace, namespace/pod for a pod's."),
  device: z.string().nullable(),
  packet,
  about: z.literal('outer').optional().describe('The hop is about the packet that carries this one through a tunnel: `packet.outer`.'),
  mark: z.number().int(),
  changes: z.array(open({ field: z.string(), from: z.union([z.string(), z.number()]), to: z.union([z.string(), z.number()]) })),
  evidence: z.enum(['declared', 'inferred', 'assumed']),
  source,
  text: z.string(),
};

const hook = z.enum(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);
const rules = { rules: z.array(ruleStep).describe('The rules that matched, in order.'), lookedAt: z.array(missed) };

const dnsStep = open({
  name: z.string(),
  answer: z.enum(['A', 'AAAA', 'CNAME', 'NODATA', 'NXDOMAIN', 'unknown']).describe('unknown: the input does not say.'),
  target: z.string().nullable().describe('Where a CNAME leads.'),
  addresses: z.array(z.string()),
  text: z.string(),
}).describe('A name that was asked for, and the answer.');

const natActions = ['dnat', 'snat', 'masquerade', 'un-dnat', 'un-snat', 'icmp-error'] as const;

const mountEnd = open({
  process: z.string(),
  path: z.string().describe('Where it sees the shared files.'),
  subPath: z.string(),
  writable: z.boolean(),
});

const tunnel = open({
  type: z.enum(['vxlan', 'ipip', 'geneve']),
  vni: z.number().int().nullable(),
  port: z.number().int().nullable(),
  local: z.string().describe('The address of this end on the network that carries the tunnel.'),
  remote: z.string().describe('That of the other end.'),
});

const policy = { kind: z.string(), namespace: z.string().nullable().describe('Null: it is of no namespace.'), name: z.string() };

export const selectedPolicy = open({ ...policy, tier: z.string().nullable(), priority: z.number().int().nullable(), source });

export const policyDecider = open({
  ...policy,
  rule: z.number().int().nullable().describe('From 0, as are peer and port; null: the policy allows nothing of the kind.'),
  peer: z.number().int().nullable().describe('Null: the rule lists none.'),
  port: z.number().int().nullable().describe('Null: the rule lists none.'),
  action: z.enum(['Allow', 'Accept', 'Deny', 'Pass']),
  source,
});

export const hopSchema = z.discriminatedUnion('kind', [
  open({
    ...hopBase,
    kind: z.literal('dns'),
    question: z.string().describe('The name as it was asked, in lower case.'),
    type: z.enum(['A', 'AAAA']).describe('The record that was asked for.'),
    server: open({ name: z.string(), ip: z.string().nullable() })
      .nullable()
      .describe('Who was asked; null: nobody, for /etc/hosts has the name.'),
    steps: z.array(dnsStep).describe('By /etc/hosts, or by ndots and the search list.'),
    answer: z.array(z.string()).describe('The addresses; empty when there is none.'),
  }),
  open({ ...hopBase, kind: z.literal('socket'), action: z.enum(['send', 'receive']), process: z.string() }),
  open({ ...hopBase, kind: z.literal('interface'), direction: z.enum(['out', 'in']) }),
  open({
    ...hopBase,
    kind: z.literal('bridge'),
    bridge: z.string(),
    port: z.string().nullable(),
    verdict: z.enum(['forwarded', 'flooded', 'passed-up']),
  }),
  open({
    ...hopBase,
    kind: z.literal('route'),
    table: z.string(),
    prefix: z.string(),
    type: z.enum(['unicast', 'local', 'broadcast', 'anycast', 'blackhole', 'unreachable', 'prohibit', 'throw']),
    via: z.string().nullable(),
    dev: z.string().nullable(),
    rule: z.number().int().describe('Priority of the rule that chose the table.'),
  }),
  open({
    ...hopBase,
    kind: z.literal('filter'),
    table: z.string().describe("One of iptables', raw, mangle or filter, or the name of an nft table, as kube-proxy."),
    hook,
    chain: z.string(),
    rule: z.string().nullable(),
    verdict: z.enum(['ACCEPT', 'DROP', 'REJECT', 'MARK']),
    ...rules,
  }),
  open({
    ...hopBase,
    kind: z.literal('nat'),
    action: z.enum(natActions),
    hook,
    chains: z.array(z.string()),
    ...rules,
  }),
  open({ ...hopBase, kind: z.literal('neighbour'), address: z.string(), answeredBy: open({ netns: z.string(), device: z.string() }) }),
  open({ ...hopBase, kind: z.literal('underlay'), segment: z.string() }),
  open({
    ...hopBase,
    kind: z.literal('encap'),
    tunnel,
    neighbour: open({ address: z.string(), lladdr: z.string(), source })
      .nullable()
      .describe("The next hop's entry on the tunnel device; null for IPIP."),
    fdb: open({ lladdr: z.string(), dst: z.string(), source })
      .nullable()
      .describe('The entry of the forwarding table that names the machine; null for IPIP.'),
  }),
  open({ ...hopBase, kind: z.literal('decap'), tunnel }),
  open({
    ...hopBase,
    kind: z.literal('gateway'),
    action: z.enum(['pass', ...natActions]),
    towards: z.enum(['inside', 'outside']),
    ...rules,
  }),
  open({
    ...hopBase,
    kind: z.literal('firewall'),
    verdict: z.enum(['ACCEPT', 'DROP', 'REJECT']),
    decisions: z
      .array(
        open({
          list: z.enum(['edge', 'underlay']),
          rule: z.number().int().min(1).nullable().describe('Its place in the list; null when the default decided.'),
        }),
      )
      .describe('One for each list that was asked; none when the connection was known.'),
    ...rules,
  }),
  open({
    ...hopBase,
    kind: z.literal('load-balancer'),
    service: z.string(),
    action: z.enum(['hand-on', ...natActions]),
    nodes: z.array(z.string()).describe('The nodes that pass its health check.'),
    ...rules,
  }),
  open({
    ...hopBase,
    kind: z.literal('policy'),
    direction: z.enum(['ingress', 'egress']),
    pod: z.string().describe('The pod that the policies are about, as namespace/name.'),
    enforcer: z.string().describe('Who asks them.'),
    verdict: z.enum(['allow', 'deny', 'none', 'unknown']).describe('none: no policy is about the pod in this direction.'),
    selected: z.array(selectedPolicy).describe('All policies that are about the pod in this direction, in the order of evaluation.'),
    decidedBy: policyDecider.nullable(),
    candidates: z
      .array(
        open({
          ...policy,
          rule: z.number().int(),
          failed: z.enum(['peer', 'port', 'protocol', 'family', 'unknown']),
          text: z.string(),
          source,
        }),
      )
      .describe('Of a packet that is not let through: the rules that could have, and the first thing about each that did not fit.'),
  }),
  open({
    ...hopBase,
    kind: z.literal('skip'),
    mechanism: z.enum(['masquerade', 'dnat', 'bridge-netfilter', 'nat-invalid', 'policy']),
    policy: open({
      direction: z.enum(['ingress', 'egress']),
      pod: z.string(),
      why: z.enum(['own-node', 'known-connection', 'self', 'host-network', 'not-enforced', 'too-old', 'too-new']),
    })
      .optional()
      .describe('Of mechanism policy: why policies were not asked.'),
    ...rules,
  }),
  open({
    ...hopBase,
    kind: z.literal('proxy'),
    action: z
      .enum(['forward', 'return', 'redirect', 'answer'])
      .describe('forward: a new connection begins, whose header `changes` lists. return: on the way back. The others: it answers itself.'),
    process: z.string(),
    rule: z.string().describe('The rule of the Ingress or HTTPRoute that the request matched.'),
    url: z.string(),
    to: z.string().nullable().describe('What the backend is asked for, or where a redirect sends the client.'),
    backend: z.string().nullable(),
    tls: z.enum(['terminated', 'none']),
    edits: z.array(z.string()).describe('Changes of HTTP headers, in words.'),
    forwardedFor: z.string().describe("The client's address as the controller sees it."),
  }),
  open({
    ...hopBase,
    kind: z.literal('ipc'),
    namespace: z.string().nullable().describe("The IPC namespace that both are in: a pod's, as namespace/pod, or a node's."),
    shm: open({ kind: z.enum(['pod', 'node', 'volume']), volume: z.string().nullable(), size: z.string().nullable() })
      .nullable()
      .describe('What is at /dev/shm for both; null: each has another one.'),
    processes: z.boolean().describe('Do they see the processes of each other?'),
  }),
  open({
    ...hopBase,
    kind: z.literal('volume'),
    volume: z.string(),
    type: z.string().describe('As in Kubernetes: emptyDir, hostPath, …'),
    lifetime: z.enum(['pod', 'node', 'claim', 'server', 'content']).describe('With what its files are gone.'),
    from: mountEnd,
    to: mountEnd,
  }),
  open({ ...hopBase, kind: z.literal('drop'), code: z.enum(CODES) }),
]);
