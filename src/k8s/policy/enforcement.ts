import type { Origin } from '../../source/origin.ts';

/** The programs that make policies hold, as `cluster.networkPolicy` has them. */
export const ENFORCERS = [
  'calico',
  'cilium',
  'kube-router',
  'azure-npm',
  'antrea',
  'kube-network-policies',
  'aws-network-policy-agent',
  'weave-npc',
  'ovn-kubernetes',
  'none',
] as const;

export type EnforcerName = (typeof ENFORCERS)[number];

/** Who makes the policies of a cluster hold. */
export interface Enforcement {
  /** `none`: nobody does. Null: it is not known. */
  readonly name: EnforcerName | null;
  /** Null: not known, and taken to know policies of all kinds. */
  readonly version: string | null;
  readonly origin: Origin;
}

/** The enforcers that come with plugins, by the names that people call these. A plugin that is not here may have any. */
const BY_PLUGIN: Readonly<Record<string, EnforcerName>> = {
  bridge: 'none',
  ptp: 'none',
  flannel: 'none',
  kubenet: 'none',
  'aws-vpc-cni': 'none',
  'azure-cni': 'none',
  gke: 'none',
  calico: 'calico',
  canal: 'calico',
  cilium: 'cilium',
  kindnet: 'kube-network-policies',
  antrea: 'antrea',
  weave: 'weave-npc',
  'ovn-kubernetes': 'ovn-kubernetes',
  'kube-router': 'kube-router',
};

/** What a plugin does by itself; null: not known. */
export const enforcerOfPlugin = (plugin: string): EnforcerName | null => BY_PLUGIN[plugin] ?? null;
