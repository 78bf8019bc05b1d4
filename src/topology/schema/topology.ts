import * as z from 'zod';
import { cniField, doesWithoutRanges } from '../../cni/index.ts';
import { address, addresses, eitherOf, labels, oneOf, prefix, prefixes, subdomain } from '../../source/fields.ts';
import { checked, field, later, strict } from '../../source/objects.ts';
import { expectation } from './expectations.ts';
import { gateway, gatewayClass } from './gateway.ts';
import { httpRoute, referenceGrant } from './http-route.ts';
import { ingress, ingressClass, namespace } from './ingress.ts';
import { kubeProxy } from './kube-proxy.ts';
import { overrideFields } from './linux.ts';
import { internet, underlay } from './network.ts';
import { pod } from './pod.ts';
import { endpoints, service } from './service.ts';

/** The topology file. Descriptions end up in the JSON Schema, and so in editors. */

const clusterFields = strict(() => ({
  podCIDR: field(prefix.optional(), 'The range of all pod addresses.'),
  podCIDRs: field(prefixes.optional(), 'With two IP families, the range of each; the first family is the primary one.'),
  serviceCIDR: field(prefix.optional(), 'The range of the ClusterIPs.'),
  serviceCIDRs: field(prefixes.optional(), 'With two IP families, the range of each.'),
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
  kubeProxy: field(kubeProxy.optional(), 'The kube-proxy mode, by name or with its options.'),
}));

/** `ranges`: does the CNI plugin give pods addresses of ranges that nodes have? */
const clusterWith = (ranges: boolean) =>
  checked(clusterFields, (value, wrong) => {
    eitherOf(value, 'podCIDR', 'podCIDRs', wrong, ranges);
    eitherOf(value, 'serviceCIDR', 'serviceCIDRs', wrong, false);
  });

const nodeFields = strict(() => ({
  name: field(subdomain, "The node's name; its host network namespace has the same."),
  ip: field(address.optional(), 'Its address on the network between the nodes.'),
  ips: field(addresses.optional(), 'With two IP families, its address of each.'),
  podCIDR: field(prefix.optional(), 'The range of the pods on this node.'),
  podCIDRs: field(prefixes.optional(), 'With two IP families, the range of each.'),
  labels: field(labels.optional(), 'topology.kubernetes.io/zone is its zone.'),
  ...overrideFields,
  kubeProxy: field(
    strict(() => ({ running: field(z.boolean(), 'Does kube-proxy run on this node?') })).optional(),
    'kube-proxy on this node.',
  ),
}));

const nodeWith = (ranges: boolean) =>
  checked(nodeFields, (value, wrong) => {
    eitherOf(value, 'ip', 'ips', wrong, true);
    eitherOf(value, 'podCIDR', 'podCIDRs', wrong, ranges);
  });

const topologyWith = (ranges: boolean) =>
  strict(() => ({
    apiVersion: field(z.literal('k8s-trace/v1', { error: 'expected k8s-trace/v1' }), 'The version of this format.'),
    kind: field(z.literal('Topology'), 'Topology.'),
    cluster: field(clusterWith(ranges), 'What holds for all nodes.'),
    nodes: field(z.array(nodeWith(ranges)).min(1, { error: 'a cluster has at least one node' }), 'The machines.'),
    pods: field(z.array(pod).optional(), 'The pods.'),
    services: field(z.array(service).optional(), 'The services.'),
    endpoints: field(z.array(endpoints).optional(), 'Endpoints that are stated instead of selected, as in EndpointSlices.'),
    namespaces: field(z.array(z.lazy(namespace)).optional(), 'Namespaces, for their labels; one that is not here has none but its name.'),
    ingressClasses: field(z.array(z.lazy(ingressClass)).optional(), 'The controllers that serve Ingresses.'),
    ingresses: field(z.array(z.lazy(ingress)).optional(), 'Where HTTP requests go, by host and path.'),
    gatewayClasses: field(z.array(z.lazy(gatewayClass)).optional(), 'The controllers that serve Gateways.'),
    gateways: field(z.array(z.lazy(gateway)).optional(), 'Where HTTP requests come in (Gateway API).'),
    httpRoutes: field(z.array(z.lazy(httpRoute)).optional(), 'Where they go from there.'),
    referenceGrants: field(z.array(z.lazy(referenceGrant)).optional(), 'Which references between namespaces are allowed.'),
    networkPolicies: later('network policies'),
    underlay: field(underlay.optional(), 'The network between the nodes; left out, one switch with all on it.'),
    internet: field(internet.optional(), 'The world outside.'),
    expect: field(
      z.array(expectation).optional(),
      'What traces are expected to say: the flows of `lab verify --all`, and what `check` will verify.',
    ),
  }));

export const topologySchema = topologyWith(true);
const withoutRanges = topologyWith(false);

/** The schema of a Topology, by the CNI plugin that it names. */
export function topologySchemaFor(data: unknown): typeof topologySchema {
  const cluster = typeof data === 'object' && data !== null && 'cluster' in data ? data.cluster : null;
  return typeof cluster === 'object' && cluster !== null && 'cni' in cluster && doesWithoutRanges(cluster.cni)
    ? withoutRanges
    : topologySchema;
}

/** A Topology as it is written. The reader of a field that is left out knows its default. */
export type TopologyInput = z.output<typeof topologySchema>;
type List<K extends keyof TopologyInput> = Extract<TopologyInput[K], readonly unknown[]>[number];

export type ClusterInput = TopologyInput['cluster'];
export type KubeProxyInput = Extract<NonNullable<ClusterInput['kubeProxy']>, object>;
export type NodeInput = List<'nodes'>;
export type PodInput = List<'pods'>;
export type ServiceInput = List<'services'>;
export type ServicePortInput = NonNullable<ServiceInput['ports']>[number];
export type EndpointsInput = List<'endpoints'>;
export type IngressInput = List<'ingresses'>;
export type HttpRouteInput = List<'httpRoutes'>;
export type GatewayInput = List<'gateways'>;
export type UnderlayInput = NonNullable<TopologyInput['underlay']>;
export type InternetInput = NonNullable<TopologyInput['internet']>;
export type OverridesInput = Pick<PodInput, keyof typeof overrideFields>;
