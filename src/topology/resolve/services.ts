import { hostnameIn } from '../../k8s/dns/dns-zone.ts';
import { targetPortOf } from '../../k8s/endpoints.ts';
import { podIp } from '../../k8s/families.ts';
import { type Idle, idleBehind } from '../../k8s/idle.ts';
import { indexLabels, type LabelIndex } from '../../k8s/label-index.ts';
import { type Node, zoneOf } from '../../k8s/node.ts';
import { key, type Pod, type TransportProtocol } from '../../k8s/pod.ts';
import type { Endpoint, Service, ServicePort } from '../../k8s/service.ts';
import type { IpAddress, IpFamily } from '../../net/address.ts';
import type { ServiceInput, ServicePortInput, TopologyInput } from '../schema/topology.ts';
import { type Cursor, uniqueNames } from './cursor.ts';
import { readServiceNaming } from './dns-names.ts';
import { type ExplicitEndpoints, explicitEndpoints, fromExplicit } from './endpoints.ts';
import { oneOrSeveral, serviceFamilies } from './families.ts';
import { labelsOf } from './labels.ts';
import { checkNodePorts } from './node-ports.ts';
import { readReach } from './service-reach.ts';
import { warnNothingSelected, warnOtherFamily, warnUnresolved } from './service-warnings.ts';

/** The things that a service's input refers to: the pods and the nodes, looked up by what a service says of them. */
interface ServiceReferences {
  readonly families: readonly IpFamily[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly idle: readonly Idle[];
  readonly byIp: ReadonlyMap<IpAddress, Pod>;
  readonly labels: LabelIndex;
  readonly explicit: ExplicitEndpoints;
}

/** The services with their endpoints: those that are stated, else the pods that the selector matches. */
export function readServices(
  root: Cursor,
  input: TopologyInput,
  families: readonly IpFamily[],
  { pods, nodes, idle }: Pick<ServiceReferences, 'pods' | 'nodes' | 'idle'>,
): readonly Service[] {
  const services = input.services ?? [];
  const references: ServiceReferences = {
    families,
    pods,
    nodes,
    idle,
    byIp: new Map(pods.flatMap((p) => p.ips.map((i) => [i.address, p] as const))),
    labels: indexLabels(pods),
    explicit: explicitEndpoints(
      root,
      input,
      nodes.map((n) => n.name),
    ),
  };
  checkNodePorts(root.at('services'), services);
  return services.map((service, i) => {
    const here = root.at('services', i).of(`Service/${service.namespace ?? 'default'}/${service.name}`);
    return readService(here, service, references);
  });
}

function readService(here: Cursor, input: ServiceInput, references: ServiceReferences): Service {
  const namespace = input.namespace ?? 'default';
  const { name, ports = [], clusterIP } = input;
  const selector = labelsOf(input.selector);
  checkPorts(here.at('ports'), ports);
  const ipFamilies = serviceFamilies(input, references.families);
  const explicit = references.explicit.get(`${namespace}/${name}`);
  const chosen = references.labels.selected(namespace, selector);
  if (explicit === undefined && selector.size > 0 && input.type !== 'ExternalName') {
    // Pods that the input does not have are no fault of the selector.
    if (chosen.length === 0 && input.seen?.endpointsUnknown == null)
      warnNothingSelected(
        here.at('selector'),
        selector,
        references.pods.filter((p) => p.namespace === namespace),
        idleBehind(references.idle, namespace, selector),
      );
    warnOtherFamily(here.at('selector'), selector, chosen, ipFamilies);
  }
  const ips = oneOrSeveral(here, 'clusterIP', clusterIP === 'None' ? undefined : clusterIP, input.clusterIPs, ipFamilies);
  return {
    namespace,
    name,
    ipFamilies,
    clusterIps: ips.map((p) => p.value),
    selector,
    ports: ports.map((port, j): ServicePort => {
      const at = here.at('ports', j);
      const base = {
        name: port.name ?? '',
        port: port.port,
        protocol: port.protocol ?? 'tcp',
        targetPort: port.targetPort ?? port.port,
        nodePort: port.nodePort ?? null,
        endpointsUnknown: input.seen?.endpointsUnknown ?? null,
        locus: at.locus,
      };
      if (explicit !== undefined)
        return {
          ...base,
          unresolved: [],
          ...fromExplicit(explicit, { name: base.name, isHeadless: ips.length === 0 }, references.byIp),
        };
      const selected = fromSelected({ ...input, namespace }, chosen, base, ipFamilies, hintsOf(input, references.nodes));
      warnUnresolved(at, port, chosen, selected);
      return { ...base, ...selected, explicitEndpoints: null };
    }),
    locus: here.locus,
    ...readReach(here, input),
    ...readServiceNaming(here, input),
  };
}

/** The EndpointSlice controller writes hints for the zone, or the node, of each endpoint. Source: KEP-4444, KEP-3015. */
function hintsOf({ trafficDistribution }: ServiceInput, nodes: readonly Node[]): (pod: Pod) => Endpoint['hints'] {
  if (trafficDistribution === undefined) return () => null;
  const zones = new Map(nodes.map((n) => [n.name, zoneOf(n)]));
  return ({ node }) => {
    const zone = node === null ? null : (zones.get(node) ?? null);
    return { zones: zone === null ? [] : [zone], nodes: node !== null && trafficDistribution === 'PreferSameNode' ? [node] : [] };
  };
}

function checkPorts(list: Cursor, ports: readonly ServicePortInput[]): void {
  uniqueNames(
    ports,
    'service port named',
    (p) => p.name ?? null,
    (i) => list.at(i, 'name'),
  );
  uniqueNames(
    ports,
    'service port',
    (p) => `${p.port}/${p.protocol ?? 'tcp'}`,
    (i) => list.at(i, 'port'),
  );
  if (ports.length < 2) return;
  for (const [i, port] of ports.entries())
    if (port.name === undefined) list.at(i).error('missing-field', 'of several service ports each needs a name', 'add a name');
}

type PortEndpoints = Pick<ServicePort, 'endpoints' | 'unresolved'>;

/** The selected pods as the EndpointSlice controller lists them: an endpoint for each address of a pod that is of a family of the service. */
function fromSelected(
  service: Pick<ServiceInput, 'name' | 'publishNotReadyAddresses'> & { readonly namespace: string },
  pods: readonly Pod[],
  { targetPort, protocol }: { readonly targetPort: number | string; readonly protocol: TransportProtocol },
  families: readonly IpFamily[],
  hints: (pod: Pod) => Endpoint['hints'],
): PortEndpoints {
  const endpoints: Endpoint[] = [];
  const unresolved = new Map<string, Pod>();
  for (const family of families)
    for (const pod of pods) {
      const ip = podIp(pod, family);
      if (ip === null) continue;
      const port = targetPortOf(pod, targetPort, protocol);
      if (port === null) unresolved.set(key(pod), pod);
      else
        endpoints.push({
          ip,
          port,
          ready: service.publishNotReadyAddresses === true || (pod.ready.value && !pod.terminating),
          serving: pod.ready.value,
          terminating: pod.terminating,
          hostname: hostnameIn(pod, service),
          node: pod.node,
          hints: hints(pod),
          pod,
          locus: pod.locus,
          readyLocus: pod.ready.locus,
        });
    }
  return { endpoints, unresolved: [...unresolved.values()] };
}
