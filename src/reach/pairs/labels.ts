import type { LabelExpression, LabelSelector } from '../../k8s/label-selector.ts';
import { type Labels, podLabelled } from '../../k8s/policy/labelled.ts';
import { type Labelled, selectorFit } from '../../k8s/policy/selector-fit.ts';
import { inferred } from '../../source/origin.ts';
import { type Bits, noBits, or, put, putAll, without } from './bits.ts';
import { bothFit, type Fits, nobody } from './fits.ts';
import { once } from './once.ts';
import { type Peer, podOf } from './peers.ts';

/** Finds the peers that are one pod each by selectors: `selectorFit`, of all of them at once. */
export interface PodSelectors {
  byLabels(selector: LabelSelector): Fits;
  /** By the labels of their namespaces. */
  byNamespaces(selector: LabelSelector): Fits;
  /** Null: no pod is in it. */
  inNamespace(name: string | null): Fits;
}

export function podSelectors(peers: readonly Peer[], labels: Labels, namespace: (name: string) => Labelled): PodSelectors {
  const namespaces = byNamespace(peers);
  const none = noBits(peers.length);
  const all: Fits = { yes: [...namespaces.values()].reduce(or, none), unknown: none };
  const byKey = once(
    (key: string) => key,
    (key) => byValue(peers, labels, key),
  );
  const byExpression = (expression: LabelExpression): Fits => expressionFits(byKey(expression.key), expression);
  return {
    byLabels: once(textOf, ({ matchLabels, matchExpressions }) => {
      const equal = [...matchLabels].map(([key, value]): LabelExpression => ({ key, operator: 'In', values: [value] }));
      return [...equal, ...matchExpressions].map(byExpression).reduce(bothFit, all);
    }),
    byNamespaces: once(textOf, (selector) => {
      const found = nobody(peers.length);
      for (const [name, bits] of namespaces) {
        const { fits } = selectorFit(selector, namespace(name), NOWHERE);
        if (fits !== 'no') putAll(fits === 'yes' ? found.yes : found.unknown, bits);
      }
      return found;
    }),
    inNamespace(name) {
      const bits = name === null ? undefined : namespaces.get(name);
      return { yes: bits ?? none, unknown: none };
    },
  };
}

/** What is not known is not put into words here. */
const NOWHERE = inferred(null);

const textOf = ({ matchLabels, matchExpressions }: LabelSelector): string => JSON.stringify([[...matchLabels], matchExpressions]);

/** What one label tells of the pods. */
interface ByValue {
  readonly values: ReadonlyMap<string, Bits>;
  readonly present: Bits;
  readonly absent: Bits;
  /** The input does not say whether they have it. */
  readonly open: Bits;
}

function byValue(peers: readonly Peer[], labels: Labels, key: string): ByValue {
  const values = new Map<string, Bits>();
  const [present, absent, open] = [noBits(peers.length), noBits(peers.length), noBits(peers.length)];
  for (const [n, peer] of peers.entries()) {
    const pod = podOf(peer);
    if (pod === null) continue;
    const value = pod.labels.get(key);
    if (value === undefined) put(podLabelled(labels, pod).lacking(key) === null ? absent : open, n);
    else {
      put(present, n);
      putAt(values, value, n, peers.length);
    }
  }
  return { values, present, absent, open };
}

function byNamespace(peers: readonly Peer[]): ReadonlyMap<string, Bits> {
  const found = new Map<string, Bits>();
  for (const [n, peer] of peers.entries()) {
    const pod = podOf(peer);
    if (pod !== null) putAt(found, pod.namespace, n, peers.length);
  }
  return found;
}

function putAt(sets: Map<string, Bits>, key: string, n: number, size: number): void {
  const known = sets.get(key) ?? noBits(size);
  sets.set(key, known);
  put(known, n);
}

function expressionFits({ values, present, absent, open }: ByValue, { operator, values: wanted }: LabelExpression): Fits {
  const named = () => wanted.flatMap((v) => values.get(v) ?? []).reduce(or, noBits(present.length * 32));
  switch (operator) {
    case 'In':
      return { yes: named(), unknown: open };
    case 'NotIn':
      return { yes: or(absent, without(present, named())), unknown: open };
    case 'Exists':
      return { yes: present, unknown: open };
    case 'DoesNotExist':
      return { yes: absent, unknown: open };
  }
}
