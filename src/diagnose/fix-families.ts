import type { Cluster } from '../k8s/cluster.ts';
import { familiesOf, selectedWithout } from '../k8s/families.ts';
import { key } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpFamily } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { at } from '../source/origin.ts';
import type { Context } from './context.ts';
import { type Fixer, place } from './scene.ts';

/** What to change when the two ends of a connection have no IP family in common. */

export const noCommonFamily: Fixer = ({ context, service }) => {
  const { source, destination, target } = context.question;
  const [called] = target.addresses;
  const [own, theirs] = [familyOf(source.ip), familyOf(called ?? source.ip)];
  if (rangeOf(context, theirs) === null) {
    const locus = at(context.cluster.locus, 'podCIDR');
    return [`call an ${own} address: the cluster has ${own} only (${place(locus)}); with podCIDRs, one range of each family, it has both`];
  }
  const range = rangeOf(context, own);
  const callee = service !== null && range !== null && destination.kind === 'service' ? [giveService(service, own, range)] : [];
  return [...callee, ...giveSource(context, theirs)];
};

const giveService = (service: Service, wanted: IpFamily, range: string) =>
  `give service ${service.name} an ${wanted} address too (${place(at(service.locus, 'clusterIP'))}): clusterIPs, with one of ${range}; in Kubernetes, ipFamilyPolicy: PreferDualStack`;

/** A service whose endpoints, or those that it could have, are all of the other family; none when that is not its trouble. */
export function endpointsOfFamily(cluster: Cluster, service: Service): readonly string[] {
  const { family, other } = cluster;
  const there = other?.services.get(key(service));
  if (other === null || there === undefined) return [];
  const call = there.clusterIp === null ? [] : [`or call its ${other.family} address, ${formatAddress(there.clusterIp)}`];
  const stated = there.ports.find((p) => p.explicitEndpoints !== null && p.endpoints.length > 0)?.explicitEndpoints ?? null;
  if (stated !== null) return [`add ${family} addresses to the stated endpoints (${place(stated)})`, ...call];
  const pods = selectedWithout(cluster, service).map((p) => `${p.name} (${place(at(p.locus, 'ips'))})`);
  if (pods.length === 0) return [];
  const who = `${pods.slice(0, 4).join(', ')}${pods.length > 4 ? ` and ${pods.length - 4} more` : ''}`;
  return [`give ${who} an ${family} address too: ips, one of each family; in Kubernetes, a pod gets both when it is created anew`, ...call];
}

/** A pod gets an address of each family by itself, unless its file says which it has. */
function giveSource({ cluster, question: { source } }: Context, family: IpFamily): readonly string[] {
  const pod = familiesOf(cluster).flatMap((c) => c.pods.get(`${source.namespace}/${source.name}`) ?? [])[0];
  if (source.kind !== 'Pod' || pod === undefined) return [];
  return [
    `give ${pod.name} an ${family} address too (${place(at(pod.locus, 'ip'))}): ips, one of each family; in Kubernetes, a pod gets both when it is created anew`,
  ];
}

/** Where the family's addresses of services are; null: the cluster does not have the family. */
function rangeOf({ cluster }: Context, family: IpFamily): string | null {
  const own = familiesOf(cluster).find((c) => c.family === family);
  if (own === undefined) return null;
  return own.serviceCidr === null ? 'the service range' : formatPrefix(own.serviceCidr);
}
