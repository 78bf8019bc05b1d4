import { podAt } from '../k8s/address-index.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Pod } from '../k8s/pod.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import { groupOf } from '../reach/peers.ts';
import type { Difference } from '../topology/differences/index.ts';
import type { Ends } from './change.ts';
import { type Input, isPolicy, policyName } from './variants.ts';

/** Which calls a difference can change: a policy those of the pods that it is about, all else any. */
export interface Touch {
  touches(difference: Difference, ends: Ends): boolean;
  /** The groups of the pods that policies are about; null: differences are about more than these. */
  readonly groups: ReadonlySet<string> | null;
  /** May what is called there come to a pod that policies are about? */
  leads(to: string): boolean;
}

export function touchOf(before: Input, after: Input, differences: readonly Difference[]): Touch {
  const policies = differences.filter(isPolicy);
  const subjects = subjectsOf([before.network, after.network], new Set(policies.map((d) => d.object)));
  const plain = plainGroups([before.network, after.network]);
  const behind = groupsBehind([before.network, after.network]);
  /** What is called at an address of its own comes to its pods; a service to those behind it; all else may come to anybody. */
  const leads = (to: string, groups: ReadonlySet<string>): boolean => {
    const ends = behind.get(to);
    return ends === undefined ? !plain(to) : ends === 'anybody' || [...ends].some((id) => groups.has(id));
  };
  const touches = (difference: Difference, { from, to }: Ends): boolean => {
    if (!isPolicy(difference)) return true;
    const own = subjects.get(difference.object);
    return own !== undefined && (own.egress.has(from) || own.ingress.has(to) || leads(to, own.all));
  };
  const isOfPolicies = policies.length === differences.length;
  const all = new Set([...subjects.values()].flatMap((own) => [...own.all]));
  return { touches, leads: (to) => leads(to, all), groups: isOfPolicies ? all : null };
}

/** The groups of the pods that a policy is about, or may be, in either network: it judges what some send, and what others get. */
interface Subjects {
  readonly ingress: Set<string>;
  readonly egress: Set<string>;
  readonly all: Set<string>;
}

function subjectsOf(networks: readonly Network[], names: ReadonlySet<string>): ReadonlyMap<string, Subjects> {
  const found = new Map<string, Subjects>([...names].map((name) => [name, { ingress: new Set(), egress: new Set(), all: new Set() }]));
  for (const { cluster } of networks) {
    const policing = policingOf(cluster);
    if (policing === null) continue;
    const index = policing.instead(cluster.policies.filter((p) => names.has(policyName(p))));
    for (const pod of cluster.pods.values())
      for (const direction of ['ingress', 'egress'] as const)
        for (const policy of index.concerning(pod, direction)) add(found.get(policyName(policy)), direction, pod);
  }
  return found;
}

function add(subjects: Subjects | undefined, direction: 'ingress' | 'egress', pod: Pod): void {
  // The pod by its group, and where each pod is asked about by itself.
  for (const id of [groupOf(pod).id, `Pod/${pod.namespace}/${pod.name}`]) {
    subjects?.[direction].add(id);
    subjects?.all.add(id);
  }
}

/** Groups of pods whose addresses are their own. What is called at another address may come to anybody. */
function plainGroups(networks: readonly Network[]): (id: string) => boolean {
  const all = networks.flatMap(({ cluster }) => [...cluster.pods.values()]);
  const own = new Set<string>();
  const shared = new Set<string>();
  for (const pod of all) for (const id of [groupOf(pod).id, `Pod/${pod.namespace}/${pod.name}`]) (pod.hostNetwork ? shared : own).add(id);
  return (id) => own.has(id) && !shared.has(id);
}

/** Services by their ids: the groups of the pods behind them; some endpoints are no pods with an address of their own. */
function groupsBehind(networks: readonly Network[]): ReadonlyMap<string, ReadonlySet<string> | 'anybody'> {
  const found = new Map<string, Set<string> | 'anybody'>();
  for (const { cluster } of networks)
    for (const [name, { ports }] of cluster.services) {
      const id = `Service/${name}`;
      for (const { ip } of ports.flatMap((p) => p.endpoints)) {
        const [pod, known] = [podAt(cluster, ip), found.get(id) ?? new Set<string>()];
        if (known === 'anybody') continue;
        if (pod === null || pod.hostNetwork) found.set(id, 'anybody');
        else found.set(id, known.add(groupOf(pod).id).add(`Pod/${pod.namespace}/${pod.name}`));
      }
    }
  return found;
}
