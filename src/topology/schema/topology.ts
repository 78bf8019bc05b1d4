import * as z from 'zod';
import { cniField, doesWithoutRanges, findsBlocks, nodeCniField } from '../../cni/index.ts';
import type { Pod, PodPhase } from '../../k8s/pod.ts';
import {
  address,
  addresses,
  deviceName,
  eitherOf,
  labels,
  macAddress,
  ofOneFamily,
  oneOf,
  portRange,
  prefix,
  prefixes,
  subdomain,
  whole,
} from '../../source/fields.ts';
import { checked, field, strict } from '../../source/objects.ts';
import { expectation } from './expectations.ts';
import { gateway, gatewayClass } from './gateway.ts';
import { httpRoute, referenceGrant } from './http-route.ts';
import { ingress, ingressClass, namespace } from './ingress.ts';
import { kubeProxy, proxyMode } from './kube-proxy.ts';
import { fdbField, overrideFields } from './linux.ts';
import { hostFirewall, internet, underlay } from './network.ts';
import { networkPolicy } from './network-policy.ts';
import { networkPolicyEnforcer } from './network-policy-enforcer.ts';
import { pod } from './pod.ts';
import { endpoints, service } from './service.ts';

/** The topology file. Descriptions end up in the JSON Schema, and so in editors. */

const clusterFields = strict(() => ({
  podCIDR: field(prefix.optional(), 'The range of all pod addresses.'),
  podCIDRs: field(prefixes.optional(), 'With two IP families, the range of each; the first family is the primary one.'),
  serviceCIDR: field(prefix.optional(), 'The range of the ClusterIPs.'),
  serviceCIDRs: field(prefixes.optional(), 'With two IP families, the range of each.'),
  serviceNodePortRange: field(
    portRange.optional(),
    "The ports that the API server gives to services on every node (--service-node-port-range), as '30000-32767'.",
  ),
  clusterDomain: field(subdomain.optional(), "The zone of the cluster's names."),
  clusterDNS: field(
    z.array(address).min(1, { error: 'state at least one address' }).max(3, { error: 'pods get at most 3 nameservers' }).optional(),
    'The DNS servers that kubelet gives to pods; left out, the ClusterIP of the service kube-dns in namespace kube-system.',
  ),
  cni: field(cniField.optional(), 'The CNI plugin, by name or with its options.'),
  masquerade: field(
    z
      .union([oneOf(['none']), strict(() => ({ nonMasqueradeCIDRs: field(z.array(prefix), 'Destinations that keep the pod as source.') }))])
      .optional(),
    'What pods send to anywhere else is masqueraded by their node. The default keeps the pod range; none turns it off.',
  ),
  socketLB: field(
    strict(() => ({
      enabled: field(z.boolean().optional(), 'Is a ClusterIP replaced by an endpoint in the call, before the first device?'),
      hostNamespaceOnly: field(z.boolean().optional(), "Only for programs in a node's own network namespace, not for those of pods."),
    })).optional(),
    'Socket load balancing by BPF programs, as Cilium has it.',
  ),
  networkPolicy: field(
    z.lazy(() => networkPolicyEnforcer).optional(),
    'Who makes policies hold; left out, what the CNI plugin does by itself.',
  ),
  kubeProxy: field(kubeProxy.optional(), 'The kube-proxy mode, by name or with its options.'),
}));

/** The fields that a Topology cannot do without. */
interface Needs {
  /** It is all of the input: no Kubernetes object beside it says what is left out. */
  readonly alone: boolean;
  /** The CNI plugin gives pods addresses of a range that the cluster has. */
  readonly range: boolean;
  /** And each node has a part of it. */
  readonly ranges: boolean;
  /** What it states of the CNI plugin, which decides what nodes may state of it. */
  readonly cni: unknown;
}

const clusterWith = ({ alone, range }: Needs) =>
  checked(clusterFields, (value, wrong) => {
    eitherOf(value, 'podCIDR', 'podCIDRs', wrong, alone && range);
    eitherOf(value, 'serviceCIDR', 'serviceCIDRs', wrong, false);
  });

