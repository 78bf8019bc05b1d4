import { describe, expect, it } from 'vitest';
import { calico, check, configMap, custom, inferFrom, network, node, pod, service } from './build.ts';

/** The ranges of pods and services, and what a node has of them. */

const running = (name: string, words: Parameters<typeof pod>[1] = {}) =>
  pod(`kube-system/${name}-x7k2p`, { node: 'n1', hostNetwork: true, daemonSet: name, ...words });
const mirror = (name: string, ...command: readonly string[]) => pod(`kube-system/${name}-n1`, { node: 'n1', command: [name, ...command] });
const kubeadm = (networking: string) =>
  configMap('kube-system/kubeadm-config', { ClusterConfiguration: `kind: ClusterConfiguration\nnetworking:\n${networking}` });
const k3s = (...words: readonly string[]) =>
  node('n1', { providerID: 'k3s://n1', annotations: { 'k3s.io/node-args': JSON.stringify(['server', ...words]) } });
const K3S_ARGS = 'Node/n1 metadata.annotations["k3s.io/node-args"]';

check('the range of the pods', [
  {
    rule: "Calico's pool, one a family; a disabled one is none",
    objects: [
      node('n1', { reason: 'CalicoIsUp' }),
      calico('IPPool', 'old', { cidr: '10.9.0.0/16', disabled: true }),
      calico('IPPool', 'default-ipv4', { cidr: '10.1.0.0/16' }),
      calico('IPPool', 'default-ipv6', { cidr: 'fd00:1::/48' }),
    ],
    fact: 'podCIDR',
    value: ['10.1.0.0/16', 'fd00:1::/48'],
    confidence: 'declared',
    from: 'IPPool/default-ipv4 spec.cidr',
  },
  {
    rule: "Calico's pool says nothing where Calico does not route",
    objects: [
      node('n1', { reason: 'RouteCreated', providerID: 'gce://p', podCIDR: '10.8.0.0/24' }),
      calico('IPPool', 'default', { cidr: '10.1.0.0/16' }),
    ],
    fact: 'podCIDR',
    value: ['10.8.0.0/24'],
    confidence: 'inferred',
    from: 'Node/n1 spec.podCIDR',
  },
  {
    rule: "flannel's Network, of both families",
    objects: [
      node('n1', { reason: 'FlannelIsUp' }),
      configMap('kube-flannel/kube-flannel-cfg', { 'net-conf.json': '{"Network":"10.244.0.0/16","IPv6Network":"fd00:244::/56"}' }),
    ],
    fact: 'podCIDR',
    value: ['10.244.0.0/16', 'fd00:244::/56'],
    confidence: 'declared',
    from: 'ConfigMap/kube-flannel/kube-flannel-cfg data["net-conf.json"].Network',
  },
  {
    rule: "Cilium's cluster pool",
    objects: [running('cilium'), configMap('kube-system/cilium-config', { 'cluster-pool-ipv4-cidr': '10.0.0.0/8' })],
    fact: 'podCIDR',
    value: ['10.0.0.0/8'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/cilium-config data.cluster-pool-ipv4-cidr',
  },
  {
    rule: "kubeadm's podSubnet",
    objects: [node('n1'), kubeadm('  podSubnet: 10.244.0.0/16,fd00:244::/56\n')],
    fact: 'podCIDR',
    value: ['10.244.0.0/16', 'fd00:244::/56'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubeadm-config data.ClusterConfiguration.networking.podSubnet',
  },
  {
    rule: "kindnet's POD_SUBNET, before kubeadm's",
    objects: [running('kindnet', { env: { POD_SUBNET: '10.244.0.0/16' } }), kubeadm('  podSubnet: 10.245.0.0/16\n')],
    fact: 'podCIDR',
    value: ['10.244.0.0/16'],
    confidence: 'declared',
    from: 'Pod/kube-system/kindnet-x7k2p spec.containers[0].env[0].value',
    others: [['10.245.0.0/16']],
  },
  {
    rule: "the environment of calico-node, of a ConfigMap's value",
    objects: [
      running('calico-node', { env: { CALICO_IPV4POOL_CIDR: { from: 'calico-config', key: 'pool' } } }),
      configMap('kube-system/calico-config', { pool: '192.168.0.0/16' }),
    ],
    fact: 'podCIDR',
    value: ['192.168.0.0/16'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/calico-config data.pool',
  },
  {
    rule: "weave's IPALLOC_RANGE",
    objects: [running('weave-net', { env: { IPALLOC_RANGE: '10.40.0.0/13' } })],
    fact: 'podCIDR',
    value: ['10.40.0.0/13'],
    confidence: 'declared',
    from: 'Pod/kube-system/weave-net-x7k2p spec.containers[0].env[0].value',
  },
  { rule: "weave's default", objects: [running('weave-net')], fact: 'podCIDR', value: ['10.32.0.0/12'], confidence: 'assumed' },
  {
    rule: 'kube-controller-manager',
    objects: [mirror('kube-controller-manager', '--cluster-cidr=10.244.0.0/16')],
    fact: 'podCIDR',
    value: ['10.244.0.0/16'],
    confidence: 'declared',
    from: 'Pod/kube-system/kube-controller-manager-n1 spec.containers[0].command[1]',
  },
  {
    rule: 'what k3s is told',
    objects: [k3s('--cluster-cidr', '10.52.0.0/16')],
    fact: 'podCIDR',
    value: ['10.52.0.0/16'],
    confidence: 'declared',
    from: K3S_ARGS,
  },
  { rule: 'k3s that is not told', objects: [k3s()], fact: 'podCIDR', value: ['10.42.0.0/16'], confidence: 'inferred', from: K3S_ARGS },
  {
    rule: 'MicroK8s',
    objects: [node('n1', { labels: { 'microk8s.io/cluster': 'true' }, version: 'v1.28.3' })],
    fact: 'podCIDR',
    value: ['10.1.0.0/16'],
    confidence: 'inferred',
  },
  {
    rule: "OpenShift's clusterNetwork",
    objects: [network({ networkType: 'OVNKubernetes', clusterNetwork: [{ cidr: '10.128.0.0/14', hostPrefix: 23 }] })],
    fact: 'podCIDR',
    value: ['10.128.0.0/14'],
    confidence: 'declared',
    from: 'Network/cluster status.clusterNetwork',
  },
  {
    rule: 'what kube-proxy takes for pods is a hint',
    objects: [node('n1'), configMap('kube-system/kube-proxy', { 'config.conf': 'mode: iptables\nclusterCIDR: 10.244.0.0/16\n' })],
    fact: 'podCIDR',
    value: ['10.244.0.0/16'],
    confidence: 'inferred',
    from: 'ConfigMap/kube-system/kube-proxy data["config.conf"].clusterCIDR',
  },
  {
    rule: 'an empty one of kube-proxy is none',
    objects: [node('n1', { podCIDR: '10.244.0.0/24' }), configMap('kube-system/kube-proxy', { 'config.conf': 'clusterCIDR: ""\n' })],
    fact: 'podCIDR',
    value: ['10.244.0.0/24'],
    confidence: 'inferred',
    from: 'Node/n1 spec.podCIDR',
  },
  {
    rule: "the smallest range that holds the nodes'",
    objects: [node('n1', { podCIDRs: ['10.242.0.0/24'] }), node('n2', { podCIDRs: ['10.242.5.0/24'] })],
    fact: 'podCIDR',
    value: ['10.242.0.0/21'],
    confidence: 'inferred',
    from: 'Node/n1 spec.podCIDRs',
  },
  {
    rule: "the smallest that holds the pods' addresses; finished pods and those of the node's network have none",
    objects: [
      pod('a/a', { node: 'n1', ip: '10.1.0.5' }),
      pod('a/b', { node: 'n2', ip: '10.1.3.5' }),
      pod('a/c', { node: 'n2', ip: '172.16.0.1', phase: 'Succeeded' }),
      pod('a/d', { node: 'n2', ip: '192.168.0.1', hostNetwork: true }),
    ],
    fact: 'podCIDR',
    value: ['10.1.0.0/22'],
    confidence: 'inferred',
    from: 'Pod/a/a status.podIP',
  },
  {
    rule: 'the VPC: pods have addresses of the nodes',
    objects: [running('aws-node')],
    fact: 'podCIDR',
    value: null,
    confidence: 'inferred',
  },
  {
    rule: "Azure's overlay is none of the nodes' network",
    objects: [
      node('n1', { labels: { 'kubernetes.azure.com/podnetwork-type': 'overlay' } }),
      running('azure-cns'),
      custom('acn.azure.com/v1alpha', 'NodeNetworkConfig', 'n1', {
        status: { networkContainers: [{ subnetAddressSpace: '10.244.0.0/16', primaryIP: '10.244.3.0/24' }] },
      }),
    ],
    fact: 'podCIDR',
    value: ['10.244.0.0/16'],
    confidence: 'inferred',
    from: 'NodeNetworkConfig/n1 status.networkContainers[0].subnetAddressSpace',
  },
  {
    rule: 'Azure without it: pods have addresses of the nodes',
    objects: [node('n1'), running('azure-cns')],
    fact: 'podCIDR',
    value: null,
    confidence: 'inferred',
  },
  {
    rule: "docker's own bridge, whatever the cluster says",
    objects: [mirror('kube-controller-manager', '--cluster-cidr=10.244.0.0/16'), pod('a/a', { node: 'n1', ip: '172.17.0.4' })],
    fact: 'podCIDR',
    value: ['172.17.0.0/16'],
    confidence: 'inferred',
    from: 'Pod/a/a status.podIP',
    others: [['10.244.0.0/16']],
  },
  {
    rule: 'a redacted range is not known, and no default stands in for it',
    objects: [running('weave-net', { env: { IPALLOC_RANGE: '***HIDDEN***/20' } })],
    fact: 'podCIDR',
    value: null,
    confidence: 'unknown',
    from: 'Pod/kube-system/weave-net-x7k2p spec.containers[0].env[0].value',
  },
  { rule: 'nothing says it', objects: [node('n1')], fact: 'podCIDR', value: null, confidence: 'unknown' },
]);

check('the range of the services', [
  {
    rule: 'ServiceCIDR',
    objects: [
      custom('networking.k8s.io/v1', 'ServiceCIDR', 'kubernetes', { spec: { cidrs: ['10.96.0.0/12', 'fd00:96::/112'] } }),
      mirror('kube-apiserver', '--service-cluster-ip-range=10.96.0.0/12,fd00:96::/112'),
    ],
    fact: 'serviceCIDR',
    value: ['10.96.0.0/12', 'fd00:96::/112'],
    confidence: 'declared',
    from: 'ServiceCIDR/kubernetes spec.cidrs',
  },
  {
    rule: 'kube-apiserver',
    objects: [mirror('kube-apiserver', '--service-cluster-ip-range=10.96.0.0/12')],
    fact: 'serviceCIDR',
    value: ['10.96.0.0/12'],
    confidence: 'declared',
    from: 'Pod/kube-system/kube-apiserver-n1 spec.containers[0].command[1]',
  },
  {
    rule: "kubeadm's serviceSubnet",
    objects: [kubeadm('  serviceSubnet: 10.97.0.0/16\n')],
    fact: 'serviceCIDR',
    value: ['10.97.0.0/16'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubeadm-config data.ClusterConfiguration.networking.serviceSubnet',
  },
  {
    rule: "OpenShift's serviceNetwork",
    objects: [network({ networkType: 'OpenShiftSDN', serviceNetwork: ['172.30.0.0/16'] })],
    fact: 'serviceCIDR',
    value: ['172.30.0.0/16'],
    confidence: 'declared',
    from: 'Network/cluster status.serviceNetwork',
  },
  {
    rule: 'what k3s is told',
    objects: [k3s('--service-cidr=10.53.0.0/16')],
    fact: 'serviceCIDR',
    value: ['10.53.0.0/16'],
    confidence: 'declared',
    from: K3S_ARGS,
  },
  { rule: 'k3s that is not told', objects: [k3s()], fact: 'serviceCIDR', value: ['10.43.0.0/16'], confidence: 'inferred', from: K3S_ARGS },
  {
    rule: "Antrea's serviceCIDR",
    objects: [running('antrea-agent'), configMap('kube-system/antrea-config', { 'antrea-agent.conf': 'serviceCIDR: 10.98.0.0/16\n' })],
    fact: 'serviceCIDR',
    value: ['10.98.0.0/16'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/antrea-config data["antrea-agent.conf"].serviceCIDR',
  },
  ...(
    [
      ['172.20.0.1', '172.20.0.0/16'],
      ['10.100.0.1', '10.100.0.0/16'],
      ['10.55.0.1', '10.55.0.0/24'],
    ] as const
  ).map(([ip, value]) => ({
    rule: `EKS with default/kubernetes at ${ip}`,
    objects: [node('n1', { labels: { 'eks.amazonaws.com/nodegroup': 'a' } }), service('default/kubernetes', ip)],
    fact: 'serviceCIDR' as const,
    value: [value],
    confidence: 'inferred' as const,
    from: 'Service/default/kubernetes spec.clusterIP',
  })),
  {
    rule: 'MicroK8s',
    objects: [node('n1', { labels: { 'microk8s.io/cluster': 'true' } })],
    fact: 'serviceCIDR',
    value: ['10.152.183.0/24'],
    confidence: 'inferred',
  },
  {
    rule: 'the smallest range that holds all ClusterIPs; headless services have none',
    objects: [
      service('shop/web', '10.107.26.55'),
      service('shop/db', 'None'),
      service('default/kubernetes', '10.96.0.1'),
      service('shop/x', '10.98.0.4'),
    ],
    fact: 'serviceCIDR',
    value: ['10.96.0.0/12'],
    confidence: 'inferred',
    from: 'Service/default/kubernetes spec.clusterIP',
  },
]);

check('the range of node ports', [
  {
    rule: 'kube-apiserver',
    objects: [mirror('kube-apiserver', '--service-node-port-range=80-60000')],
    fact: 'serviceNodePortRange',
    value: '80-60000',
    confidence: 'declared',
    from: 'Pod/kube-system/kube-apiserver-n1 spec.containers[0].command[1]',
  },
  {
    rule: "kubeadm's extra arguments, since v1beta4 a list",
    objects: [
      configMap('kube-system/kubeadm-config', {
        ClusterConfiguration: 'apiServer:\n  extraArgs:\n  - name: service-node-port-range\n    value: 20000-22767\n',
      }),
    ],
    fact: 'serviceNodePortRange',
    value: '20000-22767',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubeadm-config data.ClusterConfiguration.apiServer.extraArgs',
  },
  {
    rule: "k3s' argument of its API server",
    objects: [k3s('--kube-apiserver-arg', 'service-node-port-range=31000-32000')],
    fact: 'serviceNodePortRange',
    value: '31000-32000',
    confidence: 'declared',
    from: K3S_ARGS,
  },
  { rule: 'the default', objects: [node('n1')], fact: 'serviceNodePortRange', value: '30000-32767', confidence: 'assumed' },
]);

const CALICO_NODE = node('n1', { reason: 'CalicoIsUp', podCIDR: '10.244.0.0/24' });

check("a node's ranges", [
  ...['FlannelIsUp', 'RouteCreated'].map((reason) => ({
    rule: `Node.spec.podCIDRs count with ${reason}`,
    objects: [node('n1', { reason, podCIDRs: ['10.244.0.0/24', 'fd00:244::/64'] })],
    fact: 'node.podCIDRs' as const,
    node: 'n1',
    value: ['10.244.0.0/24', 'fd00:244::/64'],
    confidence: 'declared' as const,
    from: 'Node/n1 spec.podCIDRs',
  })),
  {
    rule: "they don't with Calico, which has blocks",
    objects: [CALICO_NODE, calico('BlockAffinity', 'n1-a', { cidr: '10.1.5.64/26', node: 'n1', state: 'confirmed' })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.1.5.64/26'],
    confidence: 'declared',
    from: 'BlockAffinity/n1-a spec.cidr',
  },
  {
    rule: "Calico's IPAMBlocks name the node in their affinity",
    objects: [
      CALICO_NODE,
      calico('IPAMBlock', 'a', { cidr: '10.1.5.64/26', affinity: 'host:n2' }),
      calico('IPAMBlock', 'b', { cidr: '10.1.5.128/26', affinity: 'host:n1' }),
    ],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.1.5.128/26'],
    confidence: 'declared',
    from: 'IPAMBlock/b spec.cidr',
  },
  {
    rule: "without blocks, those of Calico's size around the pods",
    objects: [CALICO_NODE, pod('a/a', { node: 'n1', ip: '10.1.5.70' }), pod('a/b', { node: 'n1', ip: '10.1.5.200' })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.1.5.192/26', '10.1.5.64/26'],
    confidence: 'inferred',
    from: 'Pod/a/a status.podIP',
  },
  {
    rule: 'a pool has a block size of its own',
    objects: [CALICO_NODE, calico('IPPool', 'p', { cidr: '10.1.0.0/16', blockSize: 28 }), pod('a/a', { node: 'n1', ip: '10.1.5.70' })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.1.5.64/28'],
    confidence: 'inferred',
    from: 'Pod/a/a status.podIP',
  },
  {
    rule: 'Calico with USE_POD_CIDR',
    objects: [CALICO_NODE, running('calico-node', { env: { USE_POD_CIDR: 'true' } })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.244.0.0/24'],
    confidence: 'declared',
    from: 'Node/n1 spec.podCIDR',
  },
  {
    rule: 'CiliumNode, and not the Node, with a cluster pool',
    objects: [
      node('n1', { reason: 'CiliumIsUp', podCIDR: '10.244.0.0/24' }),
      custom('cilium.io/v2', 'CiliumNode', 'n1', { spec: { ipam: { podCIDRs: ['10.0.3.0/24'] } } }),
    ],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.0.3.0/24'],
    confidence: 'declared',
    from: 'CiliumNode/n1 spec.ipam.podCIDRs',
  },
  {
    rule: "Cilium's annotation",
    objects: [node('n1', { reason: 'CiliumIsUp', annotations: { 'io.cilium.network.ipv4-pod-cidr': '10.0.4.0/25' } })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.0.4.0/25'],
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["io.cilium.network.ipv4-pod-cidr"]',
  },
  {
    rule: 'the Node with Cilium, where its ipam is kubernetes',
    objects: [
      node('n1', { reason: 'CiliumIsUp', podCIDR: '10.244.0.0/24' }),
      configMap('kube-system/cilium-config', { ipam: 'kubernetes' }),
    ],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.244.0.0/24'],
    confidence: 'declared',
    from: 'Node/n1 spec.podCIDR',
  },
  {
    rule: 'the VPC gives single addresses',
    objects: [node('n1', { podCIDR: '10.244.0.0/24' }), running('aws-node')],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: [],
    confidence: 'inferred',
  },
  {
    rule: "a node's part of Azure's overlay",
    objects: [
      node('n1', { labels: { 'kubernetes.azure.com/podnetwork-type': 'overlay' } }),
      running('azure-cns'),
      custom('acn.azure.com/v1alpha', 'NodeNetworkConfig', 'n1', {
        status: { networkContainers: [{ subnetAddressSpace: '10.244.0.0/16', primaryIP: '10.244.3.0/24' }] },
      }),
    ],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.244.3.0/24'],
    confidence: 'declared',
    from: 'NodeNetworkConfig/n1 status.networkContainers[0].primaryIP',
  },
  {
    rule: 'weave gives no range, and each pod is known by its address',
    objects: [node('n1', { reason: 'WeaveIsUp', podCIDR: '10.244.0.0/24' }), pod('a/a', { node: 'n1', ip: '10.32.0.4' })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: [],
    confidence: 'inferred',
    from: 'Pod/a/a status.podIP',
  },
  ...['{"default":["10.129.0.0/23"]}', '{"default":"10.129.0.0/23"}'].map((value) => ({
    rule: `OVN's node-subnets as ${value}`,
    objects: [node('n1', { annotations: { 'k8s.ovn.org/node-subnets': value } })],
    fact: 'node.podCIDRs' as const,
    node: 'n1',
    value: ['10.129.0.0/23'],
    confidence: 'declared' as const,
    from: 'Node/n1 metadata.annotations["k8s.ovn.org/node-subnets"]',
  })),
  {
    rule: "OpenShift SDN's HostSubnet",
    objects: [
      node('n1'),
      network({ networkType: 'OpenShiftSDN' }),
      custom('network.openshift.io/v1', 'HostSubnet', 'n1', { host: 'n1', hostIP: '10.0.0.1', subnet: '10.130.0.0/23' }),
    ],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.130.0.0/23'],
    confidence: 'declared',
    from: 'HostSubnet/n1 subnet',
  },
  {
    rule: 'OpenShift without it: /23 around the pods',
    objects: [node('n1'), network({ networkType: 'OpenShiftSDN' }), pod('a/a', { node: 'n1', ip: '10.129.3.7' })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.129.2.0/23'],
    confidence: 'inferred',
    from: 'Pod/a/a status.podIP',
  },
  {
    rule: "kube-router's annotation over the Node",
    objects: [node('n1', { podCIDR: '10.244.0.0/24', annotations: { 'kube-router.io/pod-cidrs': '10.245.0.0/24' } })],
    fact: 'node.podCIDRs',
    node: 'n1',
    value: ['10.245.0.0/24'],
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["kube-router.io/pod-cidrs"]',
    others: [['10.244.0.0/24']],
  },
]);

describe('families', () => {
  it.each([
    {
      rule: 'default/kubernetes is of the primary one',
      objects: [service('default/kubernetes', 'fd00::1'), node('n1', { ips: ['10.0.0.1'] })],
      families: ['IPv6'],
    },
    {
      rule: 'both',
      objects: [service('default/kubernetes', '10.96.0.1'), node('n1', { podCIDRs: ['10.244.0.0/24', 'fd00::/64'] })],
      families: ['IPv4', 'IPv6'],
    },
    { rule: 'nodes alone', objects: [node('n1', { ips: ['fd00::1'] })], families: ['IPv6'] },
    { rule: 'nothing', objects: [], families: ['IPv4'] },
  ])('$rule', ({ objects, families }) => {
    expect(inferFrom(objects).families).toEqual(families);
  });
});
