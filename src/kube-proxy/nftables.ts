import type { NftTable } from '../datapath/netfilter/ruleset.ts';
import { type NamedSet, namedSet } from '../datapath/netfilter/sets.ts';
import { prefixesIn } from '../k8s/families.ts';
import { type IpAddress, type IpFamily, isLoopback } from '../net/address.ts';
import { inferred } from '../source/origin.ts';
import type { ProxiedCluster, ProxiedNode, ProxyMode } from './mode.ts';
import { dispatchMaps } from './nftables-maps.ts';
import { WORDS } from './nftables-port.ts';
import { portEntries } from './nftables-service.ts';
import { baseChains, staticChains } from './nftables-static.ts';
import { nodePortAddresses } from './node-port-addresses.ts';
import { indexPorts, type PortIndex } from './port-index.ts';
import { portsOnNodes } from './ports-on-node.ts';

/** kube-proxy in nftables mode. It sets no sysctl, and opens nothing on 127.0.0.1. Source: pkg/proxy/nftables/proxier.go. */
export const nftablesMode: ProxyMode = {
  name: 'nftables',
  compile(cluster, family) {
    const tableOn = compileTable(cluster, family);
    return {
      program(node, rules) {
        rules.nft(tableOn(node));
      },
    };
  },
};

/** The table of each node. A port's chains are made when a packet for it comes by, or when they are printed. */
function compileTable(cluster: ProxiedCluster, family: IpFamily): (node: ProxiedNode) => NftTable {
  const { services, kubeProxy, serviceCidrs } = cluster;
  const index = indexPorts(services, family);
  const portsOn = portsOnNodes(index, cluster, family, portEntries);
  const origin = inferred(kubeProxy.origin.locus);
  const base = baseChains(origin);
  const clusterIps = clusterIpsSet(index, family);
  return (node) => {
    const { rulesOf, chain: made } = portsOn(node);
    const maps = dispatchMaps(index, rulesOf, family);
    const nodePortIps = nodePortIpsSet(nodePortAddresses(kubeProxy.nodePortAddresses ?? 'primary', node, family), family);
    const { masqueradeBit } = kubeProxy;
    const shared = { family, origin, masqueradeBit, serviceCidrs: prefixesIn(serviceCidrs, family), clusterIps, nodePortIps, maps };
    const fixed = [...base.map((b) => b.chain), ...staticChains(shared)];
    const byName = new Map(fixed.map((c) => [c.name, c]));
    return {
      family: WORDS[family].family,
      name: 'kube-proxy',
      comment: 'rules for kube-proxy',
      base,
      get sets() {
        return [
          clusterIps,
          ...(nodePortIps === null ? [] : [nodePortIps]),
          ...Object.values(maps),
          ...index.all.flatMap((p) => rulesOf(p).sets),
        ];
      },
      chain: (name) => byName.get(name) ?? made(name),
      *chains() {
        yield* fixed;
        for (const port of index.all) yield* rulesOf(port).chains;
      },
    };
  };
}

function clusterIpsSet({ all, byAddress }: PortIndex, family: IpFamily): NamedSet {
  const isClusterIp = (a: IpAddress) => byAddress.get(a)?.some((p) => p.clusterIp === a) === true;
  return {
    kind: 'set',
    name: 'cluster-ips',
    type: [WORDS[family].address],
    flags: [],
    timeout: null,
    comment: 'Active ClusterIPs',
    elements: () => [...new Set(all.map((p) => p.clusterIp))].map(element),
    find: ([address]) => (isClusterIp(address as IpAddress) ? element(address as IpAddress) : undefined),
  };
}

const element = (address: IpAddress) => ({ key: [address], comment: null });

function nodePortIpsSet(addresses: readonly IpAddress[] | null, family: IpFamily): NamedSet | null {
  if (addresses === null) return null;
  const elements = addresses.filter((a) => !isLoopback(a)).map(element);
  return namedSet({ name: 'nodeport-ips', type: [WORDS[family].address], comment: 'IPs that accept NodePort traffic', elements });
}
