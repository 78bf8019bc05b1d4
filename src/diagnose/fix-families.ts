import { familiesOf } from '../k8s/families.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { at } from '../origin.ts';
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
