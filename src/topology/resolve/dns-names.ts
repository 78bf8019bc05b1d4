import type { Cluster } from '../../k8s/cluster.ts';
import type { DnsConfig, PodNames } from '../../k8s/pod.ts';
import type { Service } from '../../k8s/service.ts';
import { familyOf, formatAddress, type IpFamily, inFamily, parseAddress } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import { declared, inferred } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { PodInput, ServiceInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** Most pods state nothing of this, and share it. */
const USUAL: PodNames = { hostname: null, subdomain: null, policy: 'ClusterFirst', config: null, hostAliases: [] };

export function readPodNames(here: Cursor, pod: PodInput): PodNames {
  const { hostname, subdomain, dnsPolicy = 'ClusterFirst', dnsConfig, hostAliases = [] } = pod;
  if (dnsPolicy === 'None' && (dnsConfig?.nameservers ?? []).length === 0)
    here.at('dnsPolicy').error('missing-field', 'with dnsPolicy None a pod needs a nameserver', 'add dnsConfig: { nameservers: […] }');
  if (hostname === undefined && subdomain === undefined && dnsConfig === undefined && hostAliases.length === 0)
    return dnsPolicy === 'ClusterFirst' ? USUAL : { ...USUAL, policy: dnsPolicy };
  return {
    hostname: hostname ?? null,
    subdomain: subdomain ?? null,
    policy: dnsPolicy,
    config: dnsConfig === undefined ? null : readConfig(here.at('dnsConfig'), dnsConfig),
    hostAliases: hostAliases.map((a, i) => ({ ...a, locus: here.at('hostAliases', i).locus })),
  };
}

/** RES_MAXNDOTS, resolv.h. */
const MOST_DOTS = 15;

function readConfig(here: Cursor, { nameservers = [], searches = [], options = [] }: NonNullable<PodInput['dnsConfig']>): DnsConfig {
  const index = options.findLastIndex((o) => o.name === 'ndots');
  const option = options[index];
  if (option === undefined) return { nameservers, searches, ndots: null };
  const at = here.at('options', index, ...(option.value === undefined ? [] : ['value']));
  const ndots = /^\d{1,9}$/.test(option.value ?? '') ? Number(option.value) : null;
  if (ndots === null) at.error('bad-value', 'ndots is a number of dots', 'as { name: ndots, value: "2" }');
  else if (ndots > MOST_DOTS)
    at.warn('ndots-capped', `the resolver takes ndots ${ndots} for ${MOST_DOTS}, the most that it knows`, `at most ${MOST_DOTS}`);
  return { nameservers, searches, ndots: ndots === null ? null : Math.min(ndots, MOST_DOTS) };
}

/** A pod has a name below its subdomain only where there is such a service. A part of a cluster without services of the namespace says nothing of it. */
export function checkSubdomains(root: Cursor, { services = [], pods = [] }: TopologyInput, isPart: boolean): void {
  const byNamespace = new Map<string, string[]>();
  for (const { namespace = 'default', name } of services) byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), name]);
  for (const [i, { namespace = 'default', subdomain, name }] of pods.entries()) {
    const names = byNamespace.get(namespace) ?? [];
    if (subdomain === undefined || names.includes(subdomain) || (isPart && names.length === 0)) continue;
    root
      .at('pods', i)
      .of(`Pod/${namespace}/${name}`)
      .at('subdomain')
      .warn(
        'subdomain-without-service',
        `namespace ${namespace} has no service ${subdomain}, so ${name} has no DNS name of its own`,
        didYouMean(subdomain, names) ?? 'a headless service of that name makes one',
      );
  }
}

type Naming = Pick<Service, 'externalName' | 'publishNotReadyAddresses'>;

export function readServiceNaming(here: Cursor, input: ServiceInput): Naming {
  checkExternalName(here, input);
  const { externalName: name, publishNotReadyAddresses = false } = input;
  return { externalName: name === undefined ? null : { name, locus: here.at('externalName').locus }, publishNotReadyAddresses };
}

