import type { Locus } from '../source/origin.ts';

/** What is known about a cluster besides its objects, and how; in the order in which it is shown. */
export const FACTS = [
  'cni.plugin',
  'cni.mode',
  'podCIDR',
  'serviceCIDR',
  'serviceNodePortRange',
  'mtu',
  'nodeMTU',
  'masquerade',
  'networkPolicy',
  'kubeProxy.mode',
  'kubeProxy.clusterCIDR',
  'kubeProxy.detectLocalMode',
  'kubeProxy.nodePortAddresses',
  'clusterDomain',
  'clusterDNS',
  'segments',
  'distribution',
  'node.addresses',
  'node.podCIDRs',
  'node.segment',
  'node.tunnel',
] as const;

export type FactName = (typeof FACTS)[number];

/** A range is a list, one of each family. */
export type FactValue = string | number | boolean | readonly string[] | null;

/**
 * From the surest: a flag or a Topology states it; a log or the state of a node shows it; a field of an object declares it; it follows
 * from something else; it is a default that nothing speaks against; nothing says it.
 */
export type Confidence = 'stated' | 'observed' | 'declared' | 'inferred' | 'assumed' | 'unknown';

/** Where a fact is read: the place, and the field as people write it; null in a log. */
export interface FactSource {
  readonly locus: Locus;
  readonly field: string | null;
}

/** What a source says about a fact. */
export interface Saying {
  readonly value: FactValue;
  readonly confidence: Confidence;
  /** Null: a flag, or a default. */
  readonly source: FactSource | null;
  readonly text: string;
}

export interface Fact extends Saying {
  readonly fact: FactName;
  /** A node's name where nodes differ, or the fact is a node's; null: of all nodes. */
  readonly node: string | null;
  /** The flag that states it. */
  readonly flag: string | null;
  /** What would tell, when it is assumed or unknown. */
  readonly command: string | null;
  /** Sources that say otherwise, best first. */
  readonly others: readonly Saying[];
}

/** The encapsulation between nodes, or what does without one. */
export type CniMode =
  | 'bridge'
  | 'ptp'
  | 'host-gw'
  | 'vxlan'
  | 'vxlan-cross-subnet'
  | 'ipip'
  | 'ipip-cross-subnet'
  | 'geneve'
  | 'native'
  | 'fabric';
