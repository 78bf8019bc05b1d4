import type { PolicyDirection } from '../../datapath/policy-point.ts';
import { isControllerLabel } from '../controller-labels.ts';
import type { LabelSelector } from '../label-selector.ts';
import type { Pod } from '../pod.ts';
import { allOf, type Doubt } from './fit.ts';
import { type Labels, podLabelled } from './labelled.ts';
import type { Policy, Tier } from './policy.ts';
import { type Labelled, selectorFit } from './selector-fit.ts';

/** A policy that is about a pod; with a doubt, where the input lacks what its selector asks for. */
export interface Selected {
  readonly policy: Policy;
  readonly doubt: Doubt | null;
}

/** Finds the policies that are about a pod, in the order of evaluation. */
export type Subjects = (pod: Pod, direction: PolicyDirection) => readonly Selected[];

const TIERS: Readonly<Record<Tier, number>> = { Admin: 0, NetworkPolicy: 1, Baseline: 2 };

const inOrder = (a: Policy, b: Policy): number =>
  TIERS[a.tier] - TIERS[b.tier] ||
  (a.priority ?? 0) - (b.priority ?? 0) ||
  compare(a.namespace ?? '', b.namespace ?? '') ||
  compare(a.name, b.name);

/** Not localeCompare: an order that no machine's language changes. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Policies are looked up by one label of their subjects, and what is found is kept: a pod does not meet the policies of others. */
export function subjects(policies: readonly Policy[], labels: Labels, namespace: (name: string) => Labelled): Subjects {
  const places = placesOf(policies);
  const known = new Map<Pod, Readonly<Record<PolicyDirection, readonly Selected[]>>>();
  const find = (pod: Pod) => {
    const found = policiesAt(places, pod)
      .flatMap((policy) => selectedBy(policy, pod, labels, namespace))
      .sort((a, b) => inOrder(a.policy, b.policy));
    return { ingress: found.filter((s) => s.policy.ingress !== null), egress: found.filter((s) => s.policy.egress !== null) };
  };
  return (pod, direction) => {
    // A pod on its node's network is its node, and one that ended is nobody.
    if (pod.hostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') return [];
    let found = known.get(pod);
    if (found === undefined) {
      found = find(pod);
      known.set(pod, found);
    }
    return found[direction];
  };
}

/** The policies of a namespace, or those of all, by the first label that all of their subjects have: name, then value. */
interface Place {
  readonly unlabelled: Policy[];
  readonly labelled: Map<string, Map<string, Policy[]>>;
}

/** By namespace; null: of all. */
type Places = ReadonlyMap<string | null, Place>;

function placesOf(policies: readonly Policy[]): Places {
  const places = new Map<string | null, Place>();
  for (const policy of policies) {
    const { namespaces, pods } = policy.subject;
    const where = namespaces === null ? policy.namespace : null;
    const place: Place = places.get(where) ?? { unlabelled: [], labelled: new Map() };
    places.set(where, place);
    const label = firstLabel(pods);
    if (label === null) place.unlabelled.push(policy);
    else add(place, label, policy);
  }
  return places;
}

function add({ labelled }: Place, [name, value]: readonly [string, string], policy: Policy): void {
  const byValue = labelled.get(name) ?? new Map<string, Policy[]>();
  labelled.set(name, byValue);
  const there = byValue.get(value);
  if (there === undefined) byValue.set(value, [policy]);
  else there.push(policy);
}

/** Labels that controllers give are not relied on: a pod of a template has them only later. */
function firstLabel({ matchLabels }: LabelSelector): readonly [string, string] | null {
  for (const label of matchLabels) if (!isControllerLabel(label[0])) return label;
  return null;
}

const policiesAt = (places: Places, { namespace, labels }: Pod): readonly Policy[] =>
  [namespace, null].flatMap((where) => {
    const place = places.get(where);
    if (place === undefined) return [];
    return [...place.unlabelled, ...[...labels].flatMap(([name, value]) => place.labelled.get(name)?.get(value) ?? [])];
  });

function selectedBy(policy: Policy, pod: Pod, labels: Labels, namespace: (name: string) => Labelled): readonly Selected[] {
  const { namespaces, pods } = policy.subject;
  const fit = allOf(...(namespaces === null ? [] : [() => selectorFit(namespaces, namespace(pod.namespace), policy.origin)]), () =>
    selectorFit(pods, podLabelled(labels, pod), policy.origin),
  );
  if (fit.fits === 'no') return [];
  return [{ policy, doubt: fit.fits === 'unknown' ? fit.doubt : null }];
}
