import type { Node } from '../k8s/cluster.ts';
import { missingControllerLabels } from '../k8s/controller-labels.ts';
import { hostnameIn } from '../k8s/dns-zone.ts';
import { selects, targetPortOf } from '../k8s/endpoints.ts';
import type { Pod, TransportProtocol } from '../k8s/pod.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/service.ts';
import { didYouMean, nearestLabels } from '../nearest.ts';
import { formatAddress, type IpAddress, isLoopback, isUnicast } from '../net/address.ts';
import { at, type Path } from '../origin.ts';
import { readServiceNaming } from './names.ts';
import { checkNodePorts } from './node-ports.ts';
import { type Report, uniqueNames } from './report.ts';
import type { EndpointsForm, ServiceForm, TopologyForm } from './schema.ts';

type StatedEndpoints = ReadonlyMap<string, readonly { readonly form: EndpointsForm; readonly index: number }[]>;

/** The services with their endpoints: those that are stated, else the pods that the selector matches. */
export function readServices(report: Report, form: TopologyForm, pods: readonly Pod[], nodes: readonly Node[]): readonly Service[] {
  const stated = statedEndpoints(report, form);
  const byIp = new Map(pods.map((p) => [p.ip, p]));
  const names = nodes.map((n) => n.name);
  const index = indexLabels(pods);
  checkNodePorts(report, form.services);
  return form.services.map((service, i) => {
    const path = ['services', i];
    const object = `Service/${service.namespace}/${service.name}`;
    const locus = report.locus(path, object);
    const selector = new Map(Object.entries(service.selector));
    checkPorts(report, service, path);
    const chosen = index.selected(service.namespace, selector);
    const own = stated.get(`${service.namespace}/${service.name}`);
    if (own === undefined && selector.size > 0 && chosen.length === 0 && service.type !== 'ExternalName')
      warnNothingSelected(
        report,
        selector,
        pods.filter((p) => p.namespace === service.namespace),
        [...path, 'selector'],
      );
    const ports = service.ports.map((port, j): ServicePort => {
      const name = port.name ?? '';
      const targetPort = port.targetPort ?? port.port;
      const here = report.locus([...path, 'ports', j], object);
      const base = { name, port: port.port, protocol: port.protocol, targetPort, nodePort: port.nodePort ?? null, locus: here };
      if (own !== undefined)
        return {
          ...base,
          endpoints: own.flatMap((e) => fromStated(report, e, name, byIp, names)),
          unresolved: [],
          stated: statedFor(report, own, name),
        };
      const result = fromSelected(service, chosen, targetPort, port.protocol, hintsOf(service, nodes));
      if (typeof targetPort === 'string' && chosen.length > 0 && result.endpoints.length === 0)
        warnNoSuchPort(report, targetPort, port.protocol, chosen, [
          ...path,
          'ports',
          j,
          port.targetPort === undefined ? 'port' : 'targetPort',
        ]);
      if (result.unresolved.length > 0 && result.endpoints.length > 0)
        report.warn(
          [...path, 'ports', j, 'targetPort'],
          'target-port-unresolved',
          `${result.unresolved.map((p) => p.name).join(', ')} of the selected pods ${result.unresolved.length === 1 ? 'has' : 'have'} no ${port.protocol} container port named ${targetPort}, and so no share of the traffic`,
        );
      return { ...base, ...result, stated: null };
    });
    const clusterIp = service.clusterIP === 'None' ? null : (service.clusterIP ?? null);
    return {
      namespace: service.namespace,
      name: service.name,
      clusterIp,
      selector,
      ports,
      locus,
      ...reachOf(report, service, [...path], object),
      ...readServiceNaming(report, service, path, object),
    };
  });
}

type Reach = Omit<Service, 'namespace' | 'name' | 'clusterIp' | 'externalName' | 'publishNotReady' | 'selector' | 'ports' | 'locus'>;

/** Three hours, as the API server fills it in. */
const AFFINITY_SECONDS = 10800;

/** How a service is reached from outside, and which endpoints it prefers. */
function reachOf(report: Report, form: ServiceForm, path: Path, object: string): Reach {
  checkReach(report, form, path);
  const ingress = form.status?.loadBalancer.ingress ?? [];
  const seconds = form.sessionAffinityConfig?.clientIP.timeoutSeconds ?? AFFINITY_SECONDS;
  return {
    type: form.type,
    externalIps: form.externalIPs,
    ingress: ingress.map(({ ip, ipMode }, i) => ({
      ip,
      mode: ipMode,
      locus: report.locus([...path, 'status', 'loadBalancer', 'ingress', i], object),
    })),
    sourceRanges: form.loadBalancerSourceRanges,
    externalPolicy: form.externalTrafficPolicy,
    internalPolicy: form.internalTrafficPolicy,
    affinitySeconds: form.sessionAffinity === 'ClientIP' ? seconds : null,
    healthCheckNodePort: form.healthCheckNodePort ?? null,
  };
}

