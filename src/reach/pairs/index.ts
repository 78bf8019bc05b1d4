import type { PolicyDirection } from '../../datapath/policy-point.ts';
import type { Cluster } from '../../k8s/cluster.ts';
import type { Pod, TransportProtocol } from '../../k8s/pod.ts';
import { ANY_ENFORCER } from '../../k8s/policy/enforcers.ts';
import { type Policing, policingOf } from '../../k8s/policy/policing.ts';
import type { Protocol } from '../../net/packet.ts';
import { borders, namedPorts } from '../ports.ts';
import { numberOf, portTraits } from '../traits.ts';
import { byAnybody, type Decided, decidedBy, type Reading, type RulePorts, rulePorts } from './decided.ts';
import { once } from './once.ts';
import { type Peers, peersOf } from './peers.ts';
import { peerPorts } from './ports.ts';
import { rulePeers } from './rules.ts';
import type { Selected } from './tiers.ts';

/** Pods of whose policies in a direction the same is to be said. */
export interface Own {
  /** A number of its own, in both directions. */
  readonly id: number;
  readonly direction: PolicyDirection;
  /** One of them. */
  readonly pod: Pod;
  readonly selected: readonly Selected[];
}

/**
 * All answers of `Policing.decide` for a cluster. Whom nobody asks, as a pod about what its own node sends, and what a pod sends to itself, are the
 * caller's to know.
 */
export interface PolicyPairs {
  readonly peers: Peers;
  own(pod: Pod, direction: PolicyDirection): Own;
  /** The first ports of intervals in which no rule tells ports apart, ascending; the first is 1. */
  intervals(own: Own, protocol: TransportProtocol): readonly number[];
  /** Port null: ICMP. The same object for all ports of an interval. */
  decided(own: Own, protocol: Protocol, port: number | null): Decided;
}

/** Null: no policy is enforced, and all passes. */
export function policyPairs(cluster: Cluster): PolicyPairs | null {
  const policing = policingOf(cluster);
  if (policing === null || policing.enforcer === null) return null;
  const { enforcer } = policing;
  const peers = peersOf(cluster, cluster.policies);
  const ports = peerPorts(peers.all);
  const narrow = { ...ANY_ENFORCER, networksMatch: { pods: false, nodes: false } };
  const readings = [enforcer, ...(cluster.enforcer.name === null ? [narrow] : [])].map(
    (reader): Reading => ({ size: peers.all.length, ports, peers: rulePeers(cluster, peers, reader) }),
  );
  const bordersOf = once(
    (own: Own) => own.id,
    ({ pod, direction, selected }) =>
      borders(
        selected.map((s) => s.policy),
        direction,
        direction === 'egress' ? ports.named : (name) => namedPorts([pod], name),
      ),
  );
  const decideAll = (direction: PolicyDirection, selected: readonly Selected[], ofRules: RulePorts): Decided => {
    const [first, ...others] = readings.map((reading) => decidedBy(reading, direction, selected, ofRules));
    if (first === undefined) throw new Error('somebody reads the policies');
    return others.length === 0 ? first : byAnybody([first, ...others]);
  };
  const bySeen = new Map<string, Decided>();
  const decide = once(
    ({ own, protocol, port }: { readonly own: Own; readonly protocol: Protocol; readonly port: number | null }) =>
      `${own.id} ${protocol} ${port}`,
    ({ own, protocol, port }) => {
      const ofRules = rulePorts(ports, own, { protocol, port });
      // At most ports the same rules are about the packet.
      const seen = `${own.id} ${[...ofRules.values()].map(numberOf).join()}`;
      const known = bySeen.get(seen) ?? decideAll(own.direction, own.selected, ofRules);
      bySeen.set(seen, known);
      return known;
    },
  );
  return {
    peers,
    own: owns(policing, peers),
    intervals: (own, protocol) => bordersOf(own)[protocol],
    decided(own, protocol, port) {
      if (protocol === 'icmp' || port === null) return decide({ own, protocol: 'icmp', port: null });
      const start = bordersOf(own)[protocol].findLast((s) => s <= port);
      return decide({ own, protocol, port: start ?? port });
    },
  };
}

/** Pods with the same policies, and, where these speak of names of ports, with the same ones. */
function owns(policing: Policing, peers: Peers): PolicyPairs['own'] {
  const byText = new Map<string, Own>();
  const byClass = { ingress: new Map<Pod | number, Own>(), egress: new Map<Pod | number, Own>() };
  const find = (pod: Pod, direction: PolicyDirection): Own => {
    const certain = new Set(policing.selecting(pod, direction));
    const selected = policing.concerning(pod, direction).map((policy) => ({ policy, isDoubtful: !certain.has(policy) }));
    const text = selected.map(({ policy, isDoubtful }) => `${numberOf(policy)}${isDoubtful ? '?' : ''}`).join();
    const key = `${direction} ${text} ${direction === 'ingress' && selected.length > 0 ? portTraits(pod) : ''}`;
    const known = byText.get(key) ?? { id: byText.size, direction, pod, selected };
    byText.set(key, known);
    return known;
  };
  return (pod, direction) => {
    const alike = peers.of(pod) ?? pod;
    const known = byClass[direction].get(alike) ?? find(pod, direction);
    byClass[direction].set(alike, known);
    return known;
  };
}
