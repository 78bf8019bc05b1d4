import { modeOf } from '../../cni/index.ts';
import type { FactName, FactValue } from '../../k8s/fact.ts';
import { formatAddress, type IpAddress } from '../../net/address.ts';
import { formatPrefix, type Prefix } from '../../net/prefix.ts';
import { formatPortRange } from '../../source/fields.ts';
import { at, type Locus } from '../../source/origin.ts';
import type { ClusterInput, Written } from '../schema/topology.ts';
import type { Beside } from './beside.ts';
import { type Given, wordsOf } from './infer/index.ts';

type Stated = readonly [fact: FactName, field: keyof ClusterInput, value: FactValue | undefined];

/** The facts that a Topology beside the objects states. */
export function statementsOf({ input, locus }: Beside): Given {
  const { cluster = {} } = input;
  const { cni, kubeProxy, masquerade, networkPolicy } = cluster;
  const proxy = typeof kubeProxy === 'object' ? kubeProxy : { mode: kubeProxy };
  const all: readonly Stated[] = [
    ['cni.plugin', 'cni', typeof cni === 'object' ? (('name' in cni ? cni.name : undefined) ?? cni.plugin) : cni],
    ['cni.mode', 'cni', cni === undefined ? undefined : (modeOf(cni) ?? undefined)],
    ['podCIDR', cluster.podCIDR === undefined ? 'podCIDRs' : 'podCIDR', ranges(cluster.podCIDR, cluster.podCIDRs)],
    ['serviceCIDR', cluster.serviceCIDR === undefined ? 'serviceCIDRs' : 'serviceCIDR', ranges(cluster.serviceCIDR, cluster.serviceCIDRs)],
    [
      'serviceNodePortRange',
      'serviceNodePortRange',
      cluster.serviceNodePortRange === undefined ? undefined : formatPortRange(cluster.serviceNodePortRange),
    ],
    ['mtu', 'cni', typeof cni === 'object' ? cni.mtu : undefined],
    ['masquerade', 'masquerade', masquerade === 'none' ? [] : masquerade?.nonMasqueradeCIDRs.map(formatPrefix)],
    ['networkPolicy', 'networkPolicy', typeof networkPolicy === 'object' ? networkPolicy.enforcer : networkPolicy],
    ['kubeProxy.mode', 'kubeProxy', proxy.mode],
    ['kubeProxy.clusterCIDR', 'kubeProxy', proxy.clusterCIDR?.map(formatPrefix)],
    ['kubeProxy.detectLocalMode', 'kubeProxy', proxy.detectLocalMode],
    ['kubeProxy.nodePortAddresses', 'kubeProxy', proxy.nodePortAddresses?.map((a) => (a === 'primary' ? a : formatPrefix(a)))],
    ['clusterDomain', 'clusterDomain', cluster.clusterDomain],
    ['clusterDNS', 'clusterDNS', cluster.clusterDNS?.map(formatAddress)],
  ];
  return [
    ...all.flatMap(([fact, field, value]) => said(fact, null, value, at(locus, 'cluster', field), `cluster.${field}`)),
    ...(input.nodes ?? []).flatMap((node, i) => ofNode(node, i, locus, cni)),
    ...said('nodeMTU', null, input.underlay?.mtu, at(locus, 'underlay', 'mtu'), 'underlay.mtu'),
    ...said('segments', null, segmentsIn(input)?.map(formatPrefix), at(locus, 'underlay', 'segments'), 'underlay.segments'),
  ];
}

function said(fact: FactName, node: string | null, value: FactValue | undefined, locus: Locus, field: string): Given {
  return value === undefined ? [] : [{ fact, node, value, source: { locus, field }, text: 'the Topology states it' }];
}

function ofNode(
  { name, ip, ips, podCIDR, podCIDRs, cni, kubeProxy, tunnel }: NonNullable<Written['nodes']>[number],
  i: number,
  locus: Locus,
  ofCluster: ClusterInput['cni'],
): Given {
  const of = (fact: FactName, field: string, value: FactValue | undefined) =>
    said(fact, name, value, at(locus, 'nodes', i, field), `nodes[${i}].${field}`);
  const addresses = ip === undefined ? ips : [ip];
  const mode = cni === undefined || ofCluster === undefined ? null : modeOf(ofCluster, cni);
  const differs = mode !== null && ofCluster !== undefined && mode !== modeOf(ofCluster);
  return [
    ...of('cni.mode', 'cni', differs ? mode : undefined),
    ...of('mtu', 'cni', cni?.mtu),
    ...of('kubeProxy.mode', 'kubeProxy', kubeProxy?.mode),
    ...of('node.addresses', ip === undefined ? 'ips' : 'ip', addresses?.map(formatAddress)),
    ...of('node.podCIDRs', podCIDR === undefined ? 'podCIDRs' : 'podCIDR', ranges(podCIDR, podCIDRs)),
    ...of('node.tunnel', 'tunnel', tunnel === undefined ? undefined : tunnelWords(tunnel)),
  ];
}

function tunnelWords({ ip, mac, publicIP }: NonNullable<NonNullable<Written['nodes']>[number]['tunnel']>): string {
  const words = (address: IpAddress | undefined) => (address === undefined ? null : formatAddress(address));
  return wordsOf({ ip: words(ip), mac: mac ?? null, publicIP: words(publicIP) });
}

const segmentsIn = ({ underlay }: Written) =>
  underlay?.segments?.flatMap(({ cidr, cidrs }) => [...(cidr === undefined ? [] : [cidr]), ...(cidrs ?? [])]);

const ranges = (one: Prefix | undefined, several: readonly Prefix[] | undefined): readonly string[] | undefined =>
  one === undefined ? several?.map(formatPrefix) : [formatPrefix(one)];
