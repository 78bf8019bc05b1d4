import type { PolicyRef } from '../../datapath/policy-point.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Locus } from '../../source/origin.ts';
import type { LabelSelector } from '../label-selector.ts';
import type { TransportProtocol } from '../pod.ts';

/** A policy of any kind that is evaluated, after the API server's defaults. */
export interface Policy extends PolicyRef {
  readonly kind: PolicyKind;
  readonly tier: Tier;
  readonly subject: Subject;
  /** Null: it says nothing of this direction. A NetworkPolicy isolates in the others, even with no rule. */
  readonly ingress: readonly PolicyRule[] | null;
  readonly egress: readonly PolicyRule[] | null;
  readonly locus: Locus;
}

export type PolicyKind = 'NetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';

/** In the order of evaluation. Every NetworkPolicy is in `NetworkPolicy`, an AdminNetworkPolicy in `Admin`, a BaselineAdminNetworkPolicy in `Baseline`. */
export type Tier = 'Admin' | 'NetworkPolicy' | 'Baseline';

/** The pods that a policy is about. Never one on its node's network. */
export interface Subject {
  /** Null: the policy's own namespace only. */
  readonly namespaces: LabelSelector | null;
  readonly pods: LabelSelector;
}

export interface PolicyRule {
  readonly name: string | null;
  readonly action: 'allow' | 'deny' | 'pass';
  /** Any of these; null: anything, inside and outside of the cluster. */
  readonly peers: readonly PolicyPeer[] | null;
  /** Any of these; null: all ports of all protocols, those without ports too. */
  readonly ports: readonly PolicyPort[] | null;
  readonly locus: Locus;
}

export type PolicyPeer = { readonly locus: Locus } & (
  | { readonly kind: 'pods'; readonly namespaces: LabelSelector | null; readonly pods: LabelSelector }
  /** Any of the ranges, but for what is in `except`. */
  | { readonly kind: 'networks'; readonly cidrs: readonly Prefix[]; readonly except: readonly Prefix[] }
  /** Ranges that the input hides, `text` in their place. `within`: all of them are in it; null: it is not known. */
  | { readonly kind: 'redacted'; readonly text: string; readonly within: Prefix | null }
  | { readonly kind: 'nodes'; readonly nodes: LabelSelector }
  | { readonly kind: 'domains'; readonly names: readonly string[] }
  /** A field of a newer version. */
  | { readonly kind: 'unknown'; readonly field: string }
);

/** Protocol null: any that has ports. */
export interface PolicyPort {
  readonly protocol: TransportProtocol | null;
  /** Numbers, both included; a name, as a container of the destination has it; null: all. */
  readonly port: { readonly first: number; readonly last: number } | { readonly name: string } | null;
  readonly locus: Locus;
}
