import type { Datapath, Netns } from '../datapath/netns.ts';
import { familyOf, type IpAddress, type IpFamily, inFamily } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { NodeRange } from './address-index.ts';
import type { Cluster } from './cluster.ts';
import { nodeIp } from './families.ts';
import type { RouterInterface } from './network.ts';

/** A machine on the way, and the neighbour that it sends to. */
export interface Leg {
  readonly netns: string;
  readonly via: IpAddress;
}

/** The network between the machines: what a route can lead to. */
interface Links {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** Straight to a node on a segment of its own, else by as few routers as can be; null: nothing joins them. */
export function wayTo({ cluster, datapath }: Links, where: string, { node, podCidr }: NodeRange): readonly Leg[] | null {
  const family = familyOf(podCidr.address);
  const end = nodeIp(node, family);
  if (end === null) return null;
  const { routers } = cluster.underlay;
  const seen = new Set([where]);
  let ways: readonly { readonly at: string; readonly segments: readonly string[]; readonly legs: readonly Leg[] }[] = [
    { at: where, segments: segmentsOf(cluster, where), legs: [] },
  ];
  while (ways.length > 0) {
    const there = ways.find((w) => w.segments.includes(node.segment) && isOnLink(datapath.netns(w.at), end));
    if (there !== undefined) return [...there.legs, { netns: there.at, via: end }];
    ways = ways.flatMap(({ at, segments, legs }) =>
      routers.flatMap((router) => {
        const via = addressOn(router.interfaces, segments, family);
        if (via === null || seen.has(router.name)) return [];
        seen.add(router.name);
        return [{ at: router.name, segments: router.interfaces.map((i) => i.segment), legs: [...legs, { netns: at, via }] }];
      }),
    );
  }
  return null;
}

/** The kernel takes a next hop only if a device's prefix holds it. */
const isOnLink = (netns: Netns | undefined, address: IpAddress): boolean =>
  [...(netns?.devices.values() ?? [])].some((d) => d.kind === 'nic' && d.addresses.some((a) => contains(a.prefix, address)));

function addressOn(interfaces: readonly RouterInterface[], segments: readonly string[], family: IpFamily): IpAddress | null {
  const joined = interfaces.find((i) => segments.includes(i.segment) && inFamily(i.ips, family) !== null);
  return joined === undefined ? null : inFamily(joined.ips, family);
}

/** The segments that a machine is on. */
function segmentsOf({ nodes, underlay, gateway }: Cluster, netns: string): readonly string[] {
  const router = underlay.routers.find((r) => r.name === netns);
  if (router !== undefined) return router.interfaces.map((i) => i.segment);
  const segment = nodes.get(netns)?.segment ?? (netns === 'gateway' ? gateway?.segment : undefined);
  return segment === undefined ? [] : [segment];
}
