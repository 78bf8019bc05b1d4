import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyDecider, PolicyDecision, PolicyDirection } from '../../src/datapath/policy-point.ts';
import { podAt } from '../../src/k8s/address-index.ts';
import { partyAt } from '../../src/k8s/policy/party.ts';
import { type IpAddress, ip } from '../../src/net/address.ts';
import { contains } from '../../src/net/prefix.ts';
import { type PeerReach, type PodReach, podReach } from '../../src/reach/index.ts';
import { addresses, cluster, policies, topologyOf } from '../k8s/policy/random.ts';
import { decide, type World, worldOf } from '../k8s/policy/world.ts';

/** Each cell of the answer is what both ends' policies say of a packet of it: random clusters, policies of all four kinds, peers and ports. */
const RUNS = Number(process.env['K8S_TRACE_REACH_RUNS'] ?? 60);
/** None of these is a pod's, a node's or a service's. */
const OUTSIDE = ['203.0.113.9', '10.1.0.5', '192.168.1.77', '1.1.1.1', '223.255.255.255'];

const packet = fc.record({
  pod: fc.nat(20),
  peer: fc.nat(20),
  direction: fc.constantFrom<PolicyDirection>('ingress', 'egress'),
  protocol: fc.constantFrom('tcp', 'udp', 'sctp', 'icmp'),
  port: fc.oneof(fc.constantFrom(1, 79, 80, 81, 82, 8079, 8080, 8081, 9000, 9001, 65535), fc.integer({ min: 1, max: 65535 })),
});

interface Question {
  readonly own: string;
  readonly other: string;
  readonly direction: PolicyDirection;
  readonly protocol: string;
  readonly port: number | null;
}

/** The rule that decided: none where no policy is about the pod. */
const ruleOf = (decider: PolicyDecider | null | undefined) =>
  decider == null ? '-' : `${decider.policy.kind} ${decider.policy.name} ${decider.rule} ${decider.peer} ${decider.port}`;

function oneByOne(world: World, { own, other, direction, protocol, port }: Question): string {
  const [from, to] = direction === 'ingress' ? [other, own] : [own, other];
  const [source, destination] = [from, to].map((text) => partyAt(world.cluster, ip(text), false));
  const isOwnNode = source?.kind === 'node' && destination?.kind === 'pods' && destination.pods[0]?.node === source.node?.name;
  const question = `${from} > ${to} ${protocol}${port === null ? '' : ` ${port}`}`;
  const at = (end: PolicyDirection): PolicyDecision | null => (end === 'ingress' && isOwnNode ? null : decide(world, question, end));
  const [mine, theirs] = [at(direction), at(direction === 'ingress' ? 'egress' : 'ingress')];
  if (mine?.verdict === 'deny') return `deny own ${ruleOf(mine.decidedBy)}`;
  if (theirs?.verdict === 'deny') return `deny peer ${ruleOf(theirs.decidedBy)}`;
  return mine?.verdict === 'unknown' || theirs?.verdict === 'unknown' ? 'unknown null -' : `allow null ${ruleOf(mine?.decidedBy)}`;
}

function cell(world: World, reach: PodReach, { other, direction, protocol, port }: Question): string {
  const rows = reach[direction].peers.filter((p) => isAbout(world, p, ip(other))).flatMap((p) => p.rows);
  const cells = rows.filter(
    (row) => row.protocol === protocol && (port === null || row.ports.some((range) => range.first <= port && port <= range.last)),
  );
  return cells.map((row) => `${row.verdict} ${row.blockedAt} ${ruleOf(row.decidedBy)}`).join(' and ');
}

function isAbout({ cluster: c }: World, peer: PeerReach, address: IpAddress): boolean {
  const party = partyAt(c, address, false);
  if ('cidrs' in peer) return party.kind === 'outside' && peer.cidrs.some((prefix) => contains(prefix, address));
  const { group, members } = peer;
  if (party.kind === 'node') return group.kind === 'Node' && party.node?.name === group.name;
  return party.kind === 'pods' && party.pods.some((p) => group.namespace === p.namespace && members.includes(p.name));
}

describe('what policies let reach a pod', () => {
  it(
    'is what both ends say of each packet, asked one by one',
    () => {
      const seen = { allow: 0, deny: 0, unknown: 0, peer: 0 };
      fc.assert(
        fc.property(cluster, policies, fc.array(packet, { minLength: 40, maxLength: 40 }), (c, objects, packets) => {
          const world = worldOf([topologyOf(c), ...objects.map((o) => JSON.stringify(o))].join('\n---\n'));
          const known = new Map<string, PodReach>();
          const own = c.pods.filter((p) => !p.hostNetwork);
          const others = [...addresses(c), ...OUTSIDE];
          for (const { pod, peer, direction, protocol, port } of packets) {
            const asked = podAt(world.cluster, ip(own[pod % Math.max(own.length, 1)]?.ip ?? '0.0.0.0'));
            const other = others[peer % others.length] ?? '';
            const address = asked?.ips[0]?.address;
            if (asked === null || address === undefined || address === ip(other)) continue;
            const reach = known.get(asked.name) ?? podReach(world.cluster, asked);
            known.set(asked.name, reach);
            const text = own[pod % own.length]?.ip ?? '';
            const question = { own: text, other, direction, protocol, port: protocol === 'icmp' ? null : port };
            const want = oneByOne(world, question);
            for (const word of ['allow', 'deny', 'unknown', 'peer'] as const) if (want.includes(word)) seen[word]++;
            expect([question, cell(world, reach, question)]).toEqual([question, want]);
          }
        }),
        { numRuns: RUNS },
      );
      // Neither side agrees by allowing everything.
      expect(Math.min(seen.allow, seen.deny, seen.peer * 4, seen.unknown * 300)).toBeGreaterThan(RUNS);
    },
    RUNS * 2000,
  );
});
