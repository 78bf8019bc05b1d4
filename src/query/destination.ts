import type { Cluster } from '../k8s/cluster.ts';
import type { Asker } from '../k8s/dns/resolver.ts';
import type { Pod } from '../k8s/pod.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { assumed } from '../source/origin.ts';
import { didYouMean } from '../source/suggest.ts';
import { chooseTarget } from './choose-target.ts';
import { isDnsName, isInHosts, lookUp, type NameAnswer } from './dns.ts';
import { find, isThing } from './find.ts';
import type { Found } from './found.ts';
import { isCalledLocally, localTarget } from './localhost.ts';
import type { PlaceName } from './place.ts';
import { withPublicName } from './public-name.ts';
import type { Question, Source } from './question.ts';
import { fail, type Parsed } from './result.ts';
import type { Wish } from './target.ts';

export type Destination = Pick<Question, 'destination' | 'target' | 'resolution'>;

/**
 * A thing of the cluster, an address, or else a DNS name, which is looked up as the source does; in one IP family. With its query to follow, a
 * bare name is a DNS name.
 */
export function findDestination(
  cluster: Cluster,
  place: PlaceName,
  namespace: string,
  source: Source,
  wish: Wish,
  family: IpFamily,
  withDns = false,
): Parsed<Destination> {
  const asker = askerOf(cluster, source);
  const name = withDns && isBare(place) ? place.name : dnsNameOf(cluster, place, namespace, asker);
  if (name !== null) {
    const answer = lookUp(cluster, asker, place, name, wish, family);
    return asDestination(answer.ok ? withPublicName(cluster, place, wish, source.kind === 'Host', answer.value) : answer);
  }
  const found = find(cluster, place, namespace);
  if (!found.ok) return found;
  const checked = checkDestination(place, found.value);
  if (checked !== null) return checked;
  const here = isCalledLocally(source, place, found.value);
  const target =
    here !== null ? localTarget(here, wish, family) : chooseTarget(cluster, place, found.value, wish, source.kind === 'Host', family);
  return target.ok ? { ok: true, value: { destination: found.value, target: target.value, resolution: null } } : target;
}

/** As a DNS name, whatever things are called so: the host of a URL is nothing else. */
export function lookUpName(cluster: Cluster, place: PlaceName, source: Source, wish: Wish, family: IpFamily): Parsed<Destination> {
  return asDestination(lookUp(cluster, askerOf(cluster, source), place, place.name, wish, family));
}

function asDestination(answer: Parsed<NameAnswer>): Parsed<Destination> {
  if (!answer.ok) return answer;
  const { found, target, resolution } = answer.value;
  return { ok: true, value: { destination: found, target, resolution } };
}

/** The name to look up; null for what is named as a thing. An ExternalName is nothing but a name, and so is a host's with dots. */
function dnsNameOf(cluster: Cluster, place: PlaceName, namespace: string, asker: Asker): string | null {
  const { name, container } = place;
  if (!isThing(cluster, place, namespace)) return isDnsName(place) || (isBare(place) && isInHosts(cluster, asker, name)) ? name : null;
  const found = find(cluster, place, namespace);
  if (!found.ok || container !== null) return null;
  if (found.value.kind === 'host' && isDnsName(place)) return name;
  if (found.value.kind !== 'service' || found.value.service.externalName === null) return null;
  return `${found.value.service.name}.${found.value.service.namespace}.svc.${cluster.clusterDomain}.`;
}

const isBare = ({ kind, namespace, container, address }: PlaceName) =>
  kind === null && namespace === null && container === null && address === null;

function askerOf({ pods, nodes, outside, gateway }: Cluster, { kind, namespace, name, ip }: Source): Asker {
  const pod = kind === 'Pod' ? pods.get(`${namespace}/${name}`) : undefined;
  if (pod !== undefined) return { kind: 'pod', pod };
  const node = kind === 'Node' ? nodes.get(name) : undefined;
  if (node !== undefined) return { kind: 'node', node };
  const host = outside.find((h) => h.name === name);
  return { kind: 'host', host: host ?? { name, ips: [ip], origin: assumed(gateway?.locus ?? null) } };
}

/** The DNS server that the query goes to; null: none, since /etc/hosts has the name. */
export function serverOf(
  cluster: Cluster,
  source: Source,
  place: PlaceName,
  { destination, resolution }: Destination,
): Parsed<IpAddress | null> {
  if (resolution === null) {
    const { name, namespace } = destination.kind === 'service' ? destination.service : { name: 'web', namespace: 'default' };
    return fail(
      `--with-dns: ${place.text} is no DNS name, so nothing is looked up`,
      `name it as programs do, as ${name}.${namespace}.svc.${cluster.clusterDomain}`,
    );
  }
  if (resolution.from === 'hosts') return { ok: true, value: null };
  const { address, knows } = resolution.resolver.server;
  if (address !== null) return { ok: true, value: address };
  if (knows === 'outside')
    return fail(
      `--with-dns: the input does not say which DNS server ${source.name} asks: its machine's own`,
      source.kind === 'Pod'
        ? "a pod's own is stated in dnsConfig.nameservers, with dnsPolicy: None"
        : 'only the queries of pods can be followed',
    );
  return fail(
    '--with-dns: the input has no DNS server that pods ask',
    'state a service kube-dns in namespace kube-system with port 53/udp, or cluster.clusterDNS: [ADDRESS]',
  );
}

/** A look-up is followed unasked where policies may keep its query from leaving the pod; null: it is taken to be answered. */
export function serverBehindPolicies(
  cluster: Cluster,
  { kind, namespace, name }: Source,
  resolution: Destination['resolution'],
): Parsed<IpAddress> | null {
  if (kind !== 'Pod' || resolution === null || resolution.from === 'hosts') return null;
  const pod = cluster.pods.get(`${namespace}/${name}`);
  const policing = policingOf(cluster);
  const { address } = resolution.resolver.server;
  if (pod === undefined || policing === null || policing.enforcer === null || address === null) return null;
  return policing.selecting(pod, 'egress').length === 0 ? null : { ok: true, value: address };
}

/** Null when the destination is, or has, the container that it is to have. */
export function checkDestination(place: PlaceName, found: Found) {
  if (place.container === null) return null;
  if (found.kind === 'pod') return unknownContainer(found.pod, place.container);
  const [first] = found.kind === 'workload' ? found.workload.pods : [];
  if (first !== undefined) return unknownContainer(first, place.container);
  return fail(`${place.text}: only pods have containers`);
}

/** Null when the pod has it. */
export function unknownContainer(pod: Pod, container: string) {
  if (pod.containers.some((c) => c.name === container)) return null;
  const names = pod.containers.map((c) => c.name);
  return fail(
    `pod ${pod.name} has no container ${container}`,
    didYouMean(container, names) ?? (names.length === 0 ? 'it states no containers' : `its containers: ${names.join(', ')}`),
  );
}
