import type { PolicyDirection } from '../../datapath/policy-point.ts';
import type { Pod } from '../../k8s/pod.ts';
import type { Policy, PolicyRule } from '../../k8s/policy/policy.ts';
import { allBits, and, type Bits, isEmpty, noBits, or, without } from './bits.ts';
import { bothFit, type Fits } from './fits.ts';
import type { Outcomes } from './outcomes.ts';
import { type Dialled, type PeerPorts, podHasPort } from './ports.ts';
import { outcomesOf, type Selected } from './tiers.ts';

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

/** How an enforcer reads the policies of a cluster. */
export interface Reading {
  /** How many peers there are. */
  readonly size: number;
  readonly ports: PeerPorts;
  peers(policy: Policy, rule: PolicyRule): Fits;
}

/** Of each rule, whose ports are among those that it names. */
export type RulePorts = ReadonlyMap<PolicyRule, Fits>;

/** The rules of the policies about a pod, as they see a port. */
export function rulePorts(
  ports: PeerPorts,
  { pod, direction, selected }: { readonly pod: Pod; readonly direction: PolicyDirection; readonly selected: readonly Selected[] },
  dialled: Dialled,
): RulePorts {
  const fits = ({ ports: items }: PolicyRule): Fits => {
    if (items === null) return ports.everybody;
    if (direction === 'egress') return ports.fits(items, dialled);
    return podHasPort(items, pod, dialled) === 'yes' ? ports.everybody : ports.nobody;
  };
  return new Map(selected.flatMap(({ policy }) => (policy[direction] ?? []).map((rule) => [rule, fits(rule)] as const)));
}

export function decidedBy(
  { size, ports, peers }: Reading,
  direction: PolicyDirection,
  selected: readonly Selected[],
  ofRules: RulePorts,
): Decided {
  const none = ports.nobody;
  const fits = (policy: Policy, rule: PolicyRule): Fits => {
    const at = ofRules.get(rule) ?? none;
    if (at === none) return none;
    const found = peers(policy, rule);
    return at === ports.everybody ? found : bothFit(found, at);
  };
  const asking = { all: ports.everybody.yes, none: none.yes, rules: (policy: Policy) => policy[direction] ?? [], fits };
  return verdictsOf(size, outcomesOf(asking, selected));
}

/** What nobody denies is allowed. Where the outcomes of a peer differ, it is not known. */
function verdictsOf(size: number, outcomes: Outcomes): Decided {
  const [all, none] = [allBits(size), noBits(size)];
  const denials = outcomes.filter((o) => o.result === 'deny');
  const anyOf = (some: Outcomes) => some.reduce((bits, o) => or(bits, or(o.sure, o.doubtful)), none);
  const denied = anyOf(denials);
  if (isEmpty(denied)) return { allow: all, defaultDeny: none, explicitDeny: none, unknown: none };
  const passed = anyOf(outcomes.filter((o) => o.result !== 'deny'));
  const kept = without(denied, passed);
  const defaultDeny = and(kept, byNoRule(none, denials));
  return {
    allow: without(all, denied),
    defaultDeny,
    explicitDeny: without(kept, defaultDeny),
    unknown: and(denied, passed),
  };
}

/** Of several that deny, the one that is sure speaks, else the first. */
function byNoRule(none: Bits, denials: Outcomes): Bits {
  const sure = denials.reduce((bits, o) => or(bits, o.sure), none);
  let [found, spoken] = [none, sure];
  for (const { isDefault, sure: own, doubtful } of denials) {
    if (isDefault) found = or(found, or(own, without(doubtful, spoken)));
    spoken = or(spoken, doubtful);
  }
  return found;
}

/** Nobody knows who enforces: what any reading may keep out is not known. */
export function byAnybody(readings: readonly Decided[]): Decided {
  const allow = readings.map((r) => r.allow).reduce(and);
  const none = noBits(allow.length * 32);
  const everybody = readings.map((r) => or(or(r.allow, r.unknown), or(r.defaultDeny, r.explicitDeny))).reduce(or);
  return { allow, defaultDeny: none, explicitDeny: none, unknown: without(everybody, allow) };
}
