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
  const byPlace = new Map<string, Policy[]>();
  for (const policy of policies) add(byPlace, placeOf(policy), policy);
  const known = { ingress: new WeakMap<Pod, readonly Selected[]>(), egress: new WeakMap<Pod, readonly Selected[]>() };
  const find = (pod: Pod, direction: PolicyDirection) =>
    placesOf(pod)
      .flatMap((place) => byPlace.get(place) ?? [])
      .filter((policy) => policy[direction] !== null)
      .flatMap((policy) => selectedBy(policy, pod, labels, namespace))
      .toSorted((a, b) => inOrder(a.policy, b.policy));
  return (pod, direction) => {
    // A pod on its node's network is its node, and one that ended is nobody.
    if (pod.hostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') return [];
    let found = known[direction].get(pod);
    if (found === undefined) {
      found = find(pod, direction);
      known[direction].set(pod, found);
    }
    return found;
  };
}

function add(byPlace: Map<string, Policy[]>, place: string, policy: Policy): void {
  const there = byPlace.get(place);
  if (there === undefined) byPlace.set(place, [policy]);
  else there.push(policy);
}

/** The namespace of its subjects, empty for all, and the first label that all of them have. */
function placeOf({ subject, namespace }: Policy): string {
  const where = subject.namespaces === null ? namespace : '';
  return `${where}/${firstLabel(subject.pods)}`;
}

/** Labels that controllers give are not relied on: a pod of a template has them only later. */
function firstLabel({ matchLabels }: LabelSelector): string {
  for (const [name, value] of matchLabels) if (!isControllerLabel(name)) return `${name}=${value}`;
  return '';
}

const placesOf = ({ namespace, labels }: Pod): readonly string[] =>
  [namespace, ''].flatMap((where) => ['', ...[...labels].map(([name, value]) => `${name}=${value}`)].map((label) => `${where}/${label}`));

function selectedBy(policy: Policy, pod: Pod, labels: Labels, namespace: (name: string) => Labelled): readonly Selected[] {
  const { namespaces, pods } = policy.subject;
  const fit = allOf(...(namespaces === null ? [] : [() => selectorFit(namespaces, namespace(pod.namespace), policy.origin)]), () =>
    selectorFit(pods, podLabelled(labels, pod), policy.origin),
  );
  if (fit.fits === 'no') return [];
  return [{ policy, doubt: fit.fits === 'unknown' ? fit.doubt : null }];
}