/** What the API server refuses, because it would mean nothing. */
function checkReach(report: Report, form: ServiceForm, path: Path): void {
  const refuse = (field: Path, message: string, hint: string | null = null) =>
    report.error([...path, ...field], 'bad-value', message, hint);
  const { type } = form;
  for (const [i, port] of form.ports.entries())
    if (port.nodePort !== undefined && type === 'ClusterIP')
      refuse(['ports', i, 'nodePort'], 'a service of type ClusterIP has no node port', 'type: NodePort or LoadBalancer');
  if (form.clusterIP === 'None' && type !== 'ClusterIP' && type !== 'ExternalName')
    refuse(['clusterIP'], `a service of type ${type} needs a ClusterIP`);
  if (type !== 'LoadBalancer') {
    if (form.loadBalancerSourceRanges.length > 0)
      refuse(['loadBalancerSourceRanges'], 'only a service of type LoadBalancer has source ranges');
    if (form.status !== undefined) refuse(['status'], 'only a service of type LoadBalancer has a load balancer');
  }
  const local = form.externalTrafficPolicy === 'Local';
  if (local && (type === 'ClusterIP' || type === 'ExternalName') && form.externalIPs.length === 0)
    refuse(
      ['externalTrafficPolicy'],
      'nothing comes to this service from outside',
      'it is about node ports, load balancers and externalIPs',
    );
  if (form.healthCheckNodePort !== undefined && !(local && type === 'LoadBalancer'))
    refuse(['healthCheckNodePort'], 'only a LoadBalancer with externalTrafficPolicy: Local has health checks');
}

const ZONE = 'topology.kubernetes.io/zone';

/** The EndpointSlice controller writes hints for the zone, or the node, of each endpoint. Source: KEP-4444, KEP-3015. */
function hintsOf({ trafficDistribution }: ServiceForm, nodes: readonly Node[]): (pod: Pod) => Endpoint['hints'] {
  if (trafficDistribution === undefined) return () => null;
  const zones = new Map(nodes.map((n) => [n.name, n.labels.get(ZONE) ?? null]));
  return ({ node }) => {
    const zone = zones.get(node) ?? null;
    return { zones: zone === null ? [] : [zone], nodes: trafficDistribution === 'PreferSameNode' ? [node] : [] };
  };
}

interface LabelIndex {
  selected(namespace: string, selector: ReadonlyMap<string, string>): readonly Pod[];
}