/** An ExternalName is a CNAME and nothing else: what the API server refuses, and what would do nothing. */
function checkExternalName(here: Cursor, input: ServiceInput): void {
  const { type = 'ClusterIP', externalName, externalIPs = [], ports = [], selector = {} } = input;
  if (type !== 'ExternalName') {
    if (externalName !== undefined)
      here.at('externalName').error('bad-value', `a service of type ${type} has no externalName`, 'type: ExternalName');
    return;
  }
  const nothing = 'a service of type ExternalName is another name and nothing else';
  const refuse = (at: Cursor, has: string, hint: string) => at.error('bad-value', `${nothing}: it has no ${has}`, hint);
  if (input.clusterIP !== undefined) refuse(here.at('clusterIP'), 'ClusterIP', 'leave clusterIP out');
  if (externalIPs.length > 0) refuse(here.at('externalIPs'), 'externalIPs', 'leave externalIPs out');
  for (const [i, port] of ports.entries())
    if (port.nodePort !== undefined) refuse(here.at('ports', i, 'nodePort'), 'node port', 'leave nodePort out');
  if (Object.keys(selector).length > 0)
    here.at('selector').warn('without-effect', `${nothing}: its selector selects nothing`, 'leave it out, or give it a ClusterIP');
  if (externalName !== undefined && parseAddress(externalName) !== null)
    here
      .at('externalName')
      .warn(
        'external-name-address',
        `${externalName} is taken for a name made of digits, which nobody has: an externalName is no address`,
        'a service without selector, and endpoints with this address, does what is meant',
      );
}

type ClusterNaming = Pick<Cluster, 'clusterDomain' | 'clusterDns'>;

/** kubelet's --cluster-domain and --cluster-dns: by convention the ClusterIP of kube-system/kube-dns, whatever runs behind it. */
export function readClusterNaming(
  root: Cursor,
  { cluster }: TopologyInput,
  families: readonly IpFamily[],
  services: readonly Service[],
): ClusterNaming {
  const { clusterDomain = 'cluster.local', clusterDNS, serviceCIDR, serviceCIDRs = [] } = cluster;
  const at = root.at('cluster', 'clusterDNS');
  if (clusterDNS === undefined) {
    const usual = services.find((s) => s.namespace === 'kube-system' && s.name === 'kube-dns');
    const [ip] = families.flatMap((f) => inFamily(usual?.clusterIps ?? [], f) ?? []);
    return { clusterDomain, clusterDns: usual === undefined || ip === undefined ? [] : [{ ip, origin: inferred(usual.locus) }] };
  }
  const ranges = [...(serviceCIDR === undefined ? [] : [serviceCIDR]), ...serviceCIDRs];
  for (const [i, ip] of clusterDNS.entries())
    if (ranges.some((r) => contains(r, ip)) && !services.some((s) => s.clusterIps.includes(ip)))
      at.at(i).warn(
        'no-cluster-dns',
        `no service has the address ${formatAddress(ip)}, so pods ask nobody for names`,
        nearbyDns(services, familyOf(ip)),
      );
  return { clusterDomain, clusterDns: clusterDNS.map((ip, i) => ({ ip, origin: declared(at.at(i).locus) })) };
}

function nearbyDns(services: readonly Service[], family: IpFamily): string {
  const isDns = (s: Service) => s.ports.some((p) => p.port === 53 && p.protocol === 'udp');
  const dns = services.find((s) => inFamily(s.clusterIps, family) !== null && isDns(s));
  const address = dns === undefined ? null : inFamily(dns.clusterIps, family);
  return dns === undefined || address === null
    ? 'state the service before the DNS servers, or leave clusterDNS out'
    : `service ${dns.name} has port 53/udp at ${formatAddress(address)}`;
}
