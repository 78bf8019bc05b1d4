import { routesOf } from '../datapath/fib.ts';
import type { Netns } from '../datapath/netns.ts';
import type { IpAddress } from '../net/address.ts';
import type { Probe } from './agent.ts';

/** Echo requests that warm the neighbour caches: each node's for its pods, and every namespace's for its next hops. */
export function neighbourProbes(all: readonly Netns[]): readonly Probe[] {
  return all.flatMap((netns) => [...new Set([...podsOf(netns), ...nextHops(netns)])].map((address, i) => ping(netns, address, i)));
}

/** Those of the nodes for their pods only. */
export function podProbes(all: readonly Netns[]): readonly Probe[] {
  return all.flatMap((netns) => podsOf(netns).map((address, i) => ping(netns, address, i)));
}

const ping = (netns: Netns, destination: IpAddress, i: number): Probe => ({
  netns: netns.name,
  protocol: 'icmp',
  sourcePort: i,
  destination,
  port: 0,
  size: 0,
});

/** The addresses at the other ends of a machine's veth pairs; a pod's own pair leads to its machine. */
function podsOf(netns: Netns): readonly IpAddress[] {
  if (netns.name !== netns.node) return [];
  return [...netns.devices.values()].flatMap((d) => (d.kind === 'veth' ? (d.peer?.addresses.map((a) => a.address) ?? []) : []));
}

function nextHops(netns: Netns): readonly IpAddress[] {
  const routes = [...netns.tables.values()].flatMap((fib) => [...routesOf(fib)]);
  return routes.flatMap((r) => r.nextHops.flatMap((n) => (n.via === null ? [] : [n.via])));
}
