import type { PolicyDecider, PolicyDirection, PolicyRef } from '../datapath/policy-point.ts';

/** Policies in words. Their rules have names of their own seldom, so they go by their place in the object: `ingress[0].from[1]`. */

export const policyText = ({ kind, namespace, name }: Pick<PolicyRef, 'kind' | 'namespace' | 'name'>): string =>
  `${kind} ${namespace === null ? name : `${namespace}/${name}`}`;

const PLURALS: Readonly<Record<string, string>> = {
  NetworkPolicy: 'NetworkPolicies',
  AdminNetworkPolicy: 'AdminNetworkPolicies',
  BaselineAdminNetworkPolicy: 'BaselineAdminNetworkPolicies',
  ClusterNetworkPolicy: 'ClusterNetworkPolicies',
};

/** So many are named. */
const NAMED = 3;

/** `NetworkPolicies shop/a and shop/b`; with other kinds among them each has its kind. */
export function policiesText(policies: readonly Pick<PolicyRef, 'kind' | 'namespace' | 'name'>[]): string {
  const [first] = policies;
  const isOneKind = first !== undefined && policies.length > 1 && policies.every((p) => p.kind === first.kind);
  const names = policies.map((p) => (isOneKind ? policyText(p).slice(p.kind.length + 1) : policyText(p)));
  const more = names.length - NAMED;
  const shown = more > 1 ? [...names.slice(0, NAMED), `${more} more`] : names;
  const list = shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
  return isOneKind ? `${PLURALS[first.kind] ?? first.kind} ${list}` : list;
}

const PEERS: Readonly<Record<PolicyDirection, string>> = { ingress: 'from', egress: 'to' };

/** The rule that decided, with its peer and its port: `ingress[0].from[1], ports[0]`. */
export function ruleText({ rule, peer, port }: Pick<PolicyDecider, 'rule' | 'peer' | 'port'>, direction: PolicyDirection): string {
  const list = `${direction}[${rule}]`;
  const parts = [peer === null ? [] : [`${PEERS[direction]}[${peer}]`], port === null ? [] : [`ports[${port}]`]].flat();
  return parts.length === 0 ? list : `${list}.${parts.join(', ')}`;
}
