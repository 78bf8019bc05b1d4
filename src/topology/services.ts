import type { Endpoint, Pod, Service, ServicePort, TransportProtocol } from '../k8s/cluster.ts';
import { selects, targetPortOf } from '../k8s/endpoints.ts';
import { didYouMean, nearest } from '../nearest.ts';
import { formatAddress, type IpAddress, isLoopback, isUnicast } from '../net/address.ts';
import { at, type Path } from '../origin.ts';
import { type Report, uniqueNames } from './report.ts';
import type { EndpointsForm, ServiceForm, TopologyForm } from './schema.ts';

type StatedEndpoints = ReadonlyMap<string, readonly { readonly form: EndpointsForm; readonly index: number }[]>;

/** The services with their endpoints: those that are stated, else the pods that the selector matches. */
export function readServices(report: Report, form: TopologyForm, pods: readonly Pod[]): readonly Service[] {
  const stated = statedEndpoints(report, form);
  const byIp = new Map(pods.map((p) => [p.ip, p]));
  const index = indexLabels(pods);
  return form.services.map((service, i) => {
    const path = ['services', i];
    const object = `Service/${service.namespace}/${service.name}`;
    const locus = report.locus(path, object);
    const selector = new Map(Object.entries(service.selector));
    checkPorts(report, service, path);
    const chosen = index.selected(service.namespace, selector);
    const own = stated.get(`${service.namespace}/${service.name}`);
    if (own === undefined && selector.size > 0 && chosen.length === 0)
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
      const base = { name, port: port.port, protocol: port.protocol, targetPort, locus: here };
      if (own !== undefined)
        return {
          ...base,
          endpoints: own.flatMap((e) => fromStated(report, e, name, byIp)),
          unresolved: [],
          stated: statedFor(report, own, name),
        };
      const result = fromSelected(chosen, targetPort, port.protocol);
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
    const clusterIp = service.clusterIP === 'None' ? null : service.clusterIP;
    return { namespace: service.namespace, name: service.name, clusterIp, selector, ports, locus };
  });
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
  pods: readonly Pod[],
  targetPort: number | string,
  protocol: TransportProtocol,
): Pick<ServicePort, 'endpoints' | 'unresolved'> {
  const endpoints: Endpoint[] = [];
  const unresolved: Pod[] = [];
  for (const pod of pods) {
    const port = targetPortOf(pod, targetPort, protocol);
    if (port === null) unresolved.push(pod);
    else endpoints.push({ ip: pod.ip, port, ready: pod.ready.value, pod, locus: pod.locus, readyLocus: pod.ready.locus });
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
): readonly Endpoint[] {
  if (form.port !== undefined && form.port !== portName) return [];
  const object = `Endpoints/${form.namespace}/${form.service}`;
  return form.addresses.map(({ ip, port, ready }, i) => {
    const locus = report.locus(['endpoints', index, 'addresses', i], object);
    if (isLoopback(ip) || !isUnicast(ip))
      report.error(
        ['endpoints', index, 'addresses', i, 'ip'],
        'bad-value',
        `${formatAddress(ip)} cannot be an endpoint: Kubernetes takes no loopback or multicast address`,
      );
    return { ip, port, ready, pod: byIp.get(ip) ?? null, locus, readyLocus: at(locus, 'ready') };
  });
}

/** The entry for this port, or the first one for the service when this port has none. */
function statedFor(report: Report, entries: readonly { readonly form: EndpointsForm; readonly index: number }[], portName: string) {
  const entry = entries.find((e) => e.form.port === undefined || e.form.port === portName) ?? entries[0];
  return entry === undefined ? null : report.locus(['endpoints', entry.index], `Endpoints/${entry.form.namespace}/${entry.form.service}`);
}

/** The most common fault of all: a string that does not match. Says which pods come nearest, and by what. */
function warnNothingSelected(report: Report, selector: ReadonlyMap<string, string>, pods: readonly Pod[], path: Path): void {
  const wanted = [...selector].map(([k, v]) => `${k}=${v}`).join(',');
  const pairs = new Set(pods.flatMap((p) => [...p.labels].map(([k, v]) => `${k}=${v}`)));
  const values = new Set(selector.values());
  const keys = new Set(selector.keys());
  const like = [...pairs].filter((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return values.has(value) || keys.has(name);
  });
  const close = [...selector].flatMap(([k, v]) => nearest(`${k}=${v}`, pairs));
  const candidates = [...new Set([...close, ...like])].slice(0, 5);
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
