import { compile } from '../compile/index.ts';
import type { PolicyDecision, PolicyDirection } from '../datapath/policy-point.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { type Policing, policedBy, policingOf } from '../k8s/policy/policing.ts';
import type { IpAddress } from '../net/address.ts';

/** What policies say of a packet, as far as anything hangs on it: the sets of `Decided`, in this order. */
const SAYINGS = ['allow', 'defaultDeny', 'explicitDeny', 'unknown'] as const;
export type Saying = 0 | 1 | 2 | 3;
export const ALLOW: Saying = 0;

/** The same network, where the policies of each direction say what they are told to, of every packet. */
export interface Scripted {
  readonly network: Network;
  tell(egress: Saying, ingress: Saying): void;
  /** The addresses that policies were asked about since they were told. */
  readonly asked: Set<IpAddress>;
}

/** Null: nobody enforces policies, so that there is nothing to say. */
export function scripted({ cluster }: Network): Scripted | null {
  const real = policingOf(cluster);
  if (real === null || real.enforcer === null) return null;
  const decisions = SAYINGS.map((_, i) => decisionOf(cluster, i as Saying));
  const told: Record<PolicyDirection, Saying> = { egress: ALLOW, ingress: ALLOW };
  const asked = new Set<IpAddress>();
  const decide: Policing['decide'] = (_pod, direction, { source, destination }) => {
    asked.add(source);
    asked.add(destination);
    return decisions[told[direction]] ?? decisionOf(cluster, ALLOW);
  };
  const policing: Policing = { ...real, decide };
  const copy = policedBy(cluster, policing);
  return {
    network: { cluster: copy, datapath: compile(copy) },
    asked,
    tell(egress, ingress) {
      asked.clear();
      told.egress = egress;
      told.ingress = ingress;
    },
  };
}

function decisionOf({ policies }: Cluster, saying: Saying): PolicyDecision {
  const [policy] = policies;
  if (policy === undefined) throw new Error('policies are enforced where there are some');
  const { origin } = policy;
  const common = { selected: [], decidedBy: null, candidates: [], missing: null } as const;
  switch (SAYINGS[saying]) {
    case 'allow':
      return { ...common, verdict: 'allow' };
    case 'defaultDeny':
      return { ...common, verdict: 'deny' };
    case 'explicitDeny':
      return { ...common, verdict: 'deny', decidedBy: { policy, rule: 0, peer: null, port: null, action: 'Deny', origin } };
    case 'unknown':
      return { ...common, verdict: 'unknown', missing: { text: '', command: null, origin } };
  }
}
