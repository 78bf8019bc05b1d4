import type { Node } from '../../k8s/cluster.ts';
import { hostnameIn } from '../../k8s/dns/dns-zone.ts';
import { targetPortOf } from '../../k8s/endpoints.ts';
import { indexLabels, type LabelIndex } from '../../k8s/label-index.ts';
import type { Pod, TransportProtocol } from '../../k8s/pod.ts';
import type { Endpoint, Service, ServicePort } from '../../k8s/service.ts';
import { familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Path } from '../../source/origin.ts';
import type { ServiceForm, ServicePortForm, TopologyForm } from '../schema/topology.ts';
import { readServiceNaming } from './dns-names.ts';
import { type ExplicitEndpoints, type ExplicitEntry, explicitEndpoints, explicitFor, fromExplicit } from './endpoints.ts';
import { checkNodePorts } from './node-ports.ts';
import { type Report, uniqueNames } from './report.ts';
import { reachOf } from './service-reach.ts';
import { warnNoSuchPort, warnNothingSelected } from './service-warnings.ts';

/** What the services are read against: the pods and the nodes, looked up by what a service says of them. */
interface ServiceReferences {
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly nodeNames: readonly string[];
  readonly byIp: ReadonlyMap<IpAddress, Pod>;
  readonly labels: LabelIndex;
  readonly explicit: ExplicitEndpoints;
  readonly family: IpFamily;
}

/** The services with their endpoints: those that are stated, else the pods that the selector matches. */
export function readServices(report: Report, form: TopologyForm, pods: readonly Pod[], nodes: readonly Node[]): readonly Service[] {
  const known: ServiceReferences = {
    pods,
    nodes,
    nodeNames: nodes.map((n) => n.name),
    byIp: new Map(pods.map((p) => [p.ip, p])),
    labels: indexLabels(pods),
    explicit: explicitEndpoints(report, form),
    family: familyOf(form.cluster.podCIDR.address),
  };
  checkNodePorts(report, form.services);
  return form.services.map((service, i) => readService(report, service, ['services', i], known));
}

function readService(report: Report, form: ServiceForm, path: Path, known: ServiceReferences): Service {
  const { namespace, name } = form;
  const object = `Service/${namespace}/${name}`;
  const selector = new Map(Object.entries(form.selector));
  checkPorts(report, form, path);
  const families = form.ipFamilies ?? [known.family];
  const isHere = families.includes(known.family);
  const chosen = isHere ? known.labels.selected(namespace, selector) : [];
  const explicit = known.explicit.get(`${namespace}/${name}`);
  if (isHere && explicit === undefined && selector.size > 0 && chosen.length === 0 && form.type !== 'ExternalName') {
    const inNamespace = known.pods.filter((p) => p.namespace === namespace);
    warnNothingSelected(report, selector, inNamespace, [...path, 'selector']);
  }
  return {
    namespace,
    name,
    families,
    clusterIp: form.clusterIP === 'None' ? null : (form.clusterIP ?? null),
    selector,
    ports: form.ports.map((port, j): ServicePort => {
      const here = [...path, 'ports', j];
      const targetPort = port.targetPort ?? port.port;
      const base = {
        name: port.name ?? '',
        port: port.port,
        protocol: port.protocol,
        targetPort,
        nodePort: port.nodePort ?? null,
        locus: report.locus(here, object),
      };
      if (explicit !== undefined) return { ...base, ...explicitPort(report, explicit, base.name, known) };
      const selected = fromSelected(form, chosen, targetPort, port.protocol, hintsOf(form, known.nodes));
      warnUnresolved(report, port, chosen, selected, here);
      return { ...base, ...selected, explicitEndpoints: null };
    }),
    locus: report.locus(path, object),
    ...reachOf(report, form, path, object),
    ...readServiceNaming(report, form, path, object),
  };
}

type PortEndpoints = Pick<ServicePort, 'endpoints' | 'unresolved'>;

function explicitPort(report: Report, entries: readonly ExplicitEntry[], name: string, { byIp, nodeNames }: ServiceReferences) {
  const endpoints = entries.flatMap((e) => fromExplicit(report, e, name, byIp, nodeNames));
  return { endpoints, unresolved: [], explicitEndpoints: explicitFor(report, entries, name) };
}

function warnUnresolved(report: Report, port: ServicePortForm, chosen: readonly Pod[], found: PortEndpoints, path: Path): void {
  const targetPort = port.targetPort ?? port.port;
  if (typeof targetPort === 'string' && chosen.length > 0 && found.endpoints.length === 0)
    warnNoSuchPort(report, targetPort, port.protocol, chosen, [...path, port.targetPort === undefined ? 'port' : 'targetPort']);
  if (found.unresolved.length > 0 && found.endpoints.length > 0)
    report.warn(
      [...path, 'targetPort'],
      'target-port-unresolved',
      `${found.unresolved.map((p) => p.name).join(', ')} of the selected pods ${found.unresolved.length === 1 ? 'has' : 'have'} no ${port.protocol} container port named ${targetPort}, and so no share of the traffic`,
    );
}

const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** The EndpointSlice controller writes hints for the zone, or the node, of each endpoint. Source: KEP-4444, KEP-3015. */
function hintsOf({ trafficDistribution }: ServiceForm, nodes: readonly Node[]): (pod: Pod) => Endpoint['hints'] {
  if (trafficDistribution === undefined) return () => null;
  const zones = new Map(nodes.map((n) => [n.name, n.labels.get(ZONE_LABEL) ?? null]));
  return ({ node }) => {
    const zone = zones.get(node) ?? null;
    return { zones: zone === null ? [] : [zone], nodes: trafficDistribution === 'PreferSameNode' ? [node] : [] };
  };
}

function checkPorts(report: Report, service: ServiceForm, path: Path): void {
  const list = [...path, 'ports'];
  uniqueNames(
    report,
    service.ports,
    'service port named',
    (p) => p.name ?? null,
    (i) => [...list, i, 'name'],
  );
  uniqueNames(
    report,
    service.ports,
    'service port',
    (p) => `${p.port}/${p.protocol}`,
    (i) => [...list, i, 'port'],
  );
  if (service.ports.length < 2) return;
  for (const [i, port] of service.ports.entries())
    if (port.name === undefined) report.error([...list, i], 'missing-field', 'of several service ports each needs a name', 'add a name');
}

function fromSelected(
  service: ServiceForm,
  pods: readonly Pod[],
  targetPort: number | string,
  protocol: TransportProtocol,
  hints: (pod: Pod) => Endpoint['hints'],
): PortEndpoints {
  const endpoints: Endpoint[] = [];
  const unresolved: Pod[] = [];
  for (const pod of pods) {
    const port = targetPortOf(pod, targetPort, protocol);
    if (port === null) unresolved.push(pod);
    else
      endpoints.push({
        ip: pod.ip,
        port,
        ready: service.publishNotReadyAddresses || (pod.ready.value && !pod.terminating),
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
  return { endpoints, unresolved };
}
