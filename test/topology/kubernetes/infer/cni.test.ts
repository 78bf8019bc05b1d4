import { describe, expect, it } from 'vitest';
import { calico, check, configMap, custom, daemonSet, factIn, inferFrom, network, node, pod } from './build.ts';

/** Which plugin routes, and how packets get from node to node. */

const NAME = 'spec.containers[0].name';
const running = (name: string, words: Parameters<typeof pod>[1] = {}) =>
  pod(`kube-system/${name}-x7k2p`, { node: 'n1', hostNetwork: true, daemonSet: name, ...words });

check('the plugin', [
  ...(
    [
      ['kindnet', 'kindnet'],
      ['kube-flannel-ds', 'flannel'],
      ['kube-flannel-ds-amd64', 'flannel'],
      ['canal', 'canal'],
      ['rke2-canal', 'canal'],
      ['calico-node', 'calico'],
      ['cilium', 'cilium'],
      ['anetd', 'cilium'],
      ['aws-node', 'aws-vpc-cni'],
      ['azure-cns', 'azure-cni'],
      ['weave-net', 'weave'],
      ['antrea-agent', 'antrea'],
      ['kube-router', 'kube-router'],
      ['ovnkube-node', 'ovn-kubernetes'],
      ['sdn', 'openshift-sdn'],
    ] as const
  ).map(([program, value]) => ({
    rule: `the pod of DaemonSet ${program}`,
    objects: [node('n1'), running(program)],
    fact: 'cni.plugin' as const,
    value,
    confidence: 'inferred' as const,
    from: `Pod/kube-system/${program}-x7k2p ${NAME}`,
  })),
  {
    rule: 'a pod of which nothing names the owner, by its name',
    objects: [node('n1'), pod('kube-system/aws-node-48cfw', { node: 'n1' })],
    fact: 'cni.plugin',
    value: 'aws-vpc-cni',
    confidence: 'inferred',
    from: `Pod/kube-system/aws-node-48cfw ${NAME}`,
  },
  {
    rule: 'the DaemonSet, when there is no pod of it',
    objects: [node('n1'), daemonSet('kube-system/calico-node')],
    fact: 'cni.plugin',
    value: 'calico',
    confidence: 'inferred',
    from: 'DaemonSet/kube-system/calico-node spec.template.spec.containers[0].name',
  },
  {
    rule: 'flannel with Calico is canal',
    objects: [node('n1'), running('kube-flannel-ds'), running('calico-node')],
    fact: 'cni.plugin',
    value: 'canal',
    confidence: 'inferred',
    from: `Pod/kube-system/kube-flannel-ds-x7k2p ${NAME}`,
  },
  {
    rule: 'Calico beside the VPC CNI is its policy engine',
    objects: [node('n1'), running('calico-node'), running('aws-node')],
    fact: 'cni.plugin',
    value: 'aws-vpc-cni',
    confidence: 'inferred',
    from: `Pod/kube-system/aws-node-x7k2p ${NAME}`,
  },
  {
    rule: 'Cilium that is chained to the VPC CNI does not route',
    objects: [
      node('n1'),
      running('cilium'),
      running('azure-cns'),
      configMap('kube-system/cilium-config', { 'cni-chaining-mode': 'generic-veth' }),
    ],
    fact: 'cni.plugin',
    value: 'azure-cni',
    confidence: 'inferred',
    from: `Pod/kube-system/azure-cns-x7k2p ${NAME}`,
  },
  {
    rule: 'Cilium that is not chained routes, and Azure gives addresses only',
    objects: [node('n1'), running('cilium'), running('azure-cns')],
    fact: 'cni.plugin',
    value: 'cilium',
    confidence: 'inferred',
    from: `Pod/kube-system/cilium-x7k2p ${NAME}`,
  },
  {
    rule: 'backend none and RouteCreated beat the annotation of Calico (GKE)',
    objects: [
      node('n1', {
        providerID: 'gce://p/z/n1',
        reason: 'RouteCreated',
        annotations: { 'projectcalico.org/IPv4IPIPTunnelAddr': '10.8.0.1' },
      }),
      running('calico-node', { env: { CALICO_NETWORKING_BACKEND: 'none' } }),
    ],
    fact: 'cni.plugin',
    value: 'gke',
    confidence: 'inferred',
    from: 'Node/n1 status.conditions[0].reason',
  },
  {
    rule: "the backend is looked up in the ConfigMap that the pod's environment refers to",
    objects: [
      node('n1', { reason: 'RouteCreated', providerID: 'azure:///s' }),
      running('calico-node', { env: { CALICO_NETWORKING_BACKEND: { from: 'calico-config', key: 'calico_backend' } } }),
      configMap('kube-system/calico-config', { calico_backend: 'none' }),
    ],
    fact: 'cni.plugin',
    value: 'kubenet',
    confidence: 'inferred',
    from: 'Node/n1 status.conditions[0].reason',
  },
  ...(
    [
      ['FlannelIsUp', 'flannel'],
      ['CalicoIsUp', 'calico'],
      ['CiliumIsUp', 'cilium'],
      ['WeaveIsUp', 'weave'],
      ['RouteCreated', 'kubenet'],
    ] as const
  ).map(([reason, value]) => ({
    rule: `the reason ${reason} of NetworkUnavailable`,
    objects: [node('n1', { reason })],
    fact: 'cni.plugin' as const,
    value,
    confidence: 'inferred' as const,
    from: 'Node/n1 status.conditions[0].reason',
  })),
  ...(
    [
      ['flannel.alpha.coreos.com/backend-type', 'flannel'],
      ['projectcalico.org/IPv4Address', 'calico'],
      ['network.cilium.io/ipv4-pod-cidr', 'cilium'],
      ['io.cilium.network.ipv4-pod-cidr', 'cilium'],
      ['node.antrea.io/mac-address', 'antrea'],
      ['k8s.ovn.org/node-subnets', 'ovn-kubernetes'],
    ] as const
  ).map(([key, value]) => ({
    rule: `the annotation ${key} of the node`,
    objects: [node('n1', { annotations: { [key]: 'x' } })],
    fact: 'cni.plugin' as const,
    value,
    confidence: 'inferred' as const,
    from: `Node/n1 metadata.annotations[${JSON.stringify(key)}]`,
  })),
  {
    rule: "the annotation of Calico's IPAM on a pod",
    objects: [node('n1'), pod('shop/web', { node: 'n1', annotations: { 'cni.projectcalico.org/podIP': '10.1.0.5/32' } })],
    fact: 'cni.plugin',
    value: 'calico',
    confidence: 'inferred',
    from: 'Pod/shop/web metadata.annotations["cni.projectcalico.org/podIP"]',
  },
  {
    rule: 'the default network of multus',
    objects: [
      node('n1'),
      pod('shop/web', {
        node: 'n1',
        annotations: {
          'k8s.v1.cni.cncf.io/network-status':
            '[{"name":"macvlan","interface":"net1"},{"name":"ovn-kubernetes","default":true,"interface":"eth0"}]',
        },
      }),
    ],
    fact: 'cni.plugin',
    value: 'ovn-kubernetes',
    confidence: 'inferred',
    from: 'Pod/shop/web metadata.annotations["k8s.v1.cni.cncf.io/network-status"]',
  },
  {
    rule: 'what multus left is no JSON',
    objects: [node('n1'), pod('shop/web', { node: 'n1', annotations: { 'k8s.v1.cni.cncf.io/network-status': '[' } })],
    fact: 'cni.plugin',
    value: 'bridge',
    confidence: 'assumed',
  },
  {
    rule: "OpenShift's networkType",
    objects: [node('n1'), network({ networkType: 'OpenShiftSDN' })],
    fact: 'cni.plugin',
    value: 'openshift-sdn',
    confidence: 'declared',
    from: 'Network/cluster status.networkType',
  },
  {
    rule: 'k3s has flannel in its own process',
    objects: [node('n1', { providerID: 'k3s://n1' })],
    fact: 'cni.plugin',
    value: 'flannel',
    confidence: 'inferred',
    from: 'Node/n1 spec.providerID',
  },
  {
    rule: 'k3s without flannel, and one node',
    objects: [node('n1', { providerID: 'k3s://n1', annotations: { 'k3s.io/node-args': '["server","--flannel-backend","none"]' } })],
    fact: 'cni.plugin',
    value: 'bridge',
    confidence: 'assumed',
  },
  {
    rule: 'rke2 has canal when it is told nothing',
    objects: [node('n1', { version: 'v1.33.1+rke2r1', annotations: { 'rke2.io/node-args': '["server"]' } })],
    fact: 'cni.plugin',
    value: 'canal',
    confidence: 'inferred',
    from: 'Node/n1 metadata.annotations["rke2.io/node-args"]',
  },
  {
    rule: 'rke2 has what it is told',
    objects: [node('n1', { annotations: { 'rke2.io/node-args': '["server","--cni","multus,cilium"]' } })],
    fact: 'cni.plugin',
    value: 'cilium',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["rke2.io/node-args"]',
  },
  ...(
    [
      ['kind://docker/kind/n1', 'kindnet'],
      ['digitalocean://1', 'cilium'],
      ['ibm://x', 'calico'],
      ['oci://x', 'flannel'],
    ] as const
  ).map(([providerID, value]) => ({
    rule: `providerID ${providerID}`,
    objects: [node('n1', { providerID })],
    fact: 'cni.plugin' as const,
    value,
    confidence: 'inferred' as const,
    from: 'Node/n1 spec.providerID',
  })),
  {
    rule: 'EKS',
    objects: [node('n1', { labels: { 'eks.amazonaws.com/nodegroup': 'a' }, providerID: 'aws:///a/i-1' })],
    fact: 'cni.plugin',
    value: 'aws-vpc-cni',
    confidence: 'inferred',
    from: 'Node/n1 metadata.labels["eks.amazonaws.com/nodegroup"]',
  },
  {
    rule: 'AKS whose nodes have no range',
    objects: [node('aks-pool-1-vmss000000', { labels: { 'kubernetes.azure.com/cluster': 'c' } })],
    fact: 'cni.plugin',
    value: 'azure-cni',
    confidence: 'inferred',
    from: 'Node/aks-pool-1-vmss000000 metadata.labels["kubernetes.azure.com/cluster"]',
  },
  {
    rule: 'AKS whose nodes have ranges',
    objects: [node('n1', { labels: { 'kubernetes.azure.com/cluster': 'c' }, podCIDR: '10.244.0.0/24' })],
    fact: 'cni.plugin',
    value: 'kubenet',
    confidence: 'inferred',
    from: 'Node/n1 metadata.labels["kubernetes.azure.com/cluster"]',
  },
  {
    rule: "AKS whose nodes are in kube-proxy's range",
    objects: [
      node('n1', { labels: { 'kubernetes.azure.com/cluster': 'c' }, podCIDR: '10.224.1.0/24', ips: ['10.224.0.4'] }),
      configMap('kube-system/kube-proxy', { 'config.conf': 'clusterCIDR: 10.224.0.0/12\n' }),
    ],
    fact: 'cni.plugin',
    value: 'azure-cni',
    confidence: 'inferred',
    from: 'Node/n1 metadata.labels["kubernetes.azure.com/cluster"]',
  },
  {
    rule: "AKS' overlay",
    objects: [node('n1', { labels: { 'kubernetes.azure.com/podnetwork-type': 'overlay' }, podCIDR: '10.244.1.0/24' })],
    fact: 'cni.plugin',
    value: 'azure-cni',
    confidence: 'inferred',
    from: 'Node/n1 metadata.labels["kubernetes.azure.com/podnetwork-type"]',
  },
  {
    rule: 'AKS without Node objects',
    objects: [pod('kube-system/azure-npm-x7k2p', { node: 'n1', daemonSet: 'azure-npm' })],
    fact: 'cni.plugin',
    value: 'azure-cni',
    confidence: 'inferred',
    from: 'Pod/kube-system/azure-npm-x7k2p spec.containers[0].name',
  },
  {
    rule: 'Google Cloud without a condition',
    objects: [node('n1', { providerID: 'gce://p/z/n1', podCIDR: '10.8.0.0/24' })],
    fact: 'cni.plugin',
    value: 'gke',
    confidence: 'inferred',
    from: 'Node/n1 spec.providerID',
  },
  {
    rule: 'minikube of one node in a virtual machine',
    objects: [node('minikube', { labels: { 'minikube.k8s.io/name': 'minikube' }, image: 'Buildroot 2023.02', runtime: 'docker://24' })],
    fact: 'cni.plugin',
    value: 'bridge',
    confidence: 'inferred',
    from: 'Node/minikube metadata.labels["minikube.k8s.io/name"]',
  },
  {
    rule: 'minikube of one node in a container, with containerd',
    objects: [
      node('minikube', { labels: { 'minikube.k8s.io/name': 'minikube' }, image: 'Debian GNU/Linux 12', runtime: 'containerd://2' }),
    ],
    fact: 'cni.plugin',
    value: 'kindnet',
    confidence: 'inferred',
    from: 'Node/minikube metadata.labels["minikube.k8s.io/name"]',
  },
  {
    rule: 'MicroK8s',
    objects: [node('n1', { labels: { 'microk8s.io/cluster': 'true' }, version: 'v1.28.3' })],
    fact: 'cni.plugin',
    value: 'calico',
    confidence: 'inferred',
    from: 'Node/n1 metadata.labels["microk8s.io/cluster"]',
  },
  {
    rule: 'no kindnet where kube-proxy is seen',
    objects: [
      node('minikube', { labels: { 'minikube.k8s.io/name': 'minikube' }, image: 'Debian GNU/Linux 12', runtime: 'containerd://2' }),
      pod('kube-system/kube-proxy-x7k2p', { node: 'minikube', daemonSet: 'kube-proxy' }),
    ],
    fact: 'cni.plugin',
    value: 'bridge',
    confidence: 'inferred',
    from: 'Node/minikube metadata.labels["minikube.k8s.io/name"]',
  },
  {
    rule: 'no VPC CNI where kube-proxy is seen',
    objects: [
      node('n1', { labels: { 'eks.amazonaws.com/nodegroup': 'a' } }),
      node('n2', { labels: { 'eks.amazonaws.com/nodegroup': 'a' } }),
      pod('kube-system/kube-proxy-x7k2p', { node: 'n1', daemonSet: 'kube-proxy' }),
    ],
    fact: 'cni.plugin',
    value: 'generic',
    confidence: 'assumed',
  },
  { rule: 'nothing, and one node', objects: [node('n1')], fact: 'cni.plugin', value: 'bridge', confidence: 'assumed' },
  { rule: 'nothing, and two nodes', objects: [node('n1'), node('n2')], fact: 'cni.plugin', value: 'generic', confidence: 'assumed' },
]);

