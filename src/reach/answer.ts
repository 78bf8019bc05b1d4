import type { PolicyDecision, PolicyDirection } from '../datapath/policy-point.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { TransportProtocol } from '../k8s/pod.ts';
import { foreignPoliciesOn, foreignText } from '../k8s/policy/foreign.ts';
import type { ForeignPolicy } from '../k8s/policy/foreign-policy.ts';
import type { Protocol } from '../net/packet.ts';
import { declared } from '../source/origin.ts';
import { type AskedPolicies, decideAt, type End, isOwnNode } from './end.ts';
import type { PeerClass } from './peers.ts';
import { allPorts, type Borders, borders, NO_BORDERS, namedPorts, type PortsVerdict, piecewise, WITH_PORTS } from './ports.ts';
import { together } from './verdict.ts';

const OTHER: Readonly<Record<PolicyDirection, PolicyDirection>> = { ingress: 'egress', egress: 'ingress' };

/** What one end says of all ports, asked when needed. */
interface Side {
  readonly borders: Borders;
  readonly at: Readonly<Record<TransportProtocol, (port: number) => PolicyDecision | null>>;
  readonly icmp: PolicyDecision | null;
}

/** Answers for one class of peers after the other: all ports of all protocols between it and the pod that is asked about. */
export function answering(
  cluster: Cluster,
  policing: AskedPolicies,
  direction: PolicyDirection,
  own: End,
): (peer: PeerClass) => readonly PortsVerdict[] {
  const ownSides = new Map<string, Side>();
  const sideOf = (at: PolicyDirection, peer: PeerClass): Side => {
    const [from, to] = direction === 'ingress' ? [peer.end, own] : [own, peer.end];
    const receivers = direction === 'egress' ? peer.pods : own.pod === null ? [] : [own.pod];
    const { pod } = at === direction ? own : peer.end;
    const unread = pod === null || isOwnNode(at, from, pod) ? [] : foreignPoliciesOn(cluster, pod, at);
    const [first, ...others] = unread;
    if (first !== undefined) return unreadSide([first, ...others]);
    const found = pod === null ? NO_BORDERS : borders(policing.concerning(pod, at), at, (name) => namedPorts(receivers, name));
    const ask = (protocol: Protocol, port: number | null) => decideAt(policing, at, { from, to, protocol, port });
    const on = (protocol: TransportProtocol) => piecewise(found[protocol], (port) => ask(protocol, port));
    return { borders: found, at: { tcp: on('tcp'), udp: on('udp'), sctp: on('sctp') }, icmp: ask('icmp', null) };
  };
  return (peer) => {
    const here = ownSides.get(peer.traits) ?? sideOf(direction, peer);
    ownSides.set(peer.traits, here);
    return bothSides(here, isShut(here) ? null : sideOf(OTHER[direction], peer));
  };
}

/** Policies of kinds that are not evaluated may allow what others deny, and the other way round. */
function unreadSide(policies: readonly [ForeignPolicy, ...ForeignPolicy[]]): Side {
  const text = `what ${policies.map(foreignText).join(' and ')} lets pass: policies of this kind are not evaluated`;
  const origin = declared(policies[0].locus);
  const decision: PolicyDecision = {
    verdict: 'unknown',
    selected: [],
    decidedBy: null,
    candidates: [],
    missing: { text, command: null, origin },
  };
  const at = () => decision;
  return { borders: NO_BORDERS, at: { tcp: at, udp: at, sctp: at }, icmp: decision };
}

/** What one end lets through of nothing, the other one need not be asked about. */
const isShut = ({ borders: found, at, icmp }: Side): boolean =>
  icmp?.verdict === 'deny' && WITH_PORTS.every((protocol) => found[protocol].every((port) => at[protocol](port)?.verdict === 'deny'));

function bothSides(here: Side, there: Side | null): readonly PortsVerdict[] {
  const withPorts = WITH_PORTS.flatMap((protocol) => {
    const starts = new Set([...here.borders[protocol], ...(there?.borders[protocol] ?? [])]);
    const inOrder = [...starts].sort((a, b) => a - b);
    return allPorts(inOrder, protocol, (port) => {
      const own = here.at[protocol](port);
      return together(own, own?.verdict === 'deny' ? null : (there?.at[protocol](port) ?? null));
    });
  });
  return [...withPorts, { protocol: 'icmp', ports: [], ...together(here.icmp, there?.icmp ?? null) }];
}
