import type { PodView, Selects } from '../../../k8s/policy/foreign-policy.ts';

/** Does a pod fit a condition on its labels? */
export type Test = (pod: PodView) => Selects;

export const ALWAYS: Test = () => 'yes';
/** What is asked is not read. */
export const MAYBE: Test = () => 'maybe';

/** One that is not fitted decides, even beside one of which nobody knows. */
export const allOf =
  (...tests: readonly Test[]): Test =>
  (pod) => {
    const found = tests.map((test) => test(pod));
    return found.includes('no') ? 'no' : found.includes('maybe') ? 'maybe' : 'yes';
  };

export const anyOf =
  (...tests: readonly Test[]): Test =>
  (pod) => {
    const found = tests.map((test) => test(pod));
    return found.includes('yes') ? 'yes' : found.includes('maybe') ? 'maybe' : 'no';
  };

export const not =
  (test: Test): Test =>
  (pod) => {
    const found = test(pod);
    return found === 'maybe' ? 'maybe' : found === 'yes' ? 'no' : 'yes';
  };

const answer = (holds: boolean): Selects => (holds ? 'yes' : 'no');

export const ofPod =
  (label: string, holds: (value: string | undefined) => boolean): Test =>
  ({ labels }) =>
    answer(holds(labels.get(label)));

/** A label that a namespace without an object of its own does not show may be there. */
export const ofNamespace =
  (label: string, holds: (value: string | undefined) => boolean): Test =>
  ({ ofNamespace: labels, isNamespaceKnown }) =>
    !labels.has(label) && !isNamespaceKnown ? 'maybe' : answer(holds(labels.get(label)));

export const inNamespace =
  (holds: (name: string) => boolean): Test =>
  ({ namespace }) =>
    answer(holds(namespace));
