/**
 * The names that facts are looked for under, in what objects say of programs and nodes. A snapshot keeps what stands under them, and nothing
 * else of environments, command lines and annotations: any of these may hold a secret.
 */

/** Environment variables. */
export const VARIABLES = [
  'AWS_VPC_ENI_MTU',
  'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG',
  'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS',
  'AWS_VPC_K8S_CNI_EXTERNALSNAT',
  'AWS_VPC_K8S_CNI_VETHPREFIX',
  'CALICO_IPV4POOL_CIDR',
  'CALICO_IPV4POOL_IPIP',
  'CALICO_IPV4POOL_VXLAN',
  'CALICO_IPV6POOL_CIDR',
  'CALICO_NETWORKING_BACKEND',
  'ENABLE_POD_ENI',
  'FELIX_BPFENABLED',
  'FELIX_IPINIPMTU',
  'FELIX_VXLANMTU',
  'FLANNELD_IP_MASQ',
  'IPALLOC_RANGE',
  'OPENSHIFT_DNS_DOMAIN',
  'POD_SUBNET',
  'USE_POD_CIDR',
  'WEAVE_MTU',
] as const;

export type VariableName = (typeof VARIABLES)[number];

/** Flags of command lines, without their dashes. */
export const FLAGS = [
  'cluster-cidr',
  'config',
  'detect-local-mode',
  'domain',
  'enable-network-policy',
  'enable-overlay',
  'enable-pod-egress',
  'ip-masq',
  'iptables-localhost-nodeports',
  'iptables-masquerade-bit',
  'ipvs-scheduler',
  'ipvs-strict-arp',
  'localip',
  'masquerade-all',
  'nodeport-addresses',
  'nomasq-all-reserved-ranges',
  'overlay-type',
  'pod-bridge-interface',
  'pod-interface-name-prefix',
  'proxy-mode',
  'run-firewall',
  'run-service-proxy',
  'service-account-issuer',
  'service-cluster-ip-range',
  'service-node-port-range',
] as const;

export type FlagName = (typeof FLAGS)[number];

/** Containers whose version says what they can do. */
export const VERSIONED = [
  'antrea-agent',
  'aws-eks-nodeagent',
  'azure-npm',
  'calico-node',
  'cilium-agent',
  'kindnet-cni',
  'kube-network-policies',
  'kube-router',
  'weave-npc',
] as const;

/** Annotations. */
export const ANNOTATIONS = [
  'alpha.kubernetes.io/provided-node-ip',
  'cloud.network.openshift.io/egress-ipconfig',
  'cni.projectcalico.org/podIP',
  'flannel.alpha.coreos.com/backend-data',
  'flannel.alpha.coreos.com/backend-type',
  'flannel.alpha.coreos.com/public-ip',
  'flannel.alpha.coreos.com/public-ip-overwrite',
  'ingressclass.kubernetes.io/is-default-class',
  'io.cilium.network.ipv4-pod-cidr',
  'k3s.io/internal-ip',
  'k3s.io/node-args',
  'k8s.ovn.org/host-cidrs',
  'k8s.ovn.org/node-primary-ifaddr',
  'k8s.ovn.org/node-subnets',
  'k8s.v1.cni.cncf.io/network-status',
  'k8s.v1.cni.cncf.io/networks-status',
  'kube-router.io/pod-cidr',
  'kube-router.io/pod-cidrs',
  'kubernetes.io/ingress.class',
  'network.cilium.io/ipv4-pod-cidr',
  'node.antrea.io/transport-addresses',
  'projectcalico.org/IPv4Address',
  'projectcalico.org/IPv4IPIPTunnelAddr',
  'projectcalico.org/IPv4VXLANTunnelAddr',
  'projectcalico.org/IPv6Address',
  'rke2.io/internal-ip',
  'rke2.io/node-args',
] as const;

export type AnnotationName = (typeof ANNOTATIONS)[number];

/** What names of a node's annotations begin with, of which it is enough that they are there. */
export const ANNOTATION_PREFIXES = [
  'flannel.alpha.coreos.com/',
  'io.cilium.network.',
  'k3s.io/',
  'k8s.ovn.org/',
  'kube-router.io/',
  'kubeadm.alpha.kubernetes.io/',
  'machineconfiguration.openshift.io/',
  'network.cilium.io/',
  'node.antrea.io/',
  'projectcalico.org/',
  'rke2.io/',
] as const;

export type AnnotationPrefix = (typeof ANNOTATION_PREFIXES)[number];

/** ConfigMaps that say how a cluster is set up, by namespace. All others are nobody's business. */
export const CONFIG_MAPS: Readonly<Record<string, readonly string[]>> = {
  'kube-system': [
    'amazon-vpc-cni',
    'antrea-config',
    'azure-ip-masq-agent-config',
    'azure-ip-masq-agent-config-reconciled',
    'calico-config',
    'canal-config',
    'cilium-config',
    'coredns',
    'ip-masq-agent',
    'kube-flannel-cfg',
    'kube-proxy',
    'kube-proxy-config',
    'kube-router-cfg',
    'kubeadm-config',
    'kubelet-config',
    'netd-config',
    'node-local-dns',
    'rke2-canal-config',
    'rke2-coredns-rke2-coredns',
  ],
  'calico-system': ['calico-config'],
  cilium: ['cilium-config'],
  'kube-flannel': ['kube-flannel-cfg'],
  'openshift-dns': ['dns-default'],
  'openshift-sdn': ['sdn-config'],
};

/** Names that differ from cluster to cluster: they end with a version (before 1.24) or a hash. */
const VARYING = /^(?:kubelet-config-1\.\d+|antrea-config-\w+)$/;

export const isConfigMapRead = (namespace: string, name: string): boolean =>
  CONFIG_MAPS[namespace]?.includes(name) === true || (namespace === 'kube-system' && VARYING.test(name));