const nic = strict(() => ({
  dev: field(deviceName, 'Its name, as eth1.'),
  ip: field(address, 'Its address. It is on the segment that holds it.'),
  table: field(whole(1, 252).optional(), 'With aws-vpc-cni, the routing table of its own; left out, 2, 3, … in order.'),
}));

const tunnelFields = strict(() => ({
  ip: field(address.optional(), "Its device's address."),
  mac: field(macAddress.optional(), "Its device's MAC address."),
  publicIP: field(address.optional(), 'The address that the other nodes send to.'),
}));

const tunnel = checked(tunnelFields, (value, wrong) => ofOneFamily(value, ['ip', 'publicIP'], wrong));

const nodeFields = (cni: unknown) =>
  strict(() => ({
    name: field(subdomain, "The node's name; its host network namespace has the same."),
    ip: field(address.optional(), 'Its address on the network between the nodes.'),
    ips: field(addresses.optional(), 'With two IP families, its address of each.'),
    podCIDR: field(prefix.optional(), 'The range of the pods on this node.'),
    podCIDRs: field(prefixes.optional(), 'With two IP families, the range of each.'),
    blocks: field(z.array(prefix).min(1, { error: 'state at least one block' }).optional(), 'With calico, its blocks of the pools.'),
    nics: field(z.array(nic).optional(), 'Further NICs on the network between the nodes, beside eth0.'),
    labels: field(labels.optional(), 'topology.kubernetes.io/zone is its zone.'),
    cni: field(nodeCniField(cni).optional(), "The CNI plugin's keys on this node, in place of the cluster's."),
    ...overrideFields,
    fdb: fdbField,
    tunnel: field(tunnel.optional(), "Its end of the CNI plugin's tunnel, as the other nodes know it; what is left out is derived."),
    firewall: field(
      hostFirewall.optional(),
      "Rules and policies of the node's own filter table, beside those of kube-proxy and the CNI plugin.",
    ),
    kubeProxy: field(
      strict(() => ({
        running: field(z.boolean().optional(), 'Does kube-proxy run on this node?'),
        mode: field(proxyMode.optional(), "Its mode on this node, in place of the cluster's."),
      })).optional(),
      'kube-proxy on this node.',
    ),
  }));

const nodeWith = ({ alone, ranges, cni }: Needs) =>
  checked(nodeFields(cni), (value, wrong) => {
    eitherOf(value, 'ip', 'ips', wrong, alone);
    eitherOf(value, 'podCIDR', 'podCIDRs', wrong, alone && ranges);
  });

const topologyFields = (needs: Needs) =>
  strict(() => ({
    apiVersion: field(z.literal('k8s-trace/v1', { error: 'expected k8s-trace/v1' }), 'The version of this format.'),
    kind: field(z.literal('Topology'), 'Topology.'),
    cluster: field(clusterWith(needs).optional(), 'What holds for all nodes.'),
    nodes: field(z.array(nodeWith(needs)).min(1, { error: 'a cluster has at least one node' }).optional(), 'The machines.'),
    pods: field(z.array(pod(needs.alone)).optional(), 'The pods.'),
    services: field(z.array(service(needs.alone)).optional(), 'The services.'),
    endpoints: field(z.array(endpoints).optional(), 'Endpoints that are stated instead of selected, as in EndpointSlices.'),
    namespaces: field(z.array(z.lazy(namespace)).optional(), 'Namespaces, for their labels; one that is not here has none but its name.'),
    ingressClasses: field(z.array(z.lazy(ingressClass)).optional(), 'The controllers that serve Ingresses.'),
    ingresses: field(z.array(z.lazy(ingress)).optional(), 'Where HTTP requests go, by host and path.'),
    gatewayClasses: field(z.array(z.lazy(gatewayClass)).optional(), 'The controllers that serve Gateways.'),
    gateways: field(z.array(z.lazy(gateway)).optional(), 'Where HTTP requests come in (Gateway API).'),
    httpRoutes: field(z.array(z.lazy(httpRoute)).optional(), 'Where they go from there.'),
    referenceGrants: field(z.array(z.lazy(referenceGrant)).optional(), 'Which references between namespaces are allowed.'),
    networkPolicies: field(
      z.array(z.lazy(networkPolicy)).optional(),
      'NetworkPolicies, which decide what may reach pods and what pods may reach.',
    ),
    underlay: field(underlay.optional(), 'The network between the nodes; left out, one switch with all on it.'),
    internet: field(internet.optional(), 'The world outside.'),
    expect: field(
      z.array(expectation).optional(),
      'What traces are expected to say: the flows of `lab verify --all`, and what `check` will verify.',
    ),
  }));

