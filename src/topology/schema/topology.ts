import * as z from 'zod';
import type { IpAddress } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import { expectation } from './expectations.ts';
import { address, checked, deviceName, eitherOf, labels, later, mtu, oneAFamily, oneOf, prefix, strict, subdomain } from './fields.ts';
import { gateway, gatewayClass } from './gateway.ts';
import { httpRoute, referenceGrant } from './http-route.ts';
import { ingress, ingressClass, namespace } from './ingress.ts';
import { overrideDocs, overrideFields } from './linux.ts';
import { internet, underlay } from './network.ts';
import { pod } from './pod.ts';
import { endpoints, service } from './service.ts';

/** The topology file. Descriptions end up in the JSON Schema, and so in editors. */

/** Names that people have in their clusters, and would take for a typo of ours if they were only unknown. */
const OTHER_PLUGINS = [
  ...[
    'calico',
    'cilium',
    'flannel',
    'canal',
    'weave',
    'weave-net',
    'kindnet',
    'antrea',
    'kube-router',
    'ovn',
    'ovn-kubernetes',
    'kube-ovn',
  ],
  ...['multus', 'aws-vpc-cni', 'amazon-vpc-cni', 'azure-cni', 'azure', 'gke', 'ptp', 'macvlan', 'ipvlan', 'host-device', 'vlan', 'terway'],
];
const OTHER_MODES = ['ipvs', 'nftables', 'userspace', 'kernelspace', 'ebpf', 'none'];

const cniPlugin = oneOf(['bridge'], OTHER_PLUGINS);
const proxyMode = oneOf(['iptables'], OTHER_MODES);

const cniOptions = strict(
  {
    plugin: cniPlugin,
    bridge: deviceName.default('cni0'),
    mtu: mtu.default(1500),
    hairpinMode: z.boolean().default(true),
    ipMasq: z.boolean().default(false),
  },
  {
    plugin: 'The CNI plugin that connects the pods.',
    bridge: "The bridge's name on every node.",
    mtu: 'MTU of the bridge and of the veth pairs, in bytes.',
    hairpinMode: 'May a frame leave by the bridge port that it came in by? A pod that calls its own service needs it.',
    ipMasq: "Masquerade everything that a pod sends beyond its node's pod range, other nodes' pods included.",
  },
);

const kubeProxyOptions = strict(
  {
    mode: proxyMode.default('iptables'),
    masqueradeAll: z.boolean().default(false),
    nodePortAddresses: z.array(prefix).optional(),
    localhostNodePorts: z.boolean().default(true),
  },
  {
    mode: 'How kube-proxy programs a node.',
    masqueradeAll: 'Masquerade all that goes to a ClusterIP.',
    nodePortAddresses: "The ranges of a node's own addresses that answer node ports; left out, all of them.",
    localhostNodePorts: 'Do node ports answer on 127.0.0.1 too?',
  },
);

const clusterFields = strict(
  {
    podCIDR: prefix.optional(),
    podCIDRs: oneAFamily(prefix).optional(),
    serviceCIDR: prefix.optional(),
    serviceCIDRs: oneAFamily(prefix).optional(),
    clusterDomain: subdomain.default('cluster.local'),
    clusterDNS: z
      .array(address)
      .min(1, { error: 'state at least one address' })
      .max(3, { error: 'pods get at most 3 nameservers' })
      .optional(),
    cni: z.union([cniPlugin, cniOptions]).default('bridge'),
    masquerade: z
      .union([
        oneOf(['none']),
        strict({ nonMasqueradeCIDRs: z.array(prefix) }, { nonMasqueradeCIDRs: 'Destinations that keep the pod as source.' }),
      ])
      .optional(),
    kubeProxy: z.union([proxyMode, kubeProxyOptions]).default('iptables'),
  },
  {
    podCIDR: 'The range of all pod addresses.',
    podCIDRs: 'With two IP families, the range of each; the first family is the primary one.',
    serviceCIDR: 'The range of the ClusterIPs.',
    serviceCIDRs: 'With two IP families, the range of each.',
    clusterDomain: "The zone of the cluster's names.",
    clusterDNS: 'The DNS servers that kubelet gives to pods; left out, the ClusterIP of the service kube-dns in namespace kube-system.',
    cni: 'The CNI plugin, by name or with its options.',
    masquerade: 'What pods send to anywhere else is masqueraded by their node. The default keeps the pod range; none turns it off.',
    kubeProxy: 'The kube-proxy mode.',
  },
);

const cluster = checked(clusterFields, (value, wrong) => {
  eitherOf(value, 'podCIDR', 'podCIDRs', wrong, true);
  eitherOf(value, 'serviceCIDR', 'serviceCIDRs', wrong, false);
});

const nodeFields = strict(
  {
    name: subdomain,
    ip: address.optional(),
    ips: oneAFamily(address).optional(),
    podCIDR: prefix.optional(),
    podCIDRs: oneAFamily(prefix).optional(),
    labels: labels.default({}),
    ...overrideFields,
    kubeProxy: strict({ running: z.boolean() }, { running: 'Does kube-proxy run on this node?' }).optional(),
  },
  {
    ...overrideDocs,
    name: "The node's name; its host network namespace has the same.",
    ip: 'Its address on the network between the nodes.',
    ips: 'With two IP families, its address of each.',
    podCIDR: 'The range of the pods on this node.',
    podCIDRs: 'With two IP families, the range of each.',
    labels: 'topology.kubernetes.io/zone is its zone.',
    kubeProxy: 'kube-proxy on this node.',
  },
);

