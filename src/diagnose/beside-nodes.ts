import type { Failure } from '../hop/failure.ts';
import { isNodeAddress, isPodAddress, serviceAt } from '../k8s/address-index.ts';
import { formatAddress, type IpAddress, isLinkLocal, isPrivate } from '../net/address.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import { type Context, isServiceAddress } from './context.ts';
import { undecided } from './undecided.ts';

/**
 * A failure on the network of the nodes. Objects have nodes and nothing beside them: their network is inferred and the gateway is made up,
 * so that it is not known that an address is missing there, or is beyond.
 */
export function besideNodes(context: Context, path: FlowPath): FlowPath {
  const { forward } = path;
  const why = isOthers(context, forward.packet.destination) ? unknownAt(context, path) : null;
  const last = forward.hops.findLastIndex((h) => h.role === 'node');
  const hop = forward.hops[last];
  const netns = hop === undefined ? undefined : context.datapath.netns(hop.netns);
  if (why === null || hop === undefined || netns === undefined) return path;
  const facts = { why, address: forward.packet.destination, node: hop.node } as const;
  const missing: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: hop.origin };
  const here: Walk = { ...forward, hops: forward.hops.slice(0, last + 1), netns, packet: hop.packet };
  return undecided({ ...path, forward: here, ack: null, data: null }, missing, 'forward');
}

/** Neither a node's nor a pod's, nor a service's. */
const isOthers = ({ cluster }: Context, address: IpAddress): boolean =>
  !isNodeAddress(cluster, address) &&
  !isPodAddress(cluster, address) &&
  !isServiceAddress(cluster, address) &&
  serviceAt(cluster, address) === null;

/**
 * A link-local address is never beyond the link (RFC 3927, 7): its owner, as a cloud's metadata service, is on the node's link or on the
 * way there, whatever the node's routes are, which have no such scope for IPv4. For a single machine all is known except what is beyond its
 * devices, so that the packet leaves as any other.
 */
function unknownAt({ cluster }: Context, { failure, forward }: FlowPath): 'link-local' | 'beside-nodes' | null {
  const { gateway, segments } = cluster.standIns;
  const { role } = forward.netns;
  const { destination } = forward.packet;
  const isTaken = forward.end.kind === 'delivered' || failure?.code === 'NOBODY_LISTENS';
  if (isTaken && ((role === 'gateway' && gateway) || (role === 'router' && segments))) return 'beside-nodes';
  if (failure?.walk !== 'forward') return null;
  const isNobody = failure.code === 'NEIGHBOUR_UNREACHABLE' || failure.code === 'NEXT_HOP_UNKNOWN';
  const hasLeft = failure.code === 'LEAVES_INPUT';
  if (isLinkLocal(destination)) return isNobody || (hasLeft && cluster.oneMachine === null) ? 'link-local' : null;
  if (hasLeft) return gateway && isPrivate(destination) ? 'beside-nodes' : null;
  return isNobody && segments ? 'beside-nodes' : null;
}

/** The command that shows whether an address answers. */
export const looks = (address: IpAddress): string => {
  const text = formatAddress(address);
  return `ip route get ${text}; ping -c1 ${text}; ip neigh show ${text}`;
};
