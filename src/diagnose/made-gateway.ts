import type { Failure } from '../hop/failure.ts';
import { isPodAddress } from '../k8s/address-index.ts';
import { areRoutesFound } from '../k8s/found-on.ts';
import { isPrivate } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import type { FlowPath, WalkName } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import type { Context } from './context.ts';
import { leaving } from './interpret-outside.ts';
import { undecided } from './undecided.ts';

/**
 * The gateway of a cluster of objects is made up, and forwards without translating. The translations of the real one, and its routes to
 * pods, are not known, so that no result depends on them.
 */
export function byMadeGateway(context: Context, path: FlowPath): FlowPath {
  if (!context.cluster.standIns.gateway) return path;
  return untranslated(path) ?? handedOn(context, path, 'forward') ?? handedOn(context, path, 'reply') ?? path;
}

/** A private source that leaves for the internet: it has left, and whether the gateway gives it a public one decides on an answer. */
function untranslated(path: FlowPath): FlowPath | null {
  const { forward } = path;
  const out = leaving(forward);
  if (out === undefined || !isPrivate(out.packet.source) || isPrivate(out.packet.destination)) return null;
  const { netns, link, packet } = out;
  const segment = link.kind === 'nic' ? link.segment.name : null;
  const facts = { netns, device: link.name, segment, destination: packet.destination } as const;
  const failure: Failure<'LEAVES_INPUT'> = { code: 'LEAVES_INPUT', facts, origin: out.origin };
  const hops = forward.hops.slice(0, forward.hops.indexOf(out) + 1);
  const left: Walk = { ...forward, hops, packet, end: { kind: 'exits', failure } };
  return {
    ...path,
    forward: left,
    reply: null,
    ack: null,
    data: null,
    outcome: 'exits',
    client: 'unknown',
    failure: { ...failure, walk: 'forward' },
  };
}

/**
 * A node's own routes are known, and lead to the gateway with what is for a pod: of a CNI plugin that is not known nothing tells whether the
 * gateway has a route to the pod, as in a cloud, or the node lacks one.
 */
function handedOn({ cluster, datapath }: Context, path: FlowPath, name: Extract<WalkName, 'forward' | 'reply'>): FlowPath | null {
  const walk = path[name];
  if (walk === null || cluster.cni.guess === null) return null;
  const gateway = walk.hops.findIndex((h) => h.role === 'gateway' && isPodAddress(cluster, h.packet.destination));
  const last = walk.hops.slice(0, Math.max(gateway, 0)).findLastIndex((h) => h.role === 'node');
  const hop = walk.hops[last];
  const node = hop === undefined ? undefined : cluster.nodes.get(hop.netns);
  const netns = hop === undefined ? undefined : datapath.netns(hop.netns);
  if (hop === undefined || netns === undefined || node === undefined || !areRoutesFound(node, packetFamily(hop.packet))) return null;
  const facts = { why: 'by-gateway', address: hop.packet.destination, node: hop.node } as const;
  const here: Walk = { ...walk, hops: walk.hops.slice(0, last + 1), netns, packet: hop.packet };
  return undecided({ ...path, [name]: here, ack: null, data: null }, { code: 'FACT_MISSING', facts, origin: hop.origin }, name);
}