/** Pods by each of their labels, so that a selector looks at the pods of its rarest pair only. */
function indexLabels(pods: readonly Pod[]): LabelIndex {
  const byPair = new Map<string, Pod[]>();
  const keyOf = (namespace: string, name: string, value: string) => `${namespace}/${name}=${value}`;
  for (const pod of pods)
    for (const [name, value] of pod.labels) {
      const pair = keyOf(pod.namespace, name, value);
      const list = byPair.get(pair);
      if (list === undefined) byPair.set(pair, [pod]);
      else list.push(pod);
    }
  return {
    selected(namespace, selector) {
      let fewest: readonly Pod[] | null = null;
      for (const [name, value] of selector) {
        const list = byPair.get(keyOf(namespace, name, value)) ?? [];
        if (fewest === null || list.length < fewest.length) fewest = list;
      }
      return (fewest ?? []).filter((p) => selects(selector, p.labels));
    },
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
): Pick<ServicePort, 'endpoints' | 'unresolved'> {
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

function statedEndpoints(report: Report, form: TopologyForm): StatedEndpoints {
  const services = new Map(form.services.map((s) => [`${s.namespace}/${s.name}`, s]));
  const found = new Map<string, { form: EndpointsForm; index: number }[]>();
  for (const [index, entry] of form.endpoints.entries()) {
    const key = `${entry.namespace}/${entry.service}`;
    const service = services.get(key);
    if (service === undefined) {
      const names = [...services.keys()].map((k) => k.replace(/^default\//, ''));
      report.error(
        ['endpoints', index, 'service'],
        'unknown-service',
        `there is no service ${key}`,
        didYouMean(entry.service, names) ?? `services: ${names.join(', ')}`,
      );
      continue;
    }
    if (service.type === 'ExternalName') {
      report.error(['endpoints', index, 'service'], 'bad-value', `${key} is of type ExternalName: another name, without endpoints`);
      continue;
    }
    checkPortName(report, entry, service, index);
    found.set(key, [...(found.get(key) ?? []), { form: entry, index }]);
  }
  return found;
}

function checkPortName(report: Report, entry: EndpointsForm, service: ServiceForm, index: number): void {
  const names = service.ports.map((p) => p.name ?? '');
  if (names.includes(entry.port ?? '') || (entry.port === undefined && names.length === 1)) return;
  const wanted = entry.port === undefined ? 'a port without a name' : `a port ${entry.port}`;
  const path = ['endpoints', index, ...(entry.port === undefined ? [] : ['port'])];
  report.error(
    path,
    'unknown-port',
    `service ${service.name} has no ${wanted.slice(2)}`,
    didYouMean(entry.port ?? '', names) ?? `its ports: ${names.join(', ')}`,
  );
}

function fromStated(
  report: Report,
  { form, index }: { form: EndpointsForm; index: number },
  portName: string,
  byIp: ReadonlyMap<IpAddress, Pod>,
  nodes: readonly string[],
): readonly Endpoint[] {
  if (form.port !== undefined && form.port !== portName) return [];
  const object = `Endpoints/${form.namespace}/${form.service}`;
  return form.addresses.map(({ ip, port, ready, serving, terminating, hostname, nodeName, hints }, i) => {
    const locus = report.locus(['endpoints', index, 'addresses', i], object);
    if (nodeName !== undefined && !nodes.includes(nodeName))
      report.error(
        ['endpoints', index, 'addresses', i, 'nodeName'],
        'unknown-node',
        `there is no node ${nodeName}`,
        didYouMean(nodeName, nodes) ?? `nodes: ${nodes.slice(0, 10).join(', ')}`,
      );
    if (isLoopback(ip) || !isUnicast(ip))
      report.error(
        ['endpoints', index, 'addresses', i, 'ip'],
        'bad-value',
        `${formatAddress(ip)} cannot be an endpoint: Kubernetes takes no loopback or multicast address`,
      );
    const pod = byIp.get(ip) ?? null;
    return {
      ip,
      port,
      ready,
      serving: serving ?? ready,
      terminating,
      hostname: hostname ?? null,
      node: nodeName ?? pod?.node ?? null,
      hints: hints === undefined ? null : { zones: hints.forZones, nodes: hints.forNodes },
      pod,
      locus,
      readyLocus: at(locus, 'ready'),
    };
  });
}

/** The entry for this port, or the first one for the service when this port has none. */
function statedFor(report: Report, entries: readonly { readonly form: EndpointsForm; readonly index: number }[], portName: string) {
  const entry = entries.find((e) => e.form.port === undefined || e.form.port === portName) ?? entries[0];
  return entry === undefined ? null : report.locus(['endpoints', entry.index], `Endpoints/${entry.form.namespace}/${entry.form.service}`);
}

/** The most common fault of all: a string that does not match. Says which pods come nearest, and by what. */
function warnNothingSelected(report: Report, selector: ReadonlyMap<string, string>, pods: readonly Pod[], path: Path): void {
  // Labels that only a controller gives may well be there: the pods of a file written by hand do not state them.
  if (pods.some((p) => missingControllerLabels(selector, p) !== null)) return;
  const wanted = [...selector].map(([k, v]) => `${k}=${v}`).join(',');
  const candidates = nearestLabels(
    selector,
    pods.map((p) => p.labels),
  );
  const hint = candidates.length === 0 ? null : `the nearest labels of pods are: ${candidates.join(', ')}`;
  report.warn(path, 'selector-matches-nothing', `no pod of this namespace has the labels ${wanted}`, hint);
}

function warnNoSuchPort(report: Report, name: string, protocol: string, pods: readonly Pod[], path: Path): void {
  const ports = pods.flatMap((p) =>
    p.containers.flatMap((c) => c.ports.map((q) => ({ name: q.name, text: `${q.name ?? q.port}/${q.protocol}` }))),
  );
  const otherProtocol = ports.some((p) => p.name === name);
  const message = otherProtocol
    ? `the pods' port ${name} has another protocol than ${protocol}, so it does not count`
    : `none of the selected pods has a container port named ${name}`;
  const known = [...new Set(ports.map((p) => p.text))];
  report.warn(path, 'target-port-unresolved', message, known.length === 0 ? null : `they have ${known.slice(0, 8).join(', ')}`);
}
