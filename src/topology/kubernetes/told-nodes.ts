import type { Cni } from '../../k8s/cni.ts';
import type { Confidence } from '../../k8s/fact.ts';
import { familyOf, parseAddress } from '../../net/address.ts';
import { parseMac } from '../../net/mac.ts';
import type { NodeInput } from '../schema/topology.ts';
import type { Inference, Tunnel } from './infer/index.ts';

/** The nodes with what only some plugins have: blocks of a pool, and ends of a tunnel. */
export function toldNodes(nodes: readonly NodeInput[], inference: Inference, cni: Cni, assumedNodes: readonly string[]): NodeInput[] {
  if (cni.guess !== null) return [...nodes];
  const sure = new Map(inference.facts.flatMap((f) => (f.fact === 'node.podCIDRs' ? [[f.node, f.confidence] as const] : [])));
  return nodes.map((node) => ({
    ...(cni.blocks === undefined ? node : inBlocks(node, assumedNodes.includes(node.name) ? 'stated' : sure.get(node.name))),
    ...tunnelOf(node, endOf(node.name, inference)),
  }));
}

/** Blocks that are there; those around pods only are looked for where all nodes are seen. */
function inBlocks({ podCIDR, podCIDRs, blocks, ...node }: NodeInput, confidence: Confidence | undefined): NodeInput {
  const own = blocks ?? (podCIDR === undefined ? podCIDRs : [podCIDR]) ?? [];
  const isKnown = blocks !== undefined || podCIDR !== undefined || confidence === 'stated' || confidence === 'declared';
  return isKnown && own.length > 0 ? { ...node, blocks: own } : node;
}

/** A node's end of the tunnel that is made, as objects tell it. */
export function endOf(name: string, { cni: { mode }, nodes }: Inference): Tunnel | null {
  const tunnel = nodes.get(name)?.tunnel ?? null;
  return tunnel !== null && mode?.startsWith(tunnel.type) === true ? tunnel : null;
}

/** A node without an address for the device has no end that others would know. */
function tunnelOf({ tunnel }: NodeInput, told: Tunnel | null): Pick<NodeInput, 'tunnel'> {
  const ip = parseAddress(told?.ip ?? '');
  if (tunnel !== undefined || told === null || ip === null) return {};
  if (told.type === 'ipip') return { tunnel: { ip } };
  const publicIP = parseAddress(told.publicIP ?? '');
  if (publicIP !== null && familyOf(publicIP) !== familyOf(ip)) return {};
  const mac = parseMac(told.mac ?? '');
  return { tunnel: { ip, ...(publicIP === null ? {} : { publicIP }), ...(mac === null ? {} : { mac }) } };
}
