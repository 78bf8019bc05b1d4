import { familiesOf } from '../k8s/families.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { at } from '../origin.ts';
import type { Context } from './context.ts';
import { type Fixer, place } from './scene.ts';

/** What to change when the two ends of a connection have no IP family in common. */

export const noCommonFamily: Fixer = ({ context, service }) => {
  const { source, destination } = context.question;
  const wanted = familyOf(source.ip);
  const range = rangeOf(context, wanted);
  if (range === null) {
    const { family, locus } = context.cluster;
    return [`give the cluster ${wanted} too: podCIDRs, one range of each family (${place(at(locus, 'podCIDR'))}); it has ${family} only`];
  }
  const callee = service !== null && destination.kind === 'service' ? giveService(service, wanted, range) : null;
  return [...(callee === null ? [] : [callee]), ...giveSource(context)];
};

const giveService = (service: { name: string; locus: Parameters<typeof place>[0] & object }, wanted: IpFamily, range: string) =>
  `give service ${service.name} an ${wanted} address too (${place(at(service.locus, 'clusterIP'))}): clusterIPs, with one of ${range}; in Kubernetes, ipFamilyPolicy: PreferDualStack`;

/** A pod gets an address of each family by itself, unless its file says which it has. */
function giveSource({ cluster, question: { source } }: Context): readonly string[] {
  const pod = familiesOf(cluster).flatMap((c) => c.pods.get(`${source.namespace}/${source.name}`) ?? [])[0];
  if (source.kind !== 'Pod' || pod === undefined) return [];
  return [
    `give ${pod.name} an ${cluster.family} address too (${place(at(pod.locus, 'ip'))}): ips, one of each family; in Kubernetes, a pod gets both when it is created anew`,
  ];
}

/** Where the family's addresses of services are; null: the cluster does not have the family. */
function rangeOf({ cluster }: Context, family: IpFamily): string | null {
  const own = familiesOf(cluster).find((c) => c.family === family);
  if (own === undefined) return null;
  return own.serviceCidr === null ? 'the service range' : formatPrefix(own.serviceCidr);
}
