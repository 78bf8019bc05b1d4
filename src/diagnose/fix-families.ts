import type { Cluster } from '../k8s/cluster.ts';
import { clusterIpIn, endpointsIn, prefixIn, selectedWithout } from '../k8s/families.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpFamily } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { at, itemAt } from '../source/origin.ts';
import type { Context } from './context.ts';
import { type Fixer, place } from './scene.ts';

/** The changes that help when the two ends of a connection have no IP family in common. */

export const noCommonFamily: Fixer = ({ context, service }) => {
  const { source, destination, target, family } = context.question;
  const [called] = target.addresses;
  const [own, theirs] = [familyOf(source.ip), called === undefined ? family : familyOf(called)];
  if (rangeOf(context, theirs) === null) {
    const locus = itemAt(context.cluster.locus, 'podCIDR', 0);
    return [`call an ${own} address: the cluster has ${own} only (${place(locus)}); with podCIDRs, one range of each family, it has both`];
  }
  // Where the callee lacks the only family that is asked, it is to have that one; else the one that the source has.
  const wanted = called === undefined ? family : own;
  const range = rangeOf(context, wanted);
  const callee = service !== null && range !== null && destination.kind === 'service' ? [giveService(service, wanted, range)] : [];
  const calledPod = called === undefined && destination.kind === 'pod' ? [givePod(destination.pod, family)] : [];
  return [...new Set([...callee, ...calledPod, ...(own === theirs ? [] : giveSource(context, theirs))])];
};

const giveService = (service: Service, wanted: IpFamily, range: string) =>
  `give service ${service.name} an ${wanted} address too (${place(itemAt(service.locus, 'clusterIP', 0))}): clusterIPs, with one of ${range}; in Kubernetes, ipFamilyPolicy: PreferDualStack`;

/** A service whose endpoints, or those that it could have, are all of the other family; none when that is not its trouble. */
export function endpointsOfFamily(cluster: Cluster, service: Service, family: IpFamily): readonly string[] {
  const other = cluster.families.find((f) => f !== family);
  if (other === undefined) return [];
  const address = clusterIpIn(service, other);
  const call = address === null ? [] : [`or call its ${other} address, ${formatAddress(address)}`];
  const explicit = service.ports.find((p) => p.explicitEndpoints !== null && endpointsIn(p, other).length > 0)?.explicitEndpoints ?? null;
  if (explicit !== null) return [`add ${family} addresses to the stated endpoints (${place(explicit)})`, ...call];
  const pods = selectedWithout(cluster, service, family).map((p) => `${p.name} (${place(at(p.locus, 'ips'))})`);
  if (pods.length === 0) return [];
  const names = `${pods.slice(0, 4).join(', ')}${pods.length > 4 ? ` and ${pods.length - 4} more` : ''}`;
  return [
    `give ${names} an ${family} address too: ips, one of each family; in Kubernetes, a pod gets both when it is created anew`,
    ...call,
  ];
}

/** A pod gets an address of each family by itself, unless its file says which it has. */
function giveSource({ cluster, question: { source } }: Context, family: IpFamily): readonly string[] {
  const pod = cluster.pods.get(`${source.namespace}/${source.name}`);
  return source.kind !== 'Pod' || pod === undefined ? [] : [givePod(pod, family)];
}

const givePod = (pod: Pod, family: IpFamily) =>
  `give ${pod.name} an ${family} address too (${place(itemAt(pod.locus, 'ip', 0))}): ips, one of each family; in Kubernetes, a pod gets both when it is created anew`;

/** The range of the family's ClusterIPs, in words; null: the cluster does not have the family. */
function rangeOf({ cluster }: Context, family: IpFamily): string | null {
  if (!cluster.families.includes(family)) return null;
  const range = prefixIn(cluster.serviceCidrs, family);
  return range === null ? 'the service range' : formatPrefix(range);
}
