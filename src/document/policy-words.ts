import { policiesText, policyText, ruleText } from '../hop/policy-names.ts';
import type { PolicyDirectionDocument, PolicyPeerDocument } from './policy-schema.ts';

type Decider = NonNullable<PolicyPeerDocument['decidedBy']>;
/** A place in the input, as `shop.yaml:31`. */
export type PlaceText = (source: NonNullable<Decider['source']>) => string;

/** A policy, its rule, and where that stands: `NetworkPolicy shop/db ingress[0] (shop.yaml:31)`. The rule's peer and port are in the JSON. */
export function deciderText(decider: Decider, direction: 'ingress' | 'egress', place: PlaceText): string {
  const { rule, source } = decider;
  const at = rule === null ? '' : ` ${ruleText({ rule, peer: null, port: null }, direction)}`;
  return `${policyText(decider)}${at}${inBrackets(source, place)}`;
}

/** `NetworkPolicies shop/a (shop.yaml:3) and shop/b (shop.yaml:9)` */
export function selectedText(selected: PolicyDirectionDocument['selected' | 'unread'], place: PlaceText): string {
  return policiesText(selected.map((p) => ({ ...p, name: `${p.name}${inBrackets(p.source, place)}` })));
}

const inBrackets = (source: Decider['source'], place: PlaceText): string => (source === null ? '' : ` (${place(source)})`);
