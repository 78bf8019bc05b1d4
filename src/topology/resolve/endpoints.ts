import type { Pod } from '../../k8s/pod.ts';
import type { Endpoint, ServicePort } from '../../k8s/service.ts';
import { formatAddress, type IpAddress, isLoopback, isUnicast } from '../../net/address.ts';
import { at } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { EndpointsInput, ServiceInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** An entry of `endpoints`: what the input says instead of leaving it to a selector. */
export interface ExplicitEntry {
  readonly input: EndpointsInput;
  readonly cursor: Cursor;
}

/** By the service's namespace/name. */
export type ExplicitEndpoints = ReadonlyMap<string, readonly ExplicitEntry[]>;

export function explicitEndpoints(
  root: Cursor,
  { services = [], endpoints = [] }: TopologyInput,
  nodes: readonly string[],
): ExplicitEndpoints {
  const byKey = new Map(services.map((s) => [`${s.namespace ?? 'default'}/${s.name}`, s]));
  const found = new Map<string, ExplicitEntry[]>();
  for (const [i, input] of endpoints.entries()) {
    const key = `${input.namespace ?? 'default'}/${input.service}`;
    const cursor = root.at('endpoints', i).of(`Endpoints/${key}`);
    const service = byKey.get(key);
    checkAddresses({ input, cursor }, nodes);
    if (service === undefined) {
      const names = [...byKey.keys()].map((k) => k.replace(/^default\//, ''));
      const hint = didYouMean(input.service, names) ?? `services: ${names.join(', ')}`;
      cursor.at('service').error('unknown-service', `there is no service ${key}`, hint);
      continue;
    }
    if (service.type === 'ExternalName') {
      cursor.at('service').error('bad-value', `${key} is of type ExternalName: another name, without endpoints`);
      continue;
    }
    checkPortName(cursor, input, service);
    found.set(key, [...(found.get(key) ?? []), { input, cursor }]);
  }
  return found;
}

function checkAddresses({ input, cursor }: ExplicitEntry, nodes: readonly string[]): void {
  for (const [i, { ip, nodeName }] of input.addresses.entries()) {
    const here = cursor.at('addresses', i);
    if (nodeName !== undefined && !nodes.includes(nodeName)) {
      const hint = didYouMean(nodeName, nodes) ?? `nodes: ${nodes.slice(0, 10).join(', ')}`;
      here.at('nodeName').error('unknown-node', `there is no node ${nodeName}`, hint);
    }
    if (isLoopback(ip) || !isUnicast(ip))
      here.at('ip').error('bad-value', `${formatAddress(ip)} cannot be an endpoint: Kubernetes takes no loopback or multicast address`);
  }
}

function checkPortName(cursor: Cursor, { port }: EndpointsInput, { name, ports = [] }: ServiceInput): void {
  const names = ports.map((p) => p.name ?? '');
  if (names.includes(port ?? '') || (port === undefined && names.length === 1)) return;
  cursor
    .at(...(port === undefined ? [] : ['port']))
    .error(
      'unknown-port',
      `service ${name} has no ${port === undefined ? 'port without a name' : `port ${port}`}`,
      didYouMean(port ?? '', names) ?? `its ports: ${names.join(', ')}`,
    );
}

type StatedEndpoints = Pick<ServicePort, 'endpoints' | 'explicitEndpoints' | 'statedWithoutName'>;

/**
 * The endpoints that entries state for a port of their service, and the entry for this port, or the first one when this port has none.
 * kube-proxy and controllers find a port's endpoints by its name, so that those without a name are no named port's. Of a headless service
 * only the addresses count. Source: ServicePortName, pkg/proxy/endpointslicecache.go.
 */
export function fromExplicit(
  entries: readonly ExplicitEntry[],
  port: { readonly name: string; readonly isHeadless: boolean },
  byIp: ReadonlyMap<IpAddress, Pod>,
): StatedEndpoints {
  const unnamed = entries.filter(({ input }) => input.port === undefined);
  const named = entries.filter(({ input }) => input.port === port.name);
  const own = port.name === '' ? unnamed : port.isHeadless ? [...named, ...unnamed] : named;
  const [nameless] = own.length === 0 ? unnamed : [];
  return {
    endpoints: own.flatMap((entry) => endpointsOf(entry, byIp)),
    explicitEndpoints: (own[0] ?? entries[0])?.cursor.locus ?? null,
    ...(nameless === undefined ? {} : { statedWithoutName: nameless.cursor.locus }),
  };
}

function endpointsOf({ input, cursor }: ExplicitEntry, byIp: ReadonlyMap<IpAddress, Pod>): readonly Endpoint[] {
  return input.addresses.map(({ ip, port, ready = true, serving = ready, terminating = false, hostname, nodeName, hints }, i) => {
    const here = cursor.at('addresses', i);
    const pod = byIp.get(ip) ?? null;
    return {
      ip,
      port,
      ready,
      serving,
      terminating,
      hostname: hostname ?? null,
      node: nodeName ?? pod?.node ?? null,
      hints: hints === undefined ? null : { zones: hints.forZones ?? [], nodes: hints.forNodes ?? [] },
      pod,
      locus: here.locus,
      readyLocus: at(here.locus, 'ready'),
    };
  });
}
