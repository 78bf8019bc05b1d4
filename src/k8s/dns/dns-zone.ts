import { familyOf, formatAddress, type IpAddress, type IpFamily, parseAddress } from '../../net/address.ts';
import { declared, inferred, type Locus, type Origin } from '../../source/origin.ts';
import type { Cluster } from '../cluster.ts';
import { readyEndpoints } from '../endpoints.ts';
import { clusterIpIn, podIp } from '../families.ts';
import type { OutsideHost } from '../network.ts';
import type { Pod } from '../pod.ts';
import type { Service } from '../service.ts';

/** The thing that has a name. */
export type Named =
  | { readonly kind: 'service'; readonly service: Service }
  /** An endpoint by a name of its own, below its service's. */
  | { readonly kind: 'endpoint'; readonly service: Service }
  /** a-b-c-d.namespace.pod, or fd00-10--1: the name of that address, whether a pod has it or not. */
  | { readonly kind: 'pod-record' }
  | { readonly kind: 'outside'; readonly host: OutsideHost };

/** The answer of a DNS server about one name, asked for its addresses of one family: A records have those of IPv4, AAAA records those of IPv6. */
export type Answer =
  | { readonly kind: 'addresses'; readonly addresses: readonly IpAddress[]; readonly named: Named; readonly origin: Origin }
  | { readonly kind: 'CNAME'; readonly target: string; readonly service: Service; readonly origin: Origin }
  /** The name is there, but has no address of this family. */
  | { readonly kind: 'NODATA' }
  /** `empty`: the headless service that would have the name if it had a ready endpoint. */
  | { readonly kind: 'NXDOMAIN'; readonly empty?: Service }
  /** It asks another server, of which the input says nothing. */
  | { readonly kind: 'unknown' };

const NXDOMAIN: Answer = { kind: 'NXDOMAIN' };
const NODATA: Answer = { kind: 'NODATA' };

/** Is a name that of a domain, or below it? */
export const isBelow = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

/**
 * The cluster DNS about a name of its own zone. Kubernetes DNS-Based Service Discovery 1.1.0 says which names there must be; where it
 * leaves the answer open, it is that of CoreDNS with kubeadm's Corefile (plugin/kubernetes: parseRequest, findServices, findPods).
 */
export function queryZone(cluster: Cluster, name: string, family: IpFamily): Answer {
  const labels = name === cluster.clusterDomain ? [] : name.slice(0, -cluster.clusterDomain.length - 1).split('.');
  const [kind, namespace, owner, below, ...deeper] = labels.reverse();
  if (kind === undefined) return NODATA;
  if (kind !== 'svc' && kind !== 'pod') return NXDOMAIN;
  if (namespace === undefined) return NODATA;
  if (!namespacesOf(cluster).has(namespace) || deeper.length > 0) return NXDOMAIN;
  if (owner === undefined) return NODATA;
  if (kind === 'pod') return below === undefined ? podRecord(cluster, owner, family) : NXDOMAIN;
  const service = cluster.services.get(`${namespace}/${owner}`);
  if (service === undefined) return NXDOMAIN;
  return below === undefined ? serviceRecord(service, family) : endpointRecord(service, below, family);
}

function serviceRecord(service: Service, family: IpFamily): Answer {
  const { externalName, ipFamilies, locus } = service;
  const named: Named = { kind: 'service', service };
  if (externalName !== null) {
    // CoreDNS makes no CNAME of an address (HostType, plugin/etcd/msg), and a name of digits no other server has.
    if (parseAddress(externalName.name) !== null) return NXDOMAIN;
    return { kind: 'CNAME', target: externalName.name, service, origin: declared(externalName.locus) };
  }
  if (!ipFamilies.includes(family)) return NODATA;
  const clusterIp = clusterIpIn(service, family);
  if (clusterIp !== null) return { kind: 'addresses', addresses: [clusterIp], named, origin: declared(locus) };
  const addresses = addressesOf(publishedEndpoints(service, family));
  return addresses.length === 0 ? { kind: 'NXDOMAIN', empty: service } : { kind: 'addresses', addresses, named, origin: declared(locus) };
}

