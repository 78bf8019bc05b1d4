import { formatAddress, type IpAddress, ip, nextAddress } from '../../net/address.ts';
import { at, type Locus } from '../../source/origin.ts';
import { type Allotted, allotment } from './allotted.ts';
import { addressesIn } from './input/text.ts';
import { type KubeObject, nameOf, namespaceOf, type Objects, objectsOf } from './objects.ts';
import type { PodTemplate } from './schema/pod.ts';

/** Objects as they would be once a cluster had taken them: pods of workloads, and what the API server gives to services. */
export interface Expanded {
  readonly objects: Objects;
  /** The names of nodes that nothing states, in order; empty: the input is of a cluster that runs. */
  readonly assumedNodes: readonly string[];
  /** How many pods were made, of how many workloads. */
  readonly made: { readonly pods: number; readonly workloads: number };
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'] as const;
type Workload = KubeObject<(typeof WORKLOADS)[number]>;

/** The API server gives each object a uid: one without is a manifest that nothing has run. */
const isManifest = ({ data }: KubeObject): boolean => data.metadata.uid == null;

/** Manifests as a cluster of `nodes` nodes would run them. Objects of a running cluster stay as they are. */
export function expand(objects: Objects, nodes: number, firstNodePort: number, allotted: Allotted): Expanded {
  const nothing = { objects, assumedNodes: [], made: { pods: 0, workloads: 0 } };
  const stated = objectsOf(objects, 'Pod');
  const runs = objectsOf(objects, 'Node').length > 0 || stated.some((p) => !isManifest(p) || p.data.status?.podIP != null);
  if (runs) return nothing;
  const workloads = WORKLOADS.flatMap((kind): readonly Workload[] => objectsOf(objects, kind)).filter((w) => isManifest(w) && !isOwned(w));
  if (workloads.length === 0 && stated.length === 0) return nothing;
  const assumedNodes = Array.from({ length: nodes }, (_, i) => `node-${i + 1}`);
  const alone = stated.map((pod): Replicas => ({ of: pod, pods: [pod] }));
  const made = workloads.map((of): Replicas => ({ of, pods: podsOf(of, assumedNodes) }));
  const pods = scheduled([...alone, ...made], assumedNodes, allotted);
  const byKind = { ...objects.byKind, Pod: pods, Service: withAddresses(objectsOf(objects, 'Service'), firstNodePort, allotted) };
  return { objects: { ...objects, byKind }, assumedNodes, made: { pods: pods.length - stated.length, workloads: workloads.length } };
}

const isOwned = ({ data }: KubeObject): boolean => (data.metadata.ownerReferences ?? []).some((o) => o.controller === true);

function podsOf(workload: Workload, nodes: readonly string[]): readonly KubeObject<'Pod'>[] {
  const { spec } = workload.data;
  const isCron = workload.kind === 'CronJob';
  const template = isCron ? spec?.jobTemplate?.spec?.template : spec?.template;
  const place = at(workload.locus, 'spec', ...(isCron ? ['jobTemplate', 'spec'] : []), 'template');
  if (template == null) return [];
  return podNames(workload, nodes).map(([name, node]) => podOf(workload, template, place, name, node));
}

/** As the controllers name them, but for the random letters: db-0 of a StatefulSet, web-1 of a Deployment, one a node of a DaemonSet. */
function podNames({ kind, data: { metadata, spec } }: Workload, nodes: readonly string[]): readonly (readonly [string, string | null])[] {
  const { name } = metadata;
  if (kind === 'DaemonSet') return nodes.map((node) => [`${name}-${node}`, node] as const);
  const count = kind === 'Job' || kind === 'CronJob' ? (spec?.parallelism ?? 1) : (spec?.replicas ?? 1);
  const first = kind === 'StatefulSet' ? 0 : 1;
  return Array.from({ length: count }, (_, i) => [`${name}-${i + first}`, null] as const);
}

function podOf(workload: Workload, template: NonNullable<PodTemplate>, place: Locus, name: string, node: string | null): KubeObject<'Pod'> {
  const { metadata, spec } = template;
  const isStateful = workload.kind === 'StatefulSet';
  const owner = { kind: workload.kind, name: nameOf(workload), controller: true };
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    locus: { ...place, document: place.document, path: place.path, object: `Pod/${namespaceOf(workload)}/${name}` },
    data: {
      metadata: {
        name,
        namespace: namespaceOf(workload),
        labels: metadata?.labels,
        annotations: metadata?.annotations,
        ownerReferences: [owner],
      },
      spec: {
        ...spec,
        ...(node === null ? {} : { nodeName: node }),
        ...(isStateful ? { hostname: name, subdomain: workload.data.spec?.serviceName } : {}),
      },
    },
  };
}

