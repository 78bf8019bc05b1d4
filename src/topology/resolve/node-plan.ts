import type { Cni, PlannedDevice } from '../../k8s/cni.ts';
import type { Node, NodeAddress, StatedTunnel } from '../../k8s/node.ts';
import type { IpAddress, IpFamily } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { NodeInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { oneOrSeveral, type Placed } from './families.ts';
import { readTunnel } from './stated-tunnel.ts';

/** A node by itself, before its segment, its devices and its pods are looked at. */
export interface NodePlan {
  readonly input: NodeInput;
  readonly cursor: Cursor;
  readonly name: string;
  readonly ips: readonly Placed<IpAddress>[];
  readonly ranges: readonly Placed<Prefix>[];
  readonly podCidrs: readonly Prefix[];
  readonly rangesAt: Node['rangesAt'];
  readonly addresses: readonly NodeAddress[];
  readonly cni: Cni;
  readonly tunnel: StatedTunnel | null;
}

/** The CNI plugin, as it is configured on a node. */
export type CniOfNode = (node: NodeInput, here: Cursor) => Cni;

export function planNodes(root: Cursor, { nodes }: TopologyInput, families: readonly IpFamily[], cniOf: CniOfNode): readonly NodePlan[] {
  return nodes.map((input, i) => {
    const cursor = root.at('nodes', i).of(`Node/${input.name}`);
    const cni = cniOf(input, cursor);
    const ranges = readRanges(input, cursor, cni, families);
    const ips = oneOrSeveral(cursor, 'ip', input.ip, input.ips, families);
    return {
      input,
      cursor,
      name: input.name,
      ips,
      addresses: ips.map((p) => ({ type: 'InternalIP', address: p.value, locus: p.cursor.locus })),
      ranges,
      podCidrs: ranges.map((r) => r.value),
      rangesAt: input.blocks === undefined ? 'podCIDR' : 'blocks',
      cni,
      tunnel: readTunnel(input, cursor, families),
    };
  });
}

function readRanges(input: NodeInput, cursor: Cursor, { name, blocks }: Cni, families: readonly IpFamily[]): readonly Placed<Prefix>[] {
  const one = oneOrSeveral(cursor, 'podCIDR', input.podCIDR, input.podCIDRs, families);
  if (input.blocks === undefined) return one;
  const here = cursor.at('blocks');
  if (blocks === undefined) here.error('bad-value', `${name} gives a node one range, and no blocks of a pool`, 'state podCIDR');
  else if (one.length > 0) here.error('bad-value', 'with blocks, podCIDR is one of them', 'state either podCIDR or blocks');
  return input.blocks.map((value, i) => ({ value, cursor: here.at(i) }));
}

/** The prefixes on the links of the devices that a plugin will make, by name. */
export const linksByDevice = (devices: readonly PlannedDevice[]): readonly (readonly [string, readonly Prefix[]])[] =>
  devices.map((d) => [d.name, d.routes.flatMap((r) => (r.onLink ? [r.prefix] : []))] as const);

export const plannedRoutes = (devices: readonly PlannedDevice[]): readonly Prefix[] =>
  devices.flatMap((d) => d.routes.map((r) => r.prefix));

export const RESERVED_ADDRESS = { IPv4: 'network or broadcast', IPv6: 'subnet-router anycast' } as const;