const topologyWith = (needs: Needs) =>
  checked(topologyFields(needs), (value, wrong) => {
    if (needs.alone) for (const name of ['cluster', 'nodes'] as const) if (value[name] === undefined) wrong(name);
  });

export const topologySchema = topologyWith({ alone: true, range: true, ranges: true, cni: null });

/** The schema of a Topology, by the CNI plugin that it names. `alone`: no Kubernetes objects are beside it. */
export function topologySchemaFor(data: unknown, alone: boolean): typeof topologySchema {
  const cluster = typeof data === 'object' && data !== null && 'cluster' in data ? data.cluster : null;
  const cni = typeof cluster === 'object' && cluster !== null && 'cni' in cluster ? cluster.cni : alone ? 'bridge' : null;
  const range = !doesWithoutRanges(cni);
  return topologyWith({ alone, range, ranges: range && !findsBlocks(cni), cni });
}

export type Written = z.output<typeof topologySchema>;
type List<K extends keyof Written> = Extract<Written[K], readonly unknown[]>[number];

/** A Topology as it is written, or as Kubernetes objects say it. The reader of a field that is left out knows its default. */
export type TopologyInput = Omit<Written, 'cluster' | 'nodes' | 'pods' | 'services' | 'endpoints'> & {
  readonly cluster: ClusterInput;
  readonly nodes: readonly NodeInput[];
  readonly pods?: readonly PodInput[] | undefined;
  readonly services?: readonly ServiceInput[] | undefined;
  readonly endpoints?: readonly EndpointsInput[] | undefined;
};

export type ClusterInput = NonNullable<Written['cluster']>;
export type KubeProxyInput = Extract<NonNullable<ClusterInput['kubeProxy']>, object>;
/** `seen` is what a Topology has no words for, and an object has. */
/** `down`: it has no power, which a Topology has no word for. */
export type NodeInput = List<'nodes'> & { readonly seen?: NodeSeen; readonly down?: boolean };
export type PodInput = Omit<List<'pods'>, 'node'> & { readonly node?: string | undefined; readonly seen?: PodSeen };
export type ServiceInput = List<'services'> & { readonly seen?: ServiceSeen };
export type ServicePortInput = NonNullable<ServiceInput['ports']>[number];
export type EndpointsInput = List<'endpoints'> & { readonly seen?: EndpointsSeen };
export type NicInput = NonNullable<NodeInput['nics']>[number];
export type IngressInput = List<'ingresses'>;
export type HttpRouteInput = List<'httpRoutes'>;
export type GatewayInput = List<'gateways'>;
export type UnderlayInput = NonNullable<TopologyInput['underlay']>;
export type InternetInput = NonNullable<TopologyInput['internet']>;
export interface NodeSeen {
  /** All of its status, in its order. */
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
}

export interface PodSeen {
  readonly phase: PodPhase;
  readonly owner: Pod['owner'];
  readonly halted?: string;
  /** A Topology beside the object states its containers, and so all of its sockets. */
  readonly socketsStated?: boolean;
}

export interface ServiceSeen {
  /** In an input that has no endpoints at all, neither a selector nor endpoints, or a selector and no pod of its namespace: what would tell. */
  readonly endpointsUnknown: string | null;
}

export interface EndpointsSeen {
  /** The pods of the addresses, as `namespace/name`, in their order. */
  readonly pods: readonly (string | null)[];
}

export type OverridesInput = Pick<PodInput, keyof typeof overrideFields>;
