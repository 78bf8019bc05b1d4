import type { PolicyDirection, PolicyPacket } from '../../datapath/policy-point.ts';
import type { Cluster } from '../../k8s/cluster.ts';
import type { Pod } from '../../k8s/pod.ts';
import { type Policing, policingOf } from '../../k8s/policy/policing.ts';
import type { Protocol } from '../../net/packet.ts';
import { borders } from '../ports.ts';
import { type Bits, noBits, put } from './bits.ts';
import { type Peers, peersOf } from './peers.ts';

/** What the policies about some pods say of all peers at once, each of which is in one of the sets. */
export interface Decided {
  readonly allow: Bits;
  /** Denied by no rule, as POLICY_DEFAULT_DENY has it. */
  readonly defaultDeny: Bits;
  /** Denied by a rule, as POLICY_EXPLICIT_DENY has it. */
  readonly explicitDeny: Bits;
  /** The input does not say what decides. */
  readonly unknown: Bits;
}

/** Pods of whose policies in a direction the same is to be said. */
export interface Own {
  /** The same for pods of one class, in one direction. */
  readonly id: number;
  readonly direction: PolicyDirection;
  /** One of them. */
  readonly pod: Pod;
}

/**
 * All answers of `Policing.decide` for a cluster. Who is asked nothing, as a pod about what its own node sends, and what a pod sends to itself, is the
 * caller's to know.
 */
export interface PolicyPairs {
  readonly peers: Peers;
  own(pod: Pod, direction: PolicyDirection): Own;
  /** The first ports of intervals in which no rule tells ports apart, ascending; the first is 1. */
  intervals(own: Own, protocol: Exclude<Protocol, 'icmp'>): readonly number[];
  /** Port null: ICMP. */
  decided(own: Own, protocol: Protocol, port: number | null): Decided;
}

/** Null: no policy is enforced, and all passes. */
export function policyPairs(cluster: Cluster): PolicyPairs | null {
  const policing = policingOf(cluster);
  if (policing === null || policing.enforcer === null) return null;
  const peers = peersOf(cluster, cluster.policies);
  const ids = new Map<Pod, number>();
  return {
    peers,
    own(pod, direction) {
      const id = ids.get(pod) ?? ids.size;
      ids.set(pod, id);
      return { id, direction, pod };
    },
    intervals: ({ pod, direction }, protocol) =>
      borders(policing.concerning(pod, direction), direction, [...cluster.pods.values()])[protocol],
    decided: (own, protocol, port) => oneByOne(policing, peers, own, protocol, port),
  };
}

function oneByOne(policing: Policing, peers: Peers, { pod, direction }: Own, protocol: Protocol, port: number | null): Decided {
  const sets = [0, 0, 0, 0].map(() => noBits(peers.all.length));
  const [allow, defaultDeny, explicitDeny, unknown] = sets as [Bits, Bits, Bits, Bits];
  const own = pod.ips[0]?.address;
  if (own === undefined) return { allow, defaultDeny, explicitDeny, unknown };
  for (const [i, { party }] of peers.all.entries()) {
    const [source, destination] = direction === 'ingress' ? [party.address, own] : [own, party.address];
    const fromWorld = party.kind === 'world' ? true : party.kind === 'node' && party.mayBeWorld ? null : false;
    const packet: PolicyPacket = { protocol, source, destination, destinationPort: port, calledPort: null, fromWorld };
    const { verdict, decidedBy } = policing.decide(pod, direction, packet);
    const set = verdict === 'unknown' ? unknown : verdict !== 'deny' ? allow : decidedBy?.rule === null ? defaultDeny : explicitDeny;
    put(set, i);
  }
  return { allow, defaultDeny, explicitDeny, unknown };
}
