/** What the user's own kubectl is asked for: one call a kind, so that a kind that is forbidden or unknown fails alone. */

/** As kubectl names them: with their API group, since a cluster may have several resources of one name. */
const RESOURCES = [
  'nodes',
  'namespaces',
  'pods',
  'services',
  'endpointslices.discovery.k8s.io',
  'endpoints',
  'ingresses.networking.k8s.io',
  'ingressclasses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'servicecidrs.networking.k8s.io',
  'gatewayclasses.gateway.networking.k8s.io',
  'gateways.gateway.networking.k8s.io',
  'httproutes.gateway.networking.k8s.io',
  'referencegrants.gateway.networking.k8s.io',
  'daemonsets.apps',
  'ippools.crd.projectcalico.org',
  'blockaffinities.crd.projectcalico.org',
  'felixconfigurations.crd.projectcalico.org',
  'installations.operator.tigera.io',
  'ciliumnodes.cilium.io',
  'networks.config.openshift.io',
  'hostsubnets.network.openshift.io',
  'nodenetworkconfigs.acn.azure.com',
  'eniconfigs.crd.k8s.amazonaws.com',
] as const;

export type Resource = (typeof RESOURCES)[number];

/** The kind of an empty answer, which kubectl prints as a List of nothing. */
const KINDS: Readonly<Partial<Record<Resource, readonly [apiVersion: string, kind: string]>>> = {
  nodes: ['v1', 'Node'],
  namespaces: ['v1', 'Namespace'],
  pods: ['v1', 'Pod'],
  services: ['v1', 'Service'],
  'endpointslices.discovery.k8s.io': ['discovery.k8s.io/v1', 'EndpointSlice'],
  endpoints: ['v1', 'Endpoints'],
  'ingresses.networking.k8s.io': ['networking.k8s.io/v1', 'Ingress'],
  'ingressclasses.networking.k8s.io': ['networking.k8s.io/v1', 'IngressClass'],
  'networkpolicies.networking.k8s.io': ['networking.k8s.io/v1', 'NetworkPolicy'],
  'gateways.gateway.networking.k8s.io': ['gateway.networking.k8s.io/v1', 'Gateway'],
  'httproutes.gateway.networking.k8s.io': ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
};

/** Resources of the cluster as a whole: they are in no namespace. */
const CLUSTER_WIDE: ReadonlySet<Resource> = new Set<Resource>([
  'nodes',
  'namespaces',
  'ingressclasses.networking.k8s.io',
  'servicecidrs.networking.k8s.io',
  'gatewayclasses.gateway.networking.k8s.io',
  'ippools.crd.projectcalico.org',
  'blockaffinities.crd.projectcalico.org',
  'felixconfigurations.crd.projectcalico.org',
  'installations.operator.tigera.io',
  'ciliumnodes.cilium.io',
  'networks.config.openshift.io',
  'hostsubnets.network.openshift.io',
  'eniconfigs.crd.k8s.amazonaws.com',
]);

/** ConfigMaps that say how a cluster is set up, by namespace. All others are nobody's business. */
const CONFIG_MAPS: Readonly<Record<string, readonly string[]>> = {
  'kube-system': [
    'kube-proxy',
    'kube-proxy-config',
    'kubeadm-config',
    'kubelet-config',
    'coredns',
    'kube-flannel-cfg',
    'canal-config',
    'calico-config',
    'cilium-config',
    'antrea-config',
    'kube-router-cfg',
    'ip-masq-agent',
    'azure-ip-masq-agent-config',
    'azure-ip-masq-agent-config-reconciled',
    'netd-config',
    'node-local-dns',
  ],
  'kube-flannel': ['kube-flannel-cfg'],
  'openshift-sdn': ['sdn-config'],
};

/** One call of kubectl. */
export interface Call {
  /** Without `kubectl` and the flags that lead to the cluster. */
  readonly words: readonly string[];
  readonly what: string;
  /** An answer is told as a list of this kind even when it is empty. */
  readonly kind: readonly [apiVersion: string, kind: string] | null;
  readonly everywhere: boolean;
}

/** The calls for a whole cluster. */
export const callsForAll = (): readonly Call[] => [
  ...RESOURCES.map((resource) => callFor(resource, CLUSTER_WIDE.has(resource) ? [] : ['-A'])),
  ...Object.entries(CONFIG_MAPS).map(([namespace, names]): Call => {
    const words = ['get', 'configmaps', '-n', namespace, ...names, '--ignore-not-found', '-o', 'json'];
    return { words, what: `configmaps of ${namespace}`, kind: null, everywhere: false };
  }),
];

/** The same call for one namespace, where all of them are forbidden. */
export const callIn = ({ words, ...call }: Call, namespace: string): Call => ({
  ...call,
  words: words.flatMap((word) => (word === '-A' ? ['-n', namespace] : [word])),
  what: `${call.what} of ${namespace}`,
  everywhere: false,
});

function callFor(resource: Resource, where: readonly string[]): Call {
  const words = ['get', resource, ...where, '-o', 'json'];
  return { words, what: resource, kind: KINDS[resource] ?? null, everywhere: where.length > 0 };
}

/** kubectl's answer when it has no such resource, which is no fault of the cluster. */
export const isUnknown = (stderr: string): boolean =>
  /the server doesn't have a resource type|could not find the requested resource/.test(stderr);

export const isForbidden = (stderr: string): boolean => /\(Forbidden\)|is forbidden|Unauthorized/.test(stderr);
