import type { Cluster } from '../../k8s/cluster.ts';
import type { DnsConfig, PodNames } from '../../k8s/pod.ts';
import type { Service } from '../../k8s/service.ts';
import { formatAddress, parseAddress } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import { declared, inferred, type Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { PodForm, ServiceForm, TopologyForm } from '../schema/topology.ts';
import type { Report } from './report.ts';

/** Most pods state nothing of this, and share it. */
const USUAL: PodNames = { hostname: null, subdomain: null, policy: 'ClusterFirst', config: null, hostAliases: [] };

export function readPodNames(report: Report, pod: PodForm, path: Path, object: string): PodNames {
  const { hostname, subdomain, dnsPolicy, dnsConfig, hostAliases } = pod;
  if (dnsPolicy === 'None' && (dnsConfig?.nameservers ?? []).length === 0)
    report.error(
      [...path, 'dnsPolicy'],
      'missing-field',
      'with dnsPolicy None a pod needs a nameserver',
      'add dnsConfig: { nameservers: […] }',
    );
  if (hostname === undefined && subdomain === undefined && dnsConfig === undefined && hostAliases.length === 0)
    return dnsPolicy === 'ClusterFirst' ? USUAL : { ...USUAL, policy: dnsPolicy };
  return {
    hostname: hostname ?? null,
    subdomain: subdomain ?? null,
    policy: dnsPolicy,
    config: dnsConfig === undefined ? null : readConfig(report, dnsConfig, [...path, 'dnsConfig']),
    hostAliases: hostAliases.map((a, i) => ({ ...a, locus: report.locus([...path, 'hostAliases', i], object) })),
  };
}

/** RES_MAXNDOTS, resolv.h. */
const MOST_DOTS = 15;

function readConfig(report: Report, { nameservers, searches, options }: NonNullable<PodForm['dnsConfig']>, path: Path): DnsConfig {
  const index = options.findLastIndex((o) => o.name === 'ndots');
  const stated = options[index];
  if (stated === undefined) return { nameservers, searches, ndots: null };
  const where = [...path, 'options', index, ...(stated.value === undefined ? [] : ['value'])];
  const ndots = /^\d{1,9}$/.test(stated.value ?? '') ? Number(stated.value) : null;
  if (ndots === null) report.error(where, 'bad-value', 'ndots is a number of dots', 'as { name: ndots, value: "2" }');
  else if (ndots > MOST_DOTS)
    report.warn(
      where,
      'ndots-capped',
      `the resolver takes ndots ${ndots} for ${MOST_DOTS}, the most that it knows`,
      `at most ${MOST_DOTS}`,
    );
  return { nameservers, searches, ndots: ndots === null ? null : Math.min(ndots, MOST_DOTS) };
}

/** A pod has a name below its subdomain only where there is such a service. */
export function checkSubdomains(report: Report, form: TopologyForm): void {
  const byNamespace = new Map<string, string[]>();
  for (const { namespace, name } of form.services) byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), name]);
  for (const [i, { namespace, subdomain, name }] of form.pods.entries()) {
    const names = byNamespace.get(namespace) ?? [];
    if (subdomain === undefined || names.includes(subdomain)) continue;
    report.warn(
      ['pods', i, 'subdomain'],
      'subdomain-without-service',
      `namespace ${namespace} has no service ${subdomain}, so ${name} has no DNS name of its own`,
      didYouMean(subdomain, names) ?? 'a headless service of that name makes one',
    );
  }
}

type Naming = Pick<Service, 'externalName' | 'publishNotReadyAddresses'>;

export function readServiceNaming(report: Report, form: ServiceForm, path: Path, object: string): Naming {
  checkExternalName(report, form, path);
  const { externalName: name, publishNotReadyAddresses: publishNotReady } = form;
  return {
    externalName: name === undefined ? null : { name, locus: report.locus([...path, 'externalName'], object) },
    publishNotReadyAddresses: publishNotReady,
  };
}

/** An ExternalName is a CNAME and nothing else: what the API server refuses, and what would do nothing. */
function checkExternalName(report: Report, form: ServiceForm, path: Path): void {
  const refuse = (field: Path, message: string, hint: string | null = null) =>
    report.error([...path, ...field], 'bad-value', message, hint);
  if (form.type !== 'ExternalName') {
    if (form.externalName !== undefined)
      refuse(['externalName'], `a service of type ${form.type} has no externalName`, 'type: ExternalName');
    return;
  }
  const nothing = 'a service of type ExternalName is another name and nothing else';
  if (form.clusterIP !== undefined) refuse(['clusterIP'], `${nothing}: it has no ClusterIP`, 'leave clusterIP out');
  if (form.externalIPs.length > 0) refuse(['externalIPs'], `${nothing}: it has no externalIPs`, 'leave externalIPs out');
  for (const [i, port] of form.ports.entries())
    if (port.nodePort !== undefined) refuse(['ports', i, 'nodePort'], `${nothing}: it has no node port`, 'leave nodePort out');
  if (Object.keys(form.selector).length > 0)
    report.warn(
      [...path, 'selector'],
      'without-effect',
      `${nothing}: its selector selects nothing`,
      'leave it out, or give it a ClusterIP',
    );
  if (form.externalName !== undefined && parseAddress(form.externalName) !== null)
    report.warn(
      [...path, 'externalName'],
      'external-name-address',
      `${form.externalName} is taken for a name made of digits, which nobody has: an externalName is no address`,
      'a service without selector, and endpoints with this address, does what is meant',
    );
}

type ClusterNaming = Pick<Cluster, 'clusterDomain' | 'clusterDns'>;

/** kubelet's --cluster-domain and --cluster-dns: by convention the ClusterIP of kube-system/kube-dns, whatever runs behind it. */
export function readClusterNaming(report: Report, { cluster }: TopologyForm, services: readonly Service[]): ClusterNaming {
  const { clusterDomain, clusterDNS, serviceCIDR } = cluster;
  if (clusterDNS === undefined) {
    const usual = services.find((s) => s.namespace === 'kube-system' && s.name === 'kube-dns');
    const known = usual === undefined || usual.clusterIp === null ? [] : [{ ip: usual.clusterIp, origin: inferred(usual.locus) }];
    return { clusterDomain, clusterDns: known };
  }
  for (const [i, ip] of clusterDNS.entries())
    if (serviceCIDR !== undefined && contains(serviceCIDR, ip) && !services.some((s) => s.clusterIp === ip))
      report.warn(
        ['cluster', 'clusterDNS', i],
        'no-cluster-dns',
        `no service has the address ${formatAddress(ip)}, so pods ask nobody for names`,
        nearbyDns(services),
      );
  const clusterDns = clusterDNS.map((ip, i) => ({ ip, origin: declared(report.locus(['cluster', 'clusterDNS', i], 'Topology')) }));
  return { clusterDomain, clusterDns };
}

function nearbyDns(services: readonly Service[]): string {
  const dns = services.find((s) => s.clusterIp !== null && s.ports.some((p) => p.port === 53 && p.protocol === 'udp'));
  return dns?.clusterIp == null
    ? 'state the service before the DNS servers, or leave clusterDNS out'
    : `service ${dns.name} has port 53/udp at ${formatAddress(dns.clusterIp)}`;
}
