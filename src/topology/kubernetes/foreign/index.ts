import type { PolicyDirection } from '../../../datapath/policy-point.ts';
import type { ForeignPolicy } from '../../../k8s/policy/foreign-policy.ts';
import { type KubeObject, nameOf, namespaceOf, type Objects, objectsOf } from '../objects.ts';
import { calicoSelector } from './calico-selector.ts';
import { labelSelector } from './label-selector.ts';
import { ALWAYS, allOf, anyOf, inNamespace, MAYBE, ofNamespace, ofPod, type Test } from './selects.ts';

/** Policies of kinds that are not evaluated: which pods they may be about, and in which directions. */
export const foreignPoliciesIn = (objects: Objects): readonly ForeignPolicy[] => [
  ...objectsOf(objects, 'CiliumNetworkPolicy').flatMap((o) => ofCilium(o, namespaceOf(o))),
  ...objectsOf(objects, 'CiliumClusterwideNetworkPolicy').flatMap((o) => ofCilium(o, null)),
  ...objectsOf(objects, 'CalicoNetworkPolicy').flatMap((o) => ofCalico(o, namespaceOf(o))),
  ...objectsOf(objects, 'GlobalNetworkPolicy').flatMap((o) => ofCalico(o, null)),
  ...objectsOf(objects, 'AntreaNetworkPolicy').map((o) => ofAntrea(o, namespaceOf(o))),
  ...objectsOf(objects, 'AntreaClusterNetworkPolicy').map((o) => ofAntrea(o, null)),
];

type Fields = Readonly<Record<string, unknown>>;
type Loose = KubeObject<
  | 'CiliumNetworkPolicy'
  | 'CiliumClusterwideNetworkPolicy'
  | 'CalicoNetworkPolicy'
  | 'GlobalNetworkPolicy'
  | 'AntreaNetworkPolicy'
  | 'AntreaClusterNetworkPolicy'
>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

const DIRECTIONS: readonly PolicyDirection[] = ['ingress', 'egress'];

function policy(
  object: Loose,
  namespace: string | null,
  own: Pick<ForeignPolicy, 'kind' | 'enforcer' | 'directions' | 'selects'>,
): ForeignPolicy {
  return { ...own, namespace, name: nameOf(object), locus: object.locus };
}

/** `spec`, or several in `specs`. https://docs.cilium.io/en/stable/security/policy/language/ */
function ofCilium(object: Loose, namespace: string | null): readonly ForeignPolicy[] {
  const { spec, specs } = object.data as { readonly spec?: unknown; readonly specs?: unknown };
  return [spec, ...listIn(specs)].filter(isFields).flatMap((rules) => {
    // One about nodes is about none of their pods.
    if (rules['endpointSelector'] == null) return [];
    const directions = DIRECTIONS.filter((d) => rules[d] != null || rules[`${d}Deny`] != null);
    const selects = labelSelector(rules['endpointSelector'], ciliumLabel);
    return [policy(object, namespace, { kind: object.kind, enforcer: 'cilium', directions, selects })];
  });
}

const OF_NAMESPACE = 'io.cilium.k8s.namespace.labels.';

/** `k8s:app`, `any:app` and `app` are one label; those of a namespace have a prefix, and others are Cilium's own. */
function ciliumLabel(key: string, holds: (value: string | undefined) => boolean): Test {
  const label = key.replace(/^(k8s|any)[:.]/, '');
  if (label === 'io.kubernetes.pod.namespace') return inNamespace(holds);
  if (label.startsWith(OF_NAMESPACE)) return ofNamespace(label.slice(OF_NAMESPACE.length), holds);
  return /^(io\.cilium\.|reserved[:.])/.test(label) || label.includes(':') ? MAYBE : ofPod(label, holds);
}

/** Calico's API server shows those of Kubernetes once more, under these names. */
const MIRRORED = /^(knp\.default|kanp\.|kbanp\.|kcnp\.)/;

function ofCalico(object: Loose, namespace: string | null): readonly ForeignPolicy[] {
  const spec: Fields = object.data.spec ?? {};
  // Those are about hosts.
  if (MIRRORED.test(nameOf(object)) || spec['preDNAT'] === true || spec['doNotTrack'] === true) return [];
  const selects = allOf(
    calicoSelector(textIn(spec['selector']) || 'all()', calicoLabel),
    spec['namespaceSelector'] == null ? ALWAYS : calicoSelector(textIn(spec['namespaceSelector']), calicoNamespaceLabel),
    textIn(spec['serviceAccountSelector']) === '' ? ALWAYS : MAYBE,
  );
  const kind = namespace === null ? 'GlobalNetworkPolicy' : "Calico's NetworkPolicy";
  return [policy(object, namespace, { kind, enforcer: 'calico', directions: calicoDirections(spec), selects })];
}

function calicoDirections(spec: Fields): readonly PolicyDirection[] {
  const types = listIn(spec['types']).map((t) => textIn(t).toLowerCase());
  if (types.length > 0) return DIRECTIONS.filter((d) => types.includes(d));
  const stated = DIRECTIONS.filter((d) => listIn(spec[d]).length > 0);
  return stated.length > 0 ? stated : ['ingress'];
}

function calicoLabel(label: string, holds: (value: string | undefined) => boolean): Test {
  if (label === 'projectcalico.org/namespace') return inNamespace(holds);
  if (label === 'projectcalico.org/orchestrator') return holds('k8s') ? ALWAYS : () => 'no';
  if (label.startsWith('pcns.')) return ofNamespace(label.slice('pcns.'.length), holds);
  return label === 'projectcalico.org/serviceaccount' || label.startsWith('pcsa.') ? MAYBE : ofPod(label, holds);
}

const calicoNamespaceLabel = (label: string, holds: (value: string | undefined) => boolean): Test =>
  label === 'projectcalico.org/name' ? inNamespace(holds) : ofNamespace(label, holds);

/** `appliedTo` of the policy, or of its rules. https://antrea.io/docs/main/docs/antrea-network-policy/ */
function ofAntrea(object: Loose, namespace: string | null): ForeignPolicy {
  const spec: Fields = object.data.spec ?? {};
  const rules = DIRECTIONS.flatMap((d) => listIn(spec[d])).filter(isFields);
  const applied = [spec, ...rules].flatMap((of) => listIn(of['appliedTo'])).filter(isFields);
  const directions = DIRECTIONS.filter((d) => listIn(spec[d]).length > 0);
  const kind = namespace === null ? "Antrea's ClusterNetworkPolicy" : "Antrea's NetworkPolicy";
  return policy(object, namespace, { kind, enforcer: 'antrea', directions, selects: anyOf(...applied.map(appliedTo)) });
}

function appliedTo({ podSelector, namespaceSelector, ...others }: Fields): Test {
  const isRead = Object.values(others).every((value) => value == null);
  return allOf(
    podSelector == null ? ALWAYS : labelSelector(podSelector, ofPod),
    namespaceSelector == null ? ALWAYS : labelSelector(namespaceSelector, ofNamespace),
    isRead ? ALWAYS : MAYBE,
  );
}
