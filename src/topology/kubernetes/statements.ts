import type { FactName, FactValue } from '../../k8s/fact.ts';
import { formatAddress } from '../../net/address.ts';
import { formatPrefix, type Prefix } from '../../net/prefix.ts';
import { at } from '../../source/origin.ts';
import type { ClusterInput } from '../schema/topology.ts';
import type { Beside } from './beside.ts';
import type { Given } from './infer/index.ts';

type Stated = readonly [fact: FactName, field: keyof ClusterInput, value: FactValue | undefined];

/** The facts that a Topology beside the objects states. */
export function statementsOf({ input, locus }: Beside): Given {
  const { cluster = {} } = input;
  const { cni, kubeProxy, masquerade } = cluster;
  const proxy = typeof kubeProxy === 'object' ? kubeProxy : { mode: kubeProxy };
  const all: readonly Stated[] = [
    ['cni.plugin', 'cni', typeof cni === 'object' ? (('name' in cni ? cni.name : undefined) ?? cni.plugin) : cni],
    ['podCIDR', cluster.podCIDR === undefined ? 'podCIDRs' : 'podCIDR', ranges(cluster.podCIDR, cluster.podCIDRs)],
    ['serviceCIDR', cluster.serviceCIDR === undefined ? 'serviceCIDRs' : 'serviceCIDR', ranges(cluster.serviceCIDR, cluster.serviceCIDRs)],
    ['mtu', 'cni', typeof cni === 'object' ? cni.mtu : undefined],
    ['masquerade', 'masquerade', masquerade === 'none' ? [] : masquerade?.nonMasqueradeCIDRs.map(formatPrefix)],
    ['kubeProxy.mode', 'kubeProxy', proxy.mode],
    ['kubeProxy.clusterCIDR', 'kubeProxy', proxy.clusterCIDR?.map(formatPrefix)],
    ['kubeProxy.detectLocalMode', 'kubeProxy', proxy.detectLocalMode],
    ['kubeProxy.nodePortAddresses', 'kubeProxy', proxy.nodePortAddresses?.map(formatPrefix)],
    ['clusterDomain', 'clusterDomain', cluster.clusterDomain],
    ['clusterDNS', 'clusterDNS', cluster.clusterDNS?.map(formatAddress)],
  ];
  const ofCluster = all.flatMap(([fact, field, value]) =>
    value === undefined
      ? []
      : [
          {
            fact,
            node: null,
            value,
            source: { locus: at(locus, 'cluster', field), field: `cluster.${field}` },
            text: 'the Topology states it',
          },
        ],
  );
  const mtu = input.underlay?.mtu;
  if (mtu !== undefined) {
    const source = { locus: at(locus, 'underlay', 'mtu'), field: 'underlay.mtu' };
    ofCluster.push({ fact: 'nodeMTU', node: null, value: mtu, source, text: 'the Topology states it' });
  }
  const segments = input.underlay?.segments?.flatMap(({ cidr, cidrs }) => [...(cidr === undefined ? [] : [cidr]), ...(cidrs ?? [])]);
  if (segments === undefined) return ofCluster;
  const source = { locus: at(locus, 'underlay', 'segments'), field: 'underlay.segments' };
  return [...ofCluster, { fact: 'segments', node: null, value: segments.map(formatPrefix), source, text: 'the Topology states it' }];
}

const ranges = (one: Prefix | undefined, several: readonly Prefix[] | undefined): readonly string[] | undefined =>
  one === undefined ? several?.map(formatPrefix) : [formatPrefix(one)];
