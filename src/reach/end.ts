import type { PolicyDecision, PolicyDirection } from '../datapath/policy-point.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Policing } from '../k8s/policy/policing.ts';
import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';

/** The policies of a cluster, as they are asked. */
export type AskedPolicies = Omit<Policing, 'instead'>;

/** An end of a connection, as policies see it. */
export interface End {
  /** Null: policies are not about it, as of a node, a pod on its node's network, or a machine outside. */
  readonly pod: Pod | null;
  readonly address: IpAddress;
  /** The node whose address it is; null: no node's. */
  readonly node: string | null;
}

export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly protocol: Protocol;
  /** Null: the protocol has none. */
  readonly port: number | null;
}

/** What the policies at one end say of a connection; null: nobody asks them. */
export function decideAt(policing: AskedPolicies, direction: PolicyDirection, { from, to, protocol, port }: Flow): PolicyDecision | null {
  const { pod } = direction === 'ingress' ? to : from;
  if (pod === null || policing.enforcer === null) return null;
  if (isOwnNode(direction, from, pod)) return null;
  return policing.decide(pod, direction, {
    protocol,
    source: from.address,
    destination: to.address,
    destinationPort: port,
    calledPort: null,
    fromWorld: false,
  });
}

/** What comes from a pod's own node always passes; what goes there is judged. Source: NetworkPolicySpec.ingress. */
export const isOwnNode = (direction: PolicyDirection, from: End, pod: Pod): boolean =>
  direction === 'ingress' && from.node !== null && from.node === pod.node;
