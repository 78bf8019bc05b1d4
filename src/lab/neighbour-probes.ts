import { routesOf } from '../datapath/fib.ts';
import type { Netns } from '../datapath/netns.ts';
import type { IpAddress } from '../net/address.ts';
import type { Probe } from './agent.ts';

/** Echo requests that warm the neighbour caches: each node's for its pods, and everybody's for its next hops. */
export function neighbourProbes(all: readonly Netns[]): readonly Probe[] {
  return all.flatMap((netns) => [...new Set([...portPeers(netns), ...nextHops(netns)])].map((address, i) => ping(netns, address, i)));
}

/** Those of the nodes for their pods only. */
export function podProbes(all: readonly Netns[]): readonly Probe[] {
  return all.flatMap((netns) => portPeers(netns).map((address, i) => ping(netns, address, i)));
}

const ping = (netns: Netns, destination: IpAddress, i: number): Probe => ({
  netns: netns.name,
  protocol: 'icmp',
  sourcePort: i,
  destination,
  port: 0,
  size: 0,
});

/** Those behind the ports of this machine's bridges. */
function portPeers(netns: Netns): readonly IpAddress[] {
  const bridges = [...netns.devices.values()].filter((d) => d.kind === 'bridge');
  return bridges.flatMap((b) => b.ports.flatMap((p) => p.peer?.addresses.map((a) => a.address) ?? []));
}

function nextHops(netns: Netns): readonly IpAddress[] {
  const routes = [...netns.tables.values()].flatMap((fib) => [...routesOf(fib)]);
  return routes.flatMap((r) => r.nextHops.flatMap((n) => (n.via === null ? [] : [n.via])));
}