const annotated = (annotations: Readonly<Record<string, string>>) => node('n1', { annotations });
const FLANNEL = 'flannel.alpha.coreos.com/backend-type';
const netConf = (backend: object) =>
  configMap('kube-flannel/kube-flannel-cfg', { 'net-conf.json': JSON.stringify({ Network: '10.244.0.0/16', Backend: backend }) });

check('the way between the nodes', [
  {
    rule: "flannel's backend is on the node",
    objects: [annotated({ [FLANNEL]: 'host-gw' })],
    fact: 'cni.mode',
    value: 'host-gw',
    confidence: 'declared',
    from: `Node/n1 metadata.annotations["${FLANNEL}"]`,
  },
  {
    rule: "flannel's DirectRouting is in its configuration only",
    objects: [annotated({ [FLANNEL]: 'vxlan' }), netConf({ Type: 'vxlan', DirectRouting: true })],
    fact: 'cni.mode',
    value: 'vxlan-cross-subnet',
    confidence: 'declared',
    from: `Node/n1 metadata.annotations["${FLANNEL}"]`,
  },
  {
    rule: 'what flannel runs beats what it is told, and both are said',
    objects: [annotated({ [FLANNEL]: 'vxlan' }), netConf({ Type: 'host-gw' })],
    fact: 'cni.mode',
    value: 'vxlan',
    confidence: 'declared',
    from: `Node/n1 metadata.annotations["${FLANNEL}"]`,
    others: ['host-gw'],
  },
  {
    rule: "flannel's configuration",
    objects: [running('kube-flannel-ds'), netConf({ Type: 'vxlan' })],
    fact: 'cni.mode',
    value: 'vxlan',
    confidence: 'declared',
    from: 'ConfigMap/kube-flannel/kube-flannel-cfg data["net-conf.json"].Backend.Type',
  },
  {
    rule: 'a backend without a mode of its own',
    objects: [annotated({ [FLANNEL]: 'wireguard' })],
    fact: 'cni.mode',
    value: null,
    confidence: 'declared',
    from: `Node/n1 metadata.annotations["${FLANNEL}"]`,
  },
  {
    rule: 'k3s without a word about its backend',
    objects: [node('n1', { providerID: 'k3s://n1', annotations: { 'k3s.io/node-args': '["server"]' } })],
    fact: 'cni.mode',
    value: 'vxlan',
    confidence: 'inferred',
    from: 'Node/n1 metadata.annotations["k3s.io/node-args"]',
  },
  ...(
    [
      [{ ipipMode: 'Always', vxlanMode: 'Never' }, 'ipip', 'ipipMode'],
      [{ ipipMode: 'CrossSubnet' }, 'ipip-cross-subnet', 'ipipMode'],
      [{ ipipMode: 'Never', vxlanMode: 'Always' }, 'vxlan', 'vxlanMode'],
      [{ vxlanMode: 'CrossSubnet' }, 'vxlan-cross-subnet', 'vxlanMode'],
      [{ ipipMode: 'Never', vxlanMode: 'Never' }, 'native', 'ipipMode'],
    ] as const
  ).map(([spec, value, field]) => ({
    rule: `Calico's IPPool with ${JSON.stringify(spec)}`,
    objects: [node('n1', { reason: 'CalicoIsUp' }), calico('IPPool', 'default', { cidr: '10.1.0.0/16', ...spec })],
    fact: 'cni.mode' as const,
    value,
    confidence: 'declared' as const,
    from: `IPPool/default spec.${field}`,
  })),
  {
    rule: 'the environment of calico-node, in the words of old versions',
    objects: [running('calico-node', { env: { CALICO_IPV4POOL_IPIP: 'cross-subnet' } })],
    fact: 'cni.mode',
    value: 'ipip-cross-subnet',
    confidence: 'declared',
    from: 'Pod/kube-system/calico-node-x7k2p spec.containers[0].env[0].value',
  },
  {
    rule: 'the Installation of the operator',
    objects: [
      node('n1', { reason: 'CalicoIsUp' }),
      custom('operator.tigera.io/v1', 'Installation', 'default', {
        spec: { calicoNetwork: { ipPools: [{ cidr: '10.1.0.0/16', encapsulation: 'VXLANCrossSubnet' }] } },
      }),
    ],
    fact: 'cni.mode',
    value: 'vxlan-cross-subnet',
    confidence: 'declared',
    from: 'Installation/default spec.calicoNetwork.ipPools[0].encapsulation',
  },
  {
    rule: "the address of Calico's tunnel hints at it",
    objects: [annotated({ 'projectcalico.org/IPv4VXLANTunnelAddr': '10.1.5.0' })],
    fact: 'cni.mode',
    value: 'vxlan',
    confidence: 'inferred',
    from: 'Node/n1 metadata.annotations["projectcalico.org/IPv4VXLANTunnelAddr"]',
  },
  {
    rule: 'Calico about which nothing else is there',
    objects: [node('n1', { reason: 'CalicoIsUp' })],
    fact: 'cni.mode',
    value: null,
    confidence: 'unknown',
  },
  ...(
    [
      [{ 'routing-mode': 'native' }, 'native', 'declared', 'routing-mode'],
      [{ 'routing-mode': 'tunnel', 'tunnel-protocol': 'geneve' }, 'geneve', 'declared', 'tunnel-protocol'],
      [{ 'routing-mode': 'tunnel' }, 'vxlan', 'inferred', 'routing-mode'],
      [{ tunnel: 'disabled' }, 'native', 'declared', 'tunnel'],
      [{ tunnel: 'vxlan' }, 'vxlan', 'declared', 'tunnel'],
    ] as const
  ).map(([data, value, confidence, key]) => ({
    rule: `cilium-config with ${JSON.stringify(data)}`,
    objects: [running('cilium'), configMap('kube-system/cilium-config', data)],
    fact: 'cni.mode' as const,
    value,
    confidence,
    from: `ConfigMap/kube-system/cilium-config data.${key}`,
  })),
  { rule: 'Cilium without its configuration', objects: [running('cilium')], fact: 'cni.mode', value: 'vxlan', confidence: 'assumed' },
  { rule: 'the VPC', objects: [running('aws-node')], fact: 'cni.mode', value: 'fabric', confidence: 'inferred' },
  {
    rule: "Antrea's encapsulation",
    objects: [
      running('antrea-agent'),
      configMap('kube-system/antrea-config', { 'antrea-agent.conf': 'trafficEncapMode: encap\ntunnelType: vxlan\n' }),
    ],
    fact: 'cni.mode',
    value: 'vxlan',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/antrea-config data["antrea-agent.conf"].tunnelType',
  },
  {
    rule: 'Antrea without encapsulation; a hash in the name of its ConfigMap',
    objects: [
      running('antrea-agent'),
      configMap('kube-system/antrea-config-7d9c6', { 'antrea-agent.conf': 'trafficEncapMode: noEncap\n' }),
    ],
    fact: 'cni.mode',
    value: 'native',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/antrea-config-7d9c6 data["antrea-agent.conf"].trafficEncapMode',
  },
  {
    rule: "Antrea's default",
    objects: [running('antrea-agent')],
    fact: 'cni.mode',
    value: 'geneve',
    confidence: 'assumed',
  },
  {
    rule: 'Antrea in a mode of its own',
    objects: [running('antrea-agent'), configMap('kube-system/antrea-config', { 'antrea-agent.conf': 'trafficEncapMode: hybrid\n' })],
    fact: 'cni.mode',
    value: null,
    confidence: 'declared',
    from: 'ConfigMap/kube-system/antrea-config data["antrea-agent.conf"].trafficEncapMode',
  },
  {
    rule: "kube-router's overlay",
    objects: [running('kube-router', { args: ['--run-router=true', '--overlay-type=full'] })],
    fact: 'cni.mode',
    value: 'ipip',
    confidence: 'declared',
    from: 'Pod/kube-system/kube-router-x7k2p spec.containers[0].args[1]',
  },
  {
    rule: 'kube-router without a word',
    objects: [running('kube-router')],
    fact: 'cni.mode',
    value: 'ipip-cross-subnet',
    confidence: 'assumed',
  },
]);

