import type { NetnsBuilder } from '../datapath/builder.ts';
import { addRoute, onLink, routeVia } from '../datapath/builder.ts';
import { type Route, usualMetric } from '../datapath/route.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import { isThere } from '../k8s/pod.ts';
import { familyOf, type IpAddress, type IpFamily, isPrivate } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import { assumed, type Origin } from '../source/origin.ts';

/**
 * Objects do not say how packets from outside come to a pod: by a VPN, a peered network, a load balancer that knows pods. Whoever asks is led to the pod's
 * node with its own address; everything there, policies first, is then as it is.
 */
interface WayIn {
  readonly address: IpAddress;
  readonly node: Node;
  readonly origin: Origin;
}

const KNOWN = new WeakMap<Cluster, readonly WayIn[]>();

/** None where the input states the gateway to the internet. */
function waysIn(cluster: Cluster): readonly WayIn[] {
  if (!cluster.standIns.gateway) return [];
  const known = KNOWN.get(cluster) ?? made(cluster);
  KNOWN.set(cluster, known);
  return known;
}

function made({ pods, nodes }: Cluster): readonly WayIn[] {
  return [...pods.values()].flatMap((pod) => {
    const node = pod.hostNetwork || !isThere(pod) ? undefined : nodes.get(pod.node ?? '');
    if (node === undefined) return [];
    return pod.ips.flatMap(({ address }) => (isPrivate(address) ? [{ address, node, origin: assumed(pod.locus) }] : []));
  });
}

/** A machine outside sends what is for a pod to its link, as all that is public. */
export function sharePods(builder: NetnsBuilder, cluster: Cluster, device: string): void {
  const ways = waysIn(cluster);
  if (ways.length === 0) return;
  const table = new PrefixTable<Route>();
  for (const { address, origin } of ways)
    table.add(hostPrefix(address), {
      prefix: hostPrefix(address),
      type: 'unicast',
      metric: usualMetric(familyOf(address)),
      nextHops: [onLink(device)],
      source: null,
      origin,
    });
  builder.shared = table;
}

/** For what comes in by the internet's link only: what strays to the gateway from inside is no better for it. */
const TABLE = 200;

export function leadToPods(builder: NetnsBuilder, cluster: Cluster, via: (node: Node, family: IpFamily) => IpAddress | null): void {
  const ways = waysIn(cluster);
  for (const { address, node, origin } of ways) {
    const to = via(node, familyOf(address));
    if (to !== null) addRoute(builder, TABLE, routeVia(hostPrefix(address), to, 'eth0', origin));
  }
  const [first] = ways;
  if (first !== undefined)
    builder.rules.push({ priority: 1000, from: null, to: null, iif: 'wan0', mark: null, table: TABLE, origin: first.origin });
}
