import { describe, expect, it } from 'vitest';
import type { Confidence, FactName, FactValue } from '../../../../src/k8s/fact.ts';
import { type Inference, infer } from '../../../../src/topology/kubernetes/infer/index.ts';
import { dumpFolder, objectsBelow, placeOf } from '../objects.ts';
import { factIn } from './build.ts';

/** What published dumps of real clusters say, as a person reads it out of them. */

type Row = readonly [fact: FactName, of: string | null, value: FactValue, confidence: Confidence, from?: string];

const DATAGEN = 'kube-system/kube-apiserver-datagen-1-35';
const NODE_POOL = 'pool-yd23sqk7u-3i7i7';
const OKD = (role: string) => `${role}-0.imeixner20210707.lab.upshift.rdu2.redhat.com`;
const AWS = (ip: string) => `ip-${ip}.us-west-2.compute.internal`;

const DUMPS: [folder: string, rows: readonly Row[], notes?: readonly string[]][] = [
  [
    'minikube-1.35',
    [
      ['cni.plugin', null, 'kindnet', 'inferred', 'Pod/kube-system/kindnet-zkpn8 spec.containers[0].name'],
      ['cni.mode', null, 'ptp', 'inferred'],
      ['podCIDR', null, ['10.244.0.0/16'], 'declared', 'Pod/kube-system/kindnet-zkpn8 spec.containers[0].env[2].value'],
      ['serviceCIDR', null, ['10.96.0.0/12'], 'declared', `Pod/${DATAGEN} spec.containers[0].command[25]`],
      ['masquerade', null, ['10.244.0.0/16'], 'declared', 'Pod/kube-system/kindnet-zkpn8 spec.containers[0].env[2].value'],
      ['kubeProxy.mode', null, 'iptables', 'assumed', 'Pod/kube-system/kube-proxy-8k9zt spec.containers[0].command[1]'],
      ['clusterDomain', null, 'cluster.local', 'inferred', `Pod/${DATAGEN} spec.containers[0].command[22]`],
      ['clusterDNS', null, ['10.96.0.10'], 'declared', 'Service/kube-system/kube-dns spec.clusterIP'],
      ['distribution', null, 'minikube', 'inferred', 'Node/datagen-1-35 metadata.labels["minikube.k8s.io/commit"]'],
      ['node.addresses', 'datagen-1-35', ['192.168.67.2'], 'declared', 'Node/datagen-1-35 status.addresses[0].address'],
      ['node.podCIDRs', 'datagen-1-35', ['10.244.0.0/24'], 'declared', 'Node/datagen-1-35 spec.podCIDRs'],
    ],
  ],
  [
    'kube-router-dualstack',
    [
      ['cni.plugin', null, 'generic', 'assumed'],
      ['podCIDR', null, ['10.242.0.0/23', '2001:db8:42:1000::/63'], 'inferred', 'Node/kube-router-vm1 spec.podCIDRs'],
      ['kubeProxy.mode', null, null, 'unknown'],
      ['node.podCIDRs', 'kube-router-vm2', ['10.242.1.0/24', '2001:db8:42:1001::/64'], 'declared', 'Node/kube-router-vm2 spec.podCIDRs'],
      [
        'node.addresses',
        'kube-router-vm1',
        ['10.241.0.20', '2001:db8:ca2:2::2ca1'],
        'declared',
        'Node/kube-router-vm1 status.addresses[0].address',
      ],
    ],
  ],
  [
    'eks-cloudability/pods.json',
    [
      ['cni.plugin', null, 'aws-vpc-cni', 'inferred', 'Pod/kube-system/aws-node-48cfw spec.containers[0].name'],
      ['cni.mode', null, 'fabric', 'inferred'],
      ['podCIDR', null, null, 'inferred'],
      ['mtu', null, 9001, 'declared', 'Pod/kube-system/aws-node-48cfw spec.containers[0].env[2].value'],
      ['kubeProxy.mode', null, 'iptables', 'assumed', 'Pod/kube-system/kube-proxy-g6lc7 spec.containers[0].command[2]'],
      ['kubeProxy.clusterCIDR', null, [], 'inferred'],
      ['distribution', null, 'eks', 'inferred', 'Pod/kube-system/aws-node-48cfw spec.containers[0].name'],
      ['segments', null, ['172.26.64.0/21'], 'assumed'],
    ],
  ],
  [
    'troubleshoot-bundle',
    [
      ['cni.mode', null, 'vxlan', 'declared', 'Node/k3d-mycluster-server-0 metadata.annotations["flannel.alpha.coreos.com/backend-type"]'],
      ['podCIDR', null, ['10.42.0.0/16'], 'inferred', 'Node/k3d-mycluster-server-0 metadata.annotations["k3s.io/node-args"]'],
      ['serviceCIDR', null, ['10.43.0.0/16'], 'inferred', 'Node/k3d-mycluster-server-0 metadata.annotations["k3s.io/node-args"]'],
      ['mtu', null, 1450, 'assumed'],
      ['masquerade', null, ['10.42.0.0/16'], 'inferred', 'Node/k3d-mycluster-server-0 status.nodeInfo.kubeletVersion'],
      ['kubeProxy.mode', null, 'iptables', 'assumed'],
      ['distribution', null, 'k3s', 'inferred', 'Node/k3d-mycluster-server-0 spec.providerID'],
      [
        'node.tunnel',
        'k3d-mycluster-server-0',
        '{ ip: 10.42.0.0, mac: "72:0b:f5:d9:11:46", publicIP: 172.19.0.2 }',
        'declared',
        'Node/k3d-mycluster-server-0 metadata.annotations["flannel.alpha.coreos.com/public-ip"]',
      ],
    ],
  ],
  [
    'troubleshoot-nodes',
    [
      ['cni.plugin', null, 'cilium', 'inferred', 'Node/biggernode-3i745 status.conditions[0].reason'],
      ['cni.plugin', 'ip-172-31-21-92', 'flannel', 'inferred', 'Node/ip-172-31-21-92 status.conditions[0].reason'],
      ['cni.plugin', 'repldev-marc', 'generic', 'assumed'],
      ['distribution', null, 'doks', 'inferred', 'Node/biggernode-3i745 spec.providerID'],
      ['podCIDR', null, null, 'unknown', 'Node/biggernode-3i745 metadata.annotations["io.cilium.network.ipv4-pod-cidr"]'],
      ['node.addresses', NODE_POOL, null, 'unknown', `Node/${NODE_POOL} status.addresses[1].address`],
      ['node.podCIDRs', 'ip-172-31-21-92', ['10.32.0.0/24'], 'declared', 'Node/ip-172-31-21-92 spec.podCIDRs'],
    ],
    ['redacted', 'nodes-differ'],
  ],
  [
    'openshift-insights',
    [
      ['cni.plugin', null, 'openshift-sdn', 'declared', 'Network/cluster status.networkType'],
      ['podCIDR', null, ['10.128.0.0/14'], 'declared', 'Network/cluster status.clusterNetwork'],
      ['serviceCIDR', null, ['172.30.0.0/16'], 'declared', 'Network/cluster status.serviceNetwork'],
      ['mtu', null, 1450, 'declared', 'Network/cluster status.clusterNetworkMTU'],
      ['kubeProxy.mode', null, null, 'unknown'],
      ['distribution', null, 'openshift', 'inferred', `Node/${OKD('master')} metadata.labels["node.openshift.io/os_id"]`],
      ['node.podCIDRs', OKD('worker'), ['10.129.0.0/23'], 'inferred', 'Pod/openshift-monitoring/prometheus-k8s-0 status.podIP'],
    ],
  ],
  [
    'kurl-weave-sbctl',
    [
      ['cni.plugin', null, 'weave', 'inferred'],
      ['podCIDR', null, null, 'unknown'],
      ['serviceCIDR', null, null, 'unknown'],
      ['serviceNodePortRange', null, '80-60000', 'declared'],
      ['clusterDNS', null, null, 'unknown', 'Service/kube-system/kube-dns spec.clusterIP'],
      ['node.addresses', 'troubleshoot-demo-001', null, 'unknown', 'Node/troubleshoot-demo-001 status.addresses[0].address'],
      ['segments', null, null, 'unknown'],
    ],
    ['redacted'],
  ],
  [
    'sonobuoy/testResultsOutput',
    [
      ['cni.plugin', null, 'kindnet', 'inferred', 'Pod/kube-system/kindnet-z4nr6 spec.containers[0].name'],
      [
        'podCIDR',
        null,
        ['10.244.0.0/16'],
        'declared',
        'ConfigMap/kube-system/kubeadm-config data.ClusterConfiguration.networking.podSubnet',
      ],
      ['kubeProxy.mode', null, 'iptables', 'declared', 'ConfigMap/kube-system/kube-proxy data["config.conf"].mode'],
      ['kubeProxy.clusterCIDR', null, ['10.244.0.0/16'], 'declared', 'ConfigMap/kube-system/kube-proxy data["config.conf"].clusterCIDR'],
      ['clusterDomain', null, 'cluster.local', 'declared', 'ConfigMap/kube-system/kubelet-config-1.14 data.kubelet.clusterDomain'],
      ['distribution', null, 'kind', 'inferred', 'Pod/kube-system/kindnet-z4nr6 metadata.name'],
      ['node.podCIDRs', 'kind-control-plane', ['10.244.0.0/24'], 'declared', 'Node/kind-control-plane spec.podCIDR'],
    ],
  ],
  [
    'sonobuoy/results-0.10/normalised',
    [
      ['cni.plugin', null, 'calico', 'inferred'],
      ['cni.mode', null, 'ipip', 'declared'],
      ['podCIDR', null, ['192.168.0.0/16'], 'declared'],
      ['mtu', null, 1440, 'declared'],
      ['kubeProxy.mode', null, 'iptables', 'assumed'],
      ['kubeProxy.clusterCIDR', null, [], 'inferred'],
      [
        'clusterDomain',
        null,
        'cluster.local',
        'declared',
        'ConfigMap/kube-system/kubeadm-config data.MasterConfiguration.networking.dnsDomain',
      ],
      ['node.podCIDRs', AWS('10-0-26-239'), ['192.168.252.128/26'], 'inferred', 'Pod/kube-system/kube-dns-545bc4bfd4-t4lzx status.podIP'],
      ['segments', null, ['10.0.0.0/19'], 'assumed'],
    ],
  ],
  [
    'sonobuoy/results-quick-no-failures',
    [
      ['serviceCIDR', null, ['10.96.0.0/16'], 'declared'],
      ['kubeProxy.mode', null, 'iptables', 'declared', 'ConfigMap/kube-system/kube-proxy data["config.conf"].mode'],
      ['distribution', null, 'kind', 'inferred', 'Node/kind-control-plane spec.providerID'],
      ['clusterDomain', null, 'cluster.local', 'declared', 'ConfigMap/kube-system/kubelet-config-1.21 data.kubelet.clusterDomain'],
    ],
  ],
  [
    'sonobuoy/healthsummary',
    [
      ['node.podCIDRs', 'kind-worker', ['10.244.2.0/24'], 'declared', 'Node/kind-worker spec.podCIDRs'],
      ['node.addresses', 'kind-worker2', ['172.18.0.3'], 'declared', 'Node/kind-worker2 status.addresses[0].address'],
      ['clusterDNS', null, null, 'unknown'],
    ],
  ],
  [
    'nca-podlists/k8s_testcases/example_policies/ipblockstest',
    [
      ['cni.plugin', null, 'calico', 'inferred'],
      ['cni.mode', null, 'ipip-cross-subnet', 'declared'],
      ['podCIDR', null, ['172.30.0.0/16'], 'declared'],
      ['kubeProxy.mode', null, null, 'unknown'],
      [
        'node.podCIDRs',
        '10.186.164.166',
        ['172.30.206.128/26'],
        'inferred',
        'Pod/kube-system/ibm-file-plugin-7bfb8b69bf-p86gk status.podIP',
      ],
      ['node.addresses', '10.186.164.173', ['10.186.164.173'], 'inferred'],
    ],
  ],
  [
    'nca-podlists/k8s_testcases/example_podlist/services1',
    [
      ['cni.plugin', null, 'bridge', 'assumed'],
      ['podCIDR', null, ['172.17.0.0/16'], 'inferred'],
      ['node.podCIDRs', 'minikube', ['172.17.0.0/16'], 'inferred'],
    ],
  ],
];

describe.each(DUMPS)('%s', (name, rows, notes = []) => {
  const folder = dumpFolder(name);
  let inference: Inference | null = null;
  it.skipIf(folder === null)(folder === null ? 'is not tested: ../shared/dumps is not there' : 'says what is read out of it', () => {
    inference ??= infer(objectsBelow(folder ?? ''), []);
    const { facts } = inference;
    expect(facts.length).toBeGreaterThan(0);
    const found = rows.map(([fact, of, , , from]) => {
      const { value, confidence, source } = factIn({ facts }, fact, of);
      return [fact, of, value, confidence, ...(from === undefined ? [] : [source === null ? null : placeOf(source)])];
    });
    expect(found).toEqual(rows);
    expect([...new Set(inference.notes.map((n) => n.kind))]).toEqual(notes);
  });
});