describe('nodes that are not alike', () => {
  const inference = inferFrom([
    node('a', { reason: 'CiliumIsUp', providerID: 'digitalocean://1' }),
    node('b', { reason: 'CiliumIsUp', providerID: 'digitalocean://2' }),
    node('c', { reason: 'FlannelIsUp', annotations: { [FLANNEL]: 'vxlan' } }),
    node('d', { providerID: 'digitalocean://3' }),
    node('e', { labels: { 'microk8s.io/cluster': 'true' }, version: 'v1.16.2' }),
    node('f'),
  ]);
  it('most of them decide, and each other has a fact and a note of its own', () => {
    expect(inference.facts.filter((f) => f.fact === 'cni.plugin').map((f) => [f.node, f.value, f.confidence])).toEqual([
      [null, 'cilium', 'inferred'],
      ['c', 'flannel', 'inferred'],
      ['e', 'generic', 'assumed'],
    ]);
    expect(inference.notes.map((n) => [n.kind, n.text])).toEqual([
      ['nodes-differ', 'cni.plugin is cilium on most nodes, but flannel on c, generic on e'],
      ['nodes-differ', 'distribution is doks on most nodes, but microk8s on e'],
    ]);
    expect([...inference.nodes].map(([name, { plugin }]) => [name, plugin])).toEqual([
      ['a', 'cilium'],
      ['b', 'cilium'],
      ['c', 'flannel'],
      ['d', 'cilium'],
      ['e', 'generic'],
      ['f', 'cilium'],
    ]);
  });
  it("a flannel node's mode says nothing about Cilium's", () => {
    expect(factIn(inference, 'cni.mode')).toMatchObject({ value: 'vxlan', confidence: 'assumed' });
  });
});
