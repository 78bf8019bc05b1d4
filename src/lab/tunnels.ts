import { fdbOf, neighboursOf } from '../datapath/link-tables.ts';
import type { Netns, Vxlan } from '../datapath/netns.ts';
import { formatAddress } from '../net/address.ts';

/**
 * `ip -batch` lines that make the tunnel devices of one namespace. They are made in it, because a tunnel's own packets stay in the namespace
 * that it was made in. Without an underlying device: the route decides which one a packet takes all the same, and the device would not take an
 * MTU that a smaller NIC has no room for.
 */
export function tunnelLines({ devices }: Netns): readonly string[] {
  return [...devices.values()].flatMap((d) => {
    switch (d.kind) {
      case 'vxlan':
        return [`link add ${d.name} address ${d.mac} mtu ${d.mtu} type vxlan ${vxlanOptions(d)}`];
      case 'ipip':
        return [`link add ${d.name} mtu ${d.mtu} type ipip local ${d.local === null ? 'any' : formatAddress(d.local)}`];
      case 'dummy':
      case 'opaque':
        return [`link add ${d.name} mtu ${d.mtu} type dummy`];
      default:
        return [];
    }
  });
}

const vxlanOptions = ({ vni, port, local }: Vxlan) => `id ${vni} local ${formatAddress(local)} dstport ${port} nolearning`;

/** `bridge -batch` lines for the forwarding tables of one namespace. */
export function fdbLines({ devices }: Netns): readonly string[] {
  return [...devices.values()].flatMap((d) =>
    d.kind === 'vxlan'
      ? [...fdbOf(d)].map(({ lladdr, dst }) => `fdb add ${lladdr} dev ${d.name} dst ${formatAddress(dst)} self permanent`)
      : [],
  );
}

/** `ip -batch` lines for the neighbours of one namespace that are written down. */
export function permanentNeighbourLines(netns: Netns): readonly string[] {
  return [...neighboursOf(netns)].flatMap((n) =>
    n.state === 'permanent' ? [`neigh replace ${formatAddress(n.address)} lladdr ${n.lladdr} dev ${n.device} nud permanent`] : [],
  );
}
