import { familyOf, type IpAddress, type IpFamily, isLinkLocal, LOOPBACK } from '../../net/address.ts';
import { declared, inferred, type Origin } from '../../source/origin.ts';
import type { Cluster } from '../cluster.ts';
import { nodeIps } from '../families.ts';
import type { OutsideHost } from '../network.ts';
import type { Node } from '../node.ts';
import { isThere, type Pod } from '../pod.ts';

/** The machine or pod that looks a name up. */
export type Asker =
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'host'; readonly host: OutsideHost };

/** A line of /etc/hosts. */
export interface HostsLine {
  readonly address: IpAddress;
  readonly names: readonly string[];
  readonly origin: Origin;
}

/** How a process looks names up: its /etc/hosts and /etc/resolv.conf. */
export interface Resolver {
  readonly hosts: readonly HostsLine[];
  readonly server: Server;
  /** Asked for want of an answer from the first. */
  readonly further: readonly IpAddress[];
  readonly searches: readonly string[];
  readonly ndots: number;
}

/** The server that a resolver asks first, and whether it knows the names of the cluster. */
export interface Server {
  /** In words. */
  readonly name: string;
  /** Null: the input does not say which. */
  readonly address: IpAddress | null;
  readonly knows: 'cluster' | 'outside';
  /** Taken for granted, not stated. */
  readonly assumption: string | null;
}

const LOCALHOST: Readonly<Record<IpFamily, HostsLine>> = {
  IPv4: { address: LOOPBACK.IPv4, names: ['localhost'], origin: inferred(null) },
  IPv6: { address: LOOPBACK.IPv6, names: ['localhost', 'ip6-localhost', 'ip6-loopback'], origin: inferred(null) },
};

/** Of the families that the machine has: a program with IPv4 only would call ::1 first otherwise (RFC 6724, 2.1). */
const localhosts = (own: readonly IpAddress[]): readonly HostsLine[] => own.map((address) => LOCALHOST[familyOf(address)]);

/** The resolver's own default (resolv.conf(5)), and what kubelet writes for the cluster DNS. */
const USUAL_NDOTS = 1;
const CLUSTER_NDOTS = 5;
const MOST_SERVERS = 3;
const CLUSTER_DNS = 'the cluster DNS';

/** The /etc/hosts and /etc/resolv.conf of a pod or machine. */
export function resolverOf(cluster: Cluster, asker: Asker): Resolver {
  if (asker.kind === 'pod') return podResolver(cluster, asker.pod);
  const { name, ips, origin } =
    asker.kind === 'node' ? { name: asker.node.name, ips: nodeIps(asker.node), origin: declared(asker.node.locus) } : asker.host;
  return { ...ofTheMachine(name), hosts: [...localhosts(ips), ...ips.map((address) => ({ address, names: [name], origin }))] };
}

/** The input does not say what a machine's own resolv.conf has. */
function ofTheMachine(name: string): Omit<Resolver, 'hosts'> {
  const assumption = `the resolver of ${name} is taken to know no name of the cluster, and to have no search list`;
  return {
    server: { name: `the DNS server of ${name}`, address: null, knows: 'outside', assumption },
    further: [],
    searches: [],
    ndots: USUAL_NDOTS,
  };
}

/** GetPodDNS, pkg/kubelet/network/dns: on the host's network ClusterFirst is Default. */
export const policyOf = ({ names: { policy }, hostNetwork }: Pod): 'cluster' | 'node' | 'none' => {
  if (policy === 'None') return 'none';
  return policy === 'Default' || (policy === 'ClusterFirst' && hostNetwork) ? 'node' : 'cluster';
};

function podResolver(cluster: Cluster, pod: Pod): Resolver {
  const { config } = pod.names;
  const base = baseOf(cluster, pod);
  const added = config?.nameservers ?? [];
  const searches = [...new Set([...base.searches, ...(config?.searches ?? [])])];
  const common = { hosts: hostsOf(cluster, pod), searches, ndots: config?.ndots ?? base.ndots };
  if (base.server !== null) return { ...common, server: base.server, further: [...base.further, ...added].slice(0, MOST_SERVERS - 1) };
  const [first, ...further] = added;
  return { ...common, server: serverAt(cluster, first ?? null), further };
}

/** The resolver of the policy alone; `server` null: the policy gives none. */
function baseOf(cluster: Cluster, pod: Pod): Omit<Resolver, 'hosts' | 'server'> & { readonly server: Server | null } {
  switch (policyOf(pod)) {
    case 'none':
      return { server: null, further: [], searches: [], ndots: USUAL_NDOTS };
    case 'node':
      return ofTheMachine(pod.node ?? 'its node');
    case 'cluster':
      return clusterResolver(cluster, pod.namespace);
  }
}

/** The resolv.conf that kubelet writes for the pods that ask the cluster DNS. */
export function clusterResolver({ clusterDomain: domain, clusterDns }: Cluster, namespace: string): Resolver {
  const [first, ...further] = clusterDns.map((d) => d.ip);
  const assumption = 'the input has no cluster DNS; names are answered as one would (state it: a service kube-dns in kube-system)';
  const server: Server = {
    name: CLUSTER_DNS,
    address: first ?? null,
    knows: 'cluster',
    assumption: first === undefined ? assumption : null,
  };
  return { hosts: [], server, further, searches: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain], ndots: CLUSTER_NDOTS };
}

/** A nameserver that a pod names itself. Addresses of the cluster, and link-local ones, are DNS servers of the cluster's own. */
function serverAt({ clusterDns, services, pods }: Cluster, address: IpAddress | null): Server {
  const known = clusterDns.some((d) => d.ip === address);
  const ours =
    known ||
    [...services.values()].some((s) => s.clusterIps.some((ip) => ip === address)) ||
    [...pods.values()].some((p) => isThere(p) && p.ips.some((i) => i.address === address)) ||
    (address !== null && isLinkLocal(address));
  if (ours)
    return {
      name: CLUSTER_DNS,
      address,
      knows: 'cluster',
      assumption: known ? null : "the pod's nameserver is taken to answer as a cluster DNS would",
    };
  return {
    name: 'its own DNS server',
    address,
    knows: 'outside',
    assumption: "the pod's nameserver is taken to know no name of the cluster",
  };
}

/** kubelet's /etc/hosts: on the host's network the node's own, with the pod's aliases below. Source: pkg/kubelet/kubelet_pods.go. */
function hostsOf(cluster: Cluster, pod: Pod): readonly HostsLine[] {
  const { hostname, subdomain, hostAliases } = pod.names;
  const short = (pod.hostNetwork ? pod.node : hostname) ?? pod.name;
  const own = pod.ips.map((i) => i.address);
  const full = subdomain === null || pod.hostNetwork ? [] : [`${short}.${subdomain}.${pod.namespace}.svc.${cluster.clusterDomain}`];
  return [
    ...localhosts(own),
    ...own.map((address) => ({ address, names: [...full, short], origin: inferred(pod.locus) })),
    ...hostAliases.map(({ ip: address, hostnames, locus }) => ({ address, names: hostnames, origin: declared(locus) })),
  ];
}

/** The namespace whose services need no namespace in their names. */
export const askerNamespace = (asker: Asker): string => (asker.kind === 'pod' ? asker.pod.namespace : 'default');
