import type { Pod } from '../../k8s/pod.ts';
import type { Endpoint } from '../../k8s/service.ts';
import { formatAddress, type IpAddress, isLoopback, isUnicast } from '../../net/address.ts';
import { at } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { EndpointsForm, ServiceForm, TopologyForm } from '../schema/topology.ts';
import type { Report } from './report.ts';

export interface ExplicitEntry {
  readonly form: EndpointsForm;
  readonly index: number;
}

/** By the service's namespace/name. */
export type ExplicitEndpoints = ReadonlyMap<string, readonly ExplicitEntry[]>;

export function explicitEndpoints(report: Report, form: TopologyForm): ExplicitEndpoints {
  const services = new Map(form.services.map((s) => [`${s.namespace}/${s.name}`, s]));
  const found = new Map<string, ExplicitEntry[]>();
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

export function fromExplicit(
  report: Report,
  { form, index }: ExplicitEntry,
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
export function explicitFor(report: Report, entries: readonly ExplicitEntry[], portName: string) {
  const entry = entries.find((e) => e.form.port === undefined || e.form.port === portName) ?? entries[0];
  return entry === undefined ? null : report.locus(['endpoints', entry.index], `Endpoints/${entry.form.namespace}/${entry.form.service}`);
}