/** Endpoints without a host name of their own have their address with dashes. CoreDNS answers this for services with a ClusterIP too. */
function endpointRecord(service: Service, label: string, family: IpFamily): Answer {
  const endpoints = publishedEndpoints(service, family).filter((e) => label === (e.hostname ?? dashed(e.ip)));
  const [first] = endpoints;
  if (first === undefined || service.externalName !== null) return NXDOMAIN;
  return { kind: 'addresses', addresses: addressesOf(endpoints), named: { kind: 'endpoint', service }, origin: declared(first.locus) };
}

/**
 * Any address in dashes, whether there is such a pod or not: `pods insecure` in kubeadm's Corefile. Three dashes that stand apart are
 * IPv4's dots, all others IPv6's colons. Source: findPods, plugin/kubernetes. A cluster without the address's family is told it all the
 * same: a program asks for both records, and connects to what it gets.
 */
function podRecord(cluster: Cluster, label: string, family: IpFamily): Answer {
  const address = parseAddress(label.replaceAll('-', /^[^-]+(-[^-]+){3}$/.test(label) ? '.' : ':'));
  if (address === null) return NXDOMAIN;
  if (familyOf(address) !== family && cluster.families.includes(familyOf(address))) return NODATA;
  return { kind: 'addresses', addresses: [address], named: { kind: 'pod-record' }, origin: inferred(cluster.locus) };
}

/** No label ends with a dash, so CoreDNS ends `fd00::` with a zero. Source: endpointHostname, plugin/kubernetes. */
const dashed = (address: IpAddress): string => formatAddress(address).replace(/[.:]/g, '-').replace(/-$/, '-0');

interface Published {
  readonly ip: IpAddress;
  readonly hostname: string | null;
  readonly locus: Locus;
}

/**
 * The endpoints that have records: the ready ones of all ports. A pod without the target port's name is one too: it is in a slice of its
 * own, without that port.
 */
export function publishedEndpoints(service: Service, family: IpFamily): readonly Published[] {
  const ready = service.ports.flatMap((p) => readyEndpoints(p, family));
  const without = service.ports.flatMap((p) => p.unresolved).filter((pod) => isPublished(service, pod));
  const unresolved = without.flatMap((pod): readonly Published[] => {
    const ip = service.ipFamilies.includes(family) ? podIp(pod, family) : null;
    return ip === null ? [] : [{ ip, hostname: hostnameIn(pod, service), locus: pod.locus }];
  });
  return [...ready, ...unresolved];
}

const isPublished = ({ publishNotReadyAddresses }: Service, pod: Pod): boolean =>
  publishNotReadyAddresses || (pod.ready.value && !pod.terminating);

const addressesOf = (endpoints: readonly { readonly ip: IpAddress }[]): readonly IpAddress[] => [...new Set(endpoints.map((e) => e.ip))];

/** The name that a pod has as an endpoint of a service. Source: ShouldSetHostname, k8s.io/endpointslice/util. */
export function hostnameIn({ names, namespace }: Pod, service: { readonly namespace: string; readonly name: string }): string | null {
  return names.subdomain === service.name && namespace === service.namespace ? names.hostname : null;
}

const namespaces = new WeakMap<Cluster, ReadonlySet<string>>();

/** Those that something is in, and the ones that every cluster has. */
export function namespacesOf(cluster: Cluster): ReadonlySet<string> {
  const known = namespaces.get(cluster);
  if (known !== undefined) return known;
  const found = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);
  for (const { namespace } of [...cluster.pods.values(), ...cluster.services.values()]) found.add(namespace);
  namespaces.set(cluster, found);
  return found;
}