/** Pods of one workload, or a pod of none. */
interface Replicas {
  readonly of: KubeObject;
  readonly pods: readonly KubeObject<'Pod'>[];
}

/** One node after the other. */
function scheduled(all: readonly Replicas[], nodes: readonly string[], allotted: Allotted): readonly KubeObject<'Pod'>[] {
  let count = 0;
  return all.flatMap(({ of, pods }) => {
    const first = allotted.nodes.get(of.locus.object) ?? count;
    allotted.nodes.set(of.locus.object, first);
    count += pods.length;
    return pods.map((pod, i) => onNode(pod, nodes[(first + i) % nodes.length] ?? ''));
  });
}

function onNode(pod: KubeObject<'Pod'>, node: string): KubeObject<'Pod'> {
  const { spec } = pod.data;
  return spec?.nodeName ? pod : { ...pod, data: { ...pod.data, spec: { ...spec, nodeName: node } } };
}

/** In the default --service-cluster-ip-range of kubeadm, behind the addresses of the API server (.1) and of the DNS service (.10). */
const FIRST_CLUSTER_IP = ip('10.96.0.11');
const FIRST_LOAD_BALANCER = ip('203.0.113.100');

/** ClusterIPs, node ports and load balancer addresses as the API server and a cloud would give them, those that are stated left out. */
function withAddresses(
  services: readonly KubeObject<'Service'>[],
  firstNodePort: number,
  allotted: Allotted,
): readonly KubeObject<'Service'>[] {
  const specs = services.flatMap((s) => s.data.spec ?? []);
  const taken = new Set<IpAddress>(addressesIn(specs.flatMap((s) => [s.clusterIP, s.loadBalancerIP])));
  const takenPorts = new Set(specs.flatMap((s) => (s.ports ?? []).map((p) => p.nodePort)));
  const give = allotment(FIRST_CLUSTER_IP, nextAddress, taken, allotted.clusterIps);
  const givePort = allotment(firstNodePort, (p) => p + 1, takenPorts, allotted.nodePorts);
  const giveBalancer = allotment(FIRST_LOAD_BALANCER, nextAddress, taken, allotted.balancers);
  return services.map((service) => {
    const { spec, status } = service.data;
    const { object } = service.locus;
    if (spec == null || spec.type === 'ExternalName' || !isManifest(service)) return service;
    const isOutside = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
    const clusterIP = spec.clusterIP || formatAddress(give(object));
    const ports = isOutside
      ? spec.ports?.map((p) => ({ ...p, nodePort: p.nodePort || givePort(`${object} ${p.port}/${p.protocol ?? 'TCP'}`) }))
      : spec.ports;
    const balancer = { loadBalancer: { ingress: [{ ip: spec.loadBalancerIP || formatAddress(giveBalancer(object)) }] } };
    const isPending = spec.type === 'LoadBalancer' && (status?.loadBalancer?.ingress ?? []).length === 0;
    return { ...service, data: { ...service.data, spec: { ...spec, clusterIP, ports }, ...(isPending ? { status: balancer } : {}) } };
  });
}
