import type { CniInput } from '../../../../cni/index.ts';
import type { CniMode, FactName, FactSource, Saying } from '../../../../k8s/fact.ts';
import { parseAddress } from '../../../../net/address.ts';
import { formatPrefix, prefixOf } from '../../../../net/prefix.ts';
import type { Clues, Machine } from '../clues.ts';
import type { AnnotationName } from '../names-read.ts';
import { fieldOf, follows, ranges } from '../saying.ts';

/** What sources say, in their order; null: this one says nothing. */
export type Sources = readonly (Saying | null)[];

/** What a Topology states as `nodes[].tunnel`; null: not told. */
export interface Tunnel {
  readonly type: 'vxlan' | 'ipip' | 'geneve';
  readonly ip: string | null;
  readonly mac: string | null;
  readonly publicIP: string | null;
  readonly source: FactSource;
  readonly text: string;
}

/** The plugin as objects configure it; or what they say of it that its model does not have, or leave open. */
export type Model = { readonly config: CniInput } | { readonly why: string; readonly isModelled?: false };

/** Where the facts of a CNI's network are. What it has no rows for is looked for where every cluster may say it. */
export interface CniRows {
  /** Left out: no model of its own. `mode` is null where no object says it. */
  model?(clues: Clues, mode: CniMode | null): Model;
  /** One of CniMode; of one node, or of all. */
  mode(clues: Clues, machine: Machine | null): Sources;
  /** The pool that all pods' addresses come from. */
  podCidrs?(clues: Clues): Sources;
  /** A node's part of it; left out, `spec.podCIDRs` of the Node. */
  nodeRanges?(clues: Clues, machine: Machine): Sources;
  /** The MTU of pods, where it is not what the tunnel leaves of the NIC's. */
  mtu?(clues: Clues, mode: CniMode | null, nic: number): Sources;
  /** That of the nodes' NICs, where the plugin or its cloud says it. */
  nodeMtu?(clues: Clues): Sources;
  /** The ranges that keep the pod's address; an empty list: nothing is masqueraded. */
  masquerade(clues: Clues, podCidrs: readonly string[]): Sources;
  /** The node's end of the tunnel, where the node tells. */
  tunnel?(machine: Machine): Tunnel | null;
  /** What tells more than the usual command. */
  readonly commands?: Readonly<Partial<Record<FactName, string>>>;
}

export const MODE_UNKNOWN: Model = { why: 'how it gets packets from node to node is in no object' };

/** What an annotation of a node says, with its key. */
export function annotation(
  machine: Machine | null,
  ...keys: readonly AnnotationName[]
): { readonly key: string; readonly value: string } | null {
  const annotations = machine?.object?.data.metadata.annotations;
  const key = keys.find((k) => annotations?.[k] !== undefined && annotations[k] !== '');
  const value = key === undefined ? undefined : annotations?.[key];
  return key === undefined || value === undefined ? null : { key, value };
}

/** What the cluster's controller gave to the node; only some plugins take it. */
export function rangeOfNode({ object }: Machine): Saying | null {
  if (object === null) return null;
  const { podCIDRs, podCIDR } = object.data.spec ?? {};
  const isOld = podCIDRs == null || podCIDRs.length === 0;
  return ranges(fieldOf(object, 'spec', isOld ? 'podCIDR' : 'podCIDRs'), isOld ? podCIDR : podCIDRs, "the Node's range");
}

/** Ranges of a plugin's usual size that hold the pods of a node. */
export function aroundAddresses(machine: Machine, length: number): Saying | null {
  const held = new Set<string>();
  let source: FactSource | null = null;
  for (const pod of machine.pods) {
    if (pod.data.spec?.hostNetwork === true) continue;
    const parsed = parseAddress(pod.data.status?.podIP ?? '');
    if (parsed === null || typeof parsed === 'bigint') continue;
    source ??= fieldOf(pod, 'status', 'podIP');
    held.add(formatPrefix(prefixOf(parsed, length)));
  }
  return source === null ? null : follows(source, [...held].sort(), `ranges of /${length} around the pods' addresses`);
}

/** One /32 a pod: its addresses are all that is known. */
export function singleAddresses(machine: Machine): Saying | null {
  const pod = machine.pods.find(({ data }) => data.spec?.hostNetwork !== true && data.status?.podIP != null);
  return pod === undefined ? null : follows(fieldOf(pod, 'status', 'podIP'), [], 'no range of its own: each pod by its address');
}
