import type { Policy } from '../../k8s/policy.ts';
import { type KubeObject, nameOf, namespaceOf, type Objects, objectsOf } from './objects.ts';

export const policiesIn = (objects: Objects): readonly Policy[] => objectsOf(objects, 'NetworkPolicy').map(policyIn);

/** Without `policyTypes` a policy is about ingress, and about egress if it has rules for it. Source: API reference, NetworkPolicySpec. */
function policyIn(object: KubeObject<'NetworkPolicy'>): Policy {
  const { spec } = object.data;
  const { matchLabels, matchExpressions } = spec?.podSelector ?? {};
  const types = spec?.policyTypes ?? ['Ingress', ...((spec?.egress ?? []).length > 0 ? ['Egress'] : [])];
  const rules = (type: 'Ingress' | 'Egress', all: readonly object[] | null | undefined, peers: 'from' | 'to') => {
    if (!types.includes(type)) return null;
    return (all ?? []).some((rule) => isEmpty(rule, peers) && isEmpty(rule, 'ports')) ? 'open' : 'selective';
  };
  return {
    namespace: namespaceOf(object),
    name: nameOf(object),
    selector: {
      matchLabels: new Map(Object.entries(matchLabels ?? {})),
      matchExpressions: (matchExpressions ?? []).map((e) => ({ ...e, values: e.values ?? [] })),
    },
    ingress: rules('Ingress', spec?.ingress, 'from'),
    egress: rules('Egress', spec?.egress, 'to'),
    locus: object.locus,
  };
}

/** A list of peers or ports that is left out, or empty, is any. */
function isEmpty(rule: object, field: string): boolean {
  const value: unknown = Object.entries(rule).find(([name]) => name === field)?.[1];
  return value == null || (Array.isArray(value) && value.length === 0);
}
