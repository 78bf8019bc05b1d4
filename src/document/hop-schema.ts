import * as z from 'zod';
import { CODES } from '../hop/code.ts';
import { hook, hopBase, open, rules, source } from './hop-base-schema.ts';
import { policyHop } from './policy-hop-schema.ts';

/** A hop in the JSON of a trace: what each kind of hop says beside what all do. */
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
  policyHop,
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
