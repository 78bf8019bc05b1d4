import type { Silent } from '../hop/failure-links.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nicAddresses, nodeIp } from '../k8s/families.ts';
import { formatAddress, type IpAddress, nextAddress } from '../net/address.ts';
import { contains, lastAddress } from '../net/prefix.ts';
import { remove, set } from '../source/edit.ts';
import { at, type Locus, wholeDocument } from '../source/origin.ts';
import type { Context } from './context.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { place } from './scene.ts';

/** The fix for a device that does not answer for other addresses: a setting, or a route that it lacks. */
export function answering({ cluster }: Context, { why, netns, device }: Silent, locus: Locus | null): readonly Fix[] {
  if (why === 'no-way') {
    const other = `give ${netns} a route to it by another device than ${device}, as a default route`;
    const gateway = cluster.gateway === null ? freeBeside(cluster, netns) : null;
    return gateway === null ? [advised('choice', other)] : [withGateway(cluster, gateway), advised('choice', `or ${other}`)];
  }
  const sysctl = why === 'forwarding' ? 'forwarding' : why;
  if (locus === null || !locus.path.includes('sysctls'))
    return [
      advised('elsewhere', `set net.ipv4.conf.${device}.${sysctl} on ${netns} to ${why === 'arp_ignore' || why === 'arp_filter' ? 0 : 1}`),
    ];
  return [edited(`take the ${sysctl} away that ${netns} is stated to have (${place(locus)})`, remove(locus))];
}

/** Nodes have their default route to it. */
function withGateway({ locus: { document } }: Cluster, address: IpAddress): Fix {
  const ip = formatAddress(address);
  const locus = at(wholeDocument(document, 'Topology'), 'internet', 'gateway', 'ip');
  return edited(
    `state the way out of the cluster, to which nodes have their default route: internet: { gateway: { ip: ${ip} } }`,
    set(locus, ip),
  );
}

/** The first address of IPv4 on a node's link that no machine has: as gateways often have. Null: there is none. */
function freeBeside({ nodes, underlay }: Cluster, name: string): IpAddress | null {
  const node = nodes.get(name);
  const own = node === undefined ? null : nodeIp(node, 'IPv4');
  const prefix = [...underlay.segments.values()].flatMap((s) => s.prefixes).find((p) => own !== null && contains(p, own));
  if (prefix === undefined) return null;
  const taken = new Set([
    ...[...nodes.values()].flatMap(nicAddresses),
    ...underlay.routers.flatMap((r) => r.interfaces.flatMap((i) => i.ips)),
  ]);
  let address = nextAddress(prefix.address);
  while (taken.has(address)) address = nextAddress(address);
  return address < lastAddress(prefix) ? address : null;
}
