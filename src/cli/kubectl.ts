/** What the user's own kubectl is asked for: one call a kind, so that a kind that is forbidden or unknown fails alone. */

interface Resource {
  /** As kubectl names it: with its API group, since a cluster may have several resources of one name. */
  readonly name: string;
  /** Of an empty answer, which kubectl prints as a List of nothing. */
  readonly kind: readonly [apiVersion: string, kind: string];
  /** False: it is of the cluster as a whole. */
  readonly isNamespaced: boolean;
}

const resource = (name: string, apiVersion: string, kind: string): Resource => ({ name, kind: [apiVersion, kind], isNamespaced: true });
const wide = (name: string, apiVersion: string, kind: string): Resource => ({ ...resource(name, apiVersion, kind), isNamespaced: false });

const RESOURCES: readonly Resource[] = [
  wide('nodes', 'v1', 'Node'),
  wide('namespaces', 'v1', 'Namespace'),
  resource('pods', 'v1', 'Pod'),
  resource('services', 'v1', 'Service'),
  resource('endpointslices.discovery.k8s.io', 'discovery.k8s.io/v1', 'EndpointSlice'),
  resource('endpoints', 'v1', 'Endpoints'),
  resource('ingresses.networking.k8s.io', 'networking.k8s.io/v1', 'Ingress'),
  wide('ingressclasses.networking.k8s.io', 'networking.k8s.io/v1', 'IngressClass'),
  resource('networkpolicies.networking.k8s.io', 'networking.k8s.io/v1', 'NetworkPolicy'),
  wide('adminnetworkpolicies.policy.networking.k8s.io', 'policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'),
  wide('baselineadminnetworkpolicies.policy.networking.k8s.io', 'policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy'),
  wide('clusternetworkpolicies.policy.networking.k8s.io', 'policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'),
  resource('ciliumnetworkpolicies.cilium.io', 'cilium.io/v2', 'CiliumNetworkPolicy'),
  wide('ciliumclusterwidenetworkpolicies.cilium.io', 'cilium.io/v2', 'CiliumClusterwideNetworkPolicy'),
  resource('networkpolicies.crd.projectcalico.org', 'crd.projectcalico.org/v1', 'NetworkPolicy'),
  wide('globalnetworkpolicies.crd.projectcalico.org', 'crd.projectcalico.org/v1', 'GlobalNetworkPolicy'),
  resource('networkpolicies.crd.antrea.io', 'crd.antrea.io/v1beta1', 'NetworkPolicy'),
  wide('clusternetworkpolicies.crd.antrea.io', 'crd.antrea.io/v1beta1', 'ClusterNetworkPolicy'),
  wide('servicecidrs.networking.k8s.io', 'networking.k8s.io/v1', 'ServiceCIDR'),
  wide('gatewayclasses.gateway.networking.k8s.io', 'gateway.networking.k8s.io/v1', 'GatewayClass'),
  resource('gateways.gateway.networking.k8s.io', 'gateway.networking.k8s.io/v1', 'Gateway'),
  resource('httproutes.gateway.networking.k8s.io', 'gateway.networking.k8s.io/v1', 'HTTPRoute'),
  resource('referencegrants.gateway.networking.k8s.io', 'gateway.networking.k8s.io/v1beta1', 'ReferenceGrant'),
  resource('daemonsets.apps', 'apps/v1', 'DaemonSet'),
  wide('ippools.crd.projectcalico.org', 'crd.projectcalico.org/v1', 'IPPool'),
  wide('blockaffinities.crd.projectcalico.org', 'crd.projectcalico.org/v1', 'BlockAffinity'),
  wide('felixconfigurations.crd.projectcalico.org', 'crd.projectcalico.org/v1', 'FelixConfiguration'),
  wide('installations.operator.tigera.io', 'operator.tigera.io/v1', 'Installation'),
  wide('ciliumnodes.cilium.io', 'cilium.io/v2', 'CiliumNode'),
  wide('networks.config.openshift.io', 'config.openshift.io/v1', 'Network'),
  wide('hostsubnets.network.openshift.io', 'network.openshift.io/v1', 'HostSubnet'),
  resource('nodenetworkconfigs.acn.azure.com', 'acn.azure.com/v1alpha', 'NodeNetworkConfig'),
  wide('eniconfigs.crd.k8s.amazonaws.com', 'crd.k8s.amazonaws.com/v1alpha1', 'ENIConfig'),
];

/** One call of kubectl. */
export interface Call {
  /** Without `kubectl` and the flags that lead to the cluster. */
  readonly words: readonly string[];
  /** What it asks for, in words. */
  readonly what: string;
  /** An answer is told as a list of this kind even when it is empty. */
  readonly kind: Resource['kind'] | null;
  /** It asks for all namespaces. */
  readonly everywhere: boolean;
}

/** The calls for a whole cluster. */
export const callsForAll = (configMaps: Readonly<Record<string, readonly string[]>>): readonly Call[] => [
  ...RESOURCES.map(({ name, kind, isNamespaced }) => ({
    words: ['get', name, ...(isNamespaced ? ['-A'] : []), '-o', 'json'],
    what: name,
    kind,
    everywhere: isNamespaced,
  })),
  ...Object.entries(configMaps).map(([namespace, names]) => ({
    words: ['get', 'configmaps', '-n', namespace, ...names, '--ignore-not-found', '-o', 'json'],
    what: `configmaps of ${namespace}`,
    kind: null,
    everywhere: false,
  })),
];

/** The same call for one namespace, where all of them are forbidden. What this one has none of, others may have. */
export const callIn = ({ words, ...call }: Call, namespace: string): Call => ({
  ...call,
  words: words.flatMap((word) => (word === '-A' ? ['-n', namespace] : [word])),
  kind: null,
  everywhere: false,
});

/** kube-proxy says its mode as it starts, in the first lines of its log. */
export const PROXY_LOG = ['logs', '-n', 'kube-system', 'daemonset/kube-proxy', '--limit-bytes=65536', '--request-timeout=10s'] as const;

/** A log as `kubectl cluster-info dump` prints it, so that it can stand among objects. */
export const asDumped = (pod: string) => ({
  begin: `==== START logs for container kube-proxy of pod kube-system/${pod} ====`,
  end: `==== END logs for container kube-proxy of pod kube-system/${pod} ====`,
});

/** kubectl's answer when it has no such resource, which is no fault of the cluster. */
export const isUnknown = (stderr: string): boolean =>
  /the server doesn't have a resource type|could not find the requested resource/.test(stderr);

/** To this user, who is known: other kinds may be allowed. */
export const isForbidden = (stderr: string): boolean => /\(Forbidden\)|is forbidden/.test(stderr);