const node = checked(nodeFields, (value, wrong) => {
  eitherOf(value, 'ip', 'ips', wrong, true);
  eitherOf(value, 'podCIDR', 'podCIDRs', wrong, true);
});

export const topologySchema = strict(
  {
    apiVersion: z.literal('k8s-trace/v1', { error: 'expected k8s-trace/v1' }),
    kind: z.literal('Topology'),
    cluster: cluster,
    nodes: z.array(node).min(1, { error: 'a cluster has at least one node' }),
    pods: z.array(pod).default([]),
    services: z.array(service).default([]),
    endpoints: z.array(endpoints).default([]),
    namespaces: z.array(z.lazy(namespace)).default([]),
    ingressClasses: z.array(z.lazy(ingressClass)).default([]),
    ingresses: z.array(z.lazy(ingress)).default([]),
    gatewayClasses: z.array(z.lazy(gatewayClass)).default([]),
    gateways: z.array(z.lazy(gateway)).default([]),
    httpRoutes: z.array(z.lazy(httpRoute)).default([]),
    referenceGrants: z.array(z.lazy(referenceGrant)).default([]),
    networkPolicies: later('network policies'),
    underlay: underlay.optional(),
    internet: internet.optional(),
    expect: z.array(expectation).default([]),
  },
  {
    apiVersion: 'The version of this format.',
    kind: 'Topology.',
    cluster: 'What holds for all nodes.',
    nodes: 'The machines.',
    pods: 'The pods.',
    services: 'The services.',
    endpoints: 'Endpoints that are stated instead of selected, as in EndpointSlices.',
    namespaces: 'Namespaces, for their labels; one that is not here has none but its name.',
    ingressClasses: 'Who serves Ingresses.',
    ingresses: 'Where HTTP requests go, by host and path.',
    gatewayClasses: 'Who serves Gateways.',
    gateways: 'Where HTTP requests come in (Gateway API).',
    httpRoutes: 'Where they go from there.',
    referenceGrants: 'Which references between namespaces are allowed.',
    underlay: 'The network between the nodes; left out, one switch with all on it.',
    internet: 'The world outside.',
    expect: 'What traces are expected to say: the flows of `lab verify --all`, and what `check` will verify.',
  },
);

/** What a file states, of one IP family or of two. */
export type TopologyInput = z.output<typeof topologySchema>;
type List<K extends keyof TopologyInput> = Extract<TopologyInput[K], readonly unknown[]>[number];
type StatedUnderlay = NonNullable<TopologyInput['underlay']>;
type StatedInternet = NonNullable<TopologyInput['internet']>;
type One<T, Field extends string, Fields extends string, V> = Omit<T, Field | Fields> & Readonly<Record<Field, V>>;

export type ClusterInput = TopologyInput['cluster'];
export type StatedNode = List<'nodes'>;
export type StatedPod = List<'pods'>;
export type StatedService = List<'services'>;

type NodePart = One<One<StatedNode, 'ip', 'ips', IpAddress>, 'podCIDR', 'podCIDRs', Prefix> & {
  /** The ports of its bridge, where its pods are not all here; null: they are. */
  readonly ports: readonly string[] | null;
};

/** One family's part of it: every thing has one address. What the stages after the schema read. */
export interface TopologyForm extends Omit<TopologyInput, 'cluster' | 'nodes' | 'pods' | 'services' | 'underlay' | 'internet'> {
  readonly cluster: Omit<ClusterInput, 'podCIDR' | 'podCIDRs' | 'serviceCIDR' | 'serviceCIDRs'> & {
    readonly podCIDR: Prefix;
    readonly serviceCIDR: Prefix | undefined;
  };
  readonly nodes: readonly NodePart[];
  readonly pods: readonly Omit<StatedPod, 'ips'>[];
  readonly services: readonly Omit<StatedService, 'clusterIPs'>[];
  readonly underlay?: UnderlayForm | undefined;
  readonly internet?: InternetForm | undefined;
}

type StatedInterface = StatedUnderlay['routers'][number]['interfaces'][number];
type GatewayInput = StatedInternet['gateway'];

export type UnderlayForm = Omit<StatedUnderlay, 'segments' | 'routers'> & {
  readonly segments?: readonly One<NonNullable<StatedUnderlay['segments']>[number], 'cidr', 'cidrs', Prefix>[] | undefined;
  readonly routers: readonly (Omit<StatedUnderlay['routers'][number], 'interfaces'> & {
    readonly interfaces: readonly One<StatedInterface, 'ip', 'ips', IpAddress>[];
  })[];
};
export type InternetForm = Omit<StatedInternet, 'gateway' | 'clients'> & {
  readonly gateway: One<Omit<GatewayInput, 'publicIPs'>, 'ip', 'ips', IpAddress>;
  readonly clients: readonly One<StatedInternet['clients'][number], 'ip', 'ips', IpAddress>[];
};

export type NodeForm = TopologyForm['nodes'][number];
export type PodForm = TopologyForm['pods'][number];
export type ServiceForm = TopologyForm['services'][number];
export type ServicePortForm = ServiceForm['ports'][number];
export type EndpointsForm = TopologyForm['endpoints'][number];
export type IngressForm = TopologyForm['ingresses'][number];
export type HttpRouteForm = TopologyForm['httpRoutes'][number];
export type GatewayForm = TopologyForm['gateways'][number];
export type OverridesInput = Pick<PodForm, keyof typeof overrideFields>;
