import type { Cluster } from '../k8s/cluster.ts';
import { clusterIpIn, endpointsIn, podIp, prefixIn, selectedWithout } from '../k8s/families.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpFamily } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { type Edit, remove, set } from '../source/edit.ts';
import { at, itemAt } from '../source/origin.ts';
import type { Context } from './context.ts';
import { advised, called, edited, type Fix } from './remedy.ts';
import { type Fixer, place } from './scene.ts';

/** The changes that help when the two ends of a connection have no IP family in common. */

export const noCommonFamily: Fixer = ({ context, service }) => {
  const { source, destination, target, family } = context.question;
  const [callee] = target.addresses;
  const [own, theirs] = [familyOf(source.ip), callee === undefined ? family : familyOf(callee)];
  if (rangeOf(context, theirs) === null) {
    const locus = itemAt(context.cluster.locus, 'podCIDR', 0);
    return [
      advised(
        'choice',
        `call an ${own} address: the cluster has ${own} only (${place(locus)}); with podCIDRs, one range of each family, it has both`,
      ),
    ];
  }
  // Where the callee lacks the only family that is asked, it is to have that one; else the one that the source has.
  const wanted = callee === undefined ? family : own;
  const range = rangeOf(context, wanted);
  const ofService = service !== null && range !== null && destination.kind === 'service' ? [giveService(service, wanted, range)] : [];
  const calledPod = callee === undefined && destination.kind === 'pod' ? ofCalled(destination.pod, context) : [];
  const caller = own === theirs ? [] : giveSource(context, theirs);
  return [...ofService, ...calledPod, ...caller].filter(({ words }, i, all) => all.findIndex((f) => f.words.text === words.text) === i);
};

/** A pod that has an address of the family may listen on those of the other one only. */
function ofCalled(pod: Pod, { question: { family, target } }: Context): readonly Fix[] {
  if (podIp(pod, family) === null) return [givePod(pod, family)];
  const bound = pod.containers.flatMap((c) => c.listen).filter((l) => l.family !== null && l.family !== family && l.port === target.port);
  return bound.map(({ port, protocol, locus }) =>
    edited(
      `let the process listen on [::] instead (${place(locus)}): that is both families, 0.0.0.0 is IPv4 only`,
      set(locus, `[::]:${port}${protocol === 'tcp' ? '' : `/${protocol}`}`),
    ),
  );
}

const giveService = (service: Service, wanted: IpFamily, range: string): Fix =>
  advised(
    'value',
    `give service ${service.name} an ${wanted} address too (${place(itemAt(service.locus, 'clusterIP', 0))}): clusterIPs, with one of ${range}; in Kubernetes, ipFamilyPolicy: PreferDualStack`,
  );

/** A service whose endpoints, or those that it could have, are all of the other family; none when that is not its trouble. */
export function endpointsOfFamily(cluster: Cluster, service: Service, family: IpFamily): readonly Fix[] {
  const other = cluster.families.find((f) => f !== family);
  if (other === undefined) return [];
  const address = clusterIpIn(service, other);
  const [port] = service.ports;
  const words = address === null ? '' : `or call its ${other} address, ${formatAddress(address)}`;
  const call = address === null ? [] : [port === undefined ? advised('choice', words) : called(words, address, port)];
  const explicit = service.ports.find((p) => p.explicitEndpoints !== null && endpointsIn(p, other).length > 0)?.explicitEndpoints ?? null;
  if (explicit !== null) return [advised('value', `add ${family} addresses to the stated endpoints (${place(explicit)})`), ...call];
  const without = selectedWithout(cluster, service, family);
  if (without.length === 0) return [];
  const pods = without.map((p) => `${p.name} (${place(at(p.locus, 'ips'))})`);
  const names = `${pods.slice(0, 4).join(', ')}${pods.length > 4 ? ` and ${pods.length - 4} more` : ''}`;
  const give = `give ${names} an ${family} address too: ips, one of each family; in Kubernetes, a pod gets both when it is created anew`;
  return [edited(give, ...without.flatMap(withBoth)), ...call];
}

/** A pod gets an address of each family by itself, unless its file says which it has. */
function giveSource({ cluster, question: { source } }: Context, family: IpFamily): readonly Fix[] {
  const pod = cluster.pods.get(`${source.namespace}/${source.name}`);
  return source.kind !== 'Pod' || pod === undefined ? [] : [givePod(pod, family)];
}

const givePod = (pod: Pod, family: IpFamily): Fix =>
  edited(
    `give ${pod.name} an ${family} address too (${place(itemAt(pod.locus, 'ip', 0))}): ips, one of each family; in Kubernetes, a pod gets both when it is created anew`,
    ...withBoth(pod),
  );

/** A pod that states `ip` gets the other family's from its node's range; one that states `ips` has these and no others. */
function withBoth({ locus, ips: [own] }: Pod): readonly Edit[] {
  return own === undefined ? [] : [remove(at(locus, 'ips')), set(at(locus, 'ip'), formatAddress(own.address))];
}

/** The range of the family's ClusterIPs, in words; null: the cluster does not have the family. */
function rangeOf({ cluster }: Context, family: IpFamily): string | null {
  if (!cluster.families.includes(family)) return null;
  const range = prefixIn(cluster.serviceCidrs, family);
  return range === null ? 'the service range' : formatPrefix(range);
}
