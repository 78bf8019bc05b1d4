import { formatAddress, type IpAddress } from '../../net/address.ts';
import { isNodeAddress, isPodAddress, nodeAt, podAt, serviceAt, sharedBy } from '../address-index.ts';
import type { Cluster } from '../cluster.ts';
import type { Node } from '../node.ts';
import { key, type Pod } from '../pod.ts';

/** Who an address belongs to, as policies see it: a pod on its node's network is its node. */
export type Party = {
  readonly address: IpAddress;
} /** With a network namespace of their own; several, where the objects give one address to several. */ & (
  | { readonly kind: 'pods'; readonly pods: readonly Pod[] }
  /** Null: an address that a node has on a further device. */
  | { readonly kind: 'node'; readonly node: Node | null; readonly mayBeWorld: boolean }
  /** In the range of the pods, and the input, which may lack some, has no pod with it. */
  | { readonly kind: 'unlisted' }
  | { readonly kind: 'outside'; readonly service: string | null }
  /** Anybody outside of the cluster, whatever the address. */
  | { readonly kind: 'world' }
);

/** Those that ended are nobody: their addresses are given to others. `mayBeWorld`: a node's address may stand for a client outside. */
export function partyAt(cluster: Cluster, address: IpAddress, mayBeWorld: boolean): Party {
  const shared = sharedBy(cluster, address);
  const pod = podAt(cluster, address);
  if (pod !== null) return { kind: 'pods', address, pods: shared.length > 0 ? shared : [pod] };
  const node = nodeAt(cluster, address) ?? nodeWith(cluster, address);
  if (node !== null || isNodeAddress(cluster, address)) return { kind: 'node', address, node, mayBeWorld };
  const service = serviceAt(cluster, address);
  if (service === null && mayBeUnlisted(cluster, address)) return { kind: 'unlisted', address };
  return { kind: 'outside', address, service: service === null ? null : key(service) };
}

const EXTERNAL = new WeakMap<Cluster, ReadonlyMap<IpAddress, Node>>();

/** By an address that its status lists and none of its NICs has. */
function nodeWith(cluster: Cluster, address: IpAddress): Node | null {
  let known = EXTERNAL.get(cluster);
  if (known === undefined) {
    const nodes = [...cluster.nodes.values()];
    known = new Map(nodes.flatMap((n) => n.addresses.flatMap((a) => (a.type === 'Hostname' ? [] : [[a.address, n] as const]))));
    EXTERNAL.set(cluster, known);
  }
  return known.get(address) ?? null;
}

/** Objects of a running cluster are seldom all of it. */
const mayBeUnlisted = (cluster: Cluster, address: IpAddress): boolean =>
  !cluster.areNamespacesComplete && cluster.standIns.nodes === 0 && isPodAddress(cluster, address);

/** Why it is not a pod that a selector could select, in words. */
export function notAPod(party: Exclude<Party, { kind: 'pods' }>): string {
  const text = formatAddress(party.address);
  switch (party.kind) {
    case 'node':
      return `${text} is ${party.node === null ? "a node's address" : `an address of node ${party.node.name}`}, not a pod's own`;
    case 'unlisted':
      return `no pod of the input has ${text}`;
    case 'outside':
      return party.service === null ? `${text} is not a pod's address` : `${text} is the address of service ${party.service}, not a pod's`;
    case 'world':
      return `${text} stands for a client outside of the cluster`;
  }
}
