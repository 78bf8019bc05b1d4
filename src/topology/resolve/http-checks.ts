import { key } from '../../k8s/pod.ts';
import type { Service } from '../../k8s/service.ts';
import { formatAddress, type IpAddress } from '../../net/address.ts';
import { placeOf } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

export type Services = ReadonlyMap<string, Service>;

/** The service that a class or a Gateway names as its controller's. That is our own field, so it must be there. */
export function controllerService(here: Cursor, services: Services, name: string | undefined): Service | null {
  if (name === undefined) return null;
  const service = services.get(name);
  if (service !== undefined) return service;
  const hint = didYouMean(name, services.keys()) ?? `services: ${[...services.keys()].slice(0, 10).join(', ')}`;
  here.at('service').error('unknown-service', `there is no service ${name}`, hint);
  return null;
}

/** Left out, it is the one that has the address where the controller says that it is reached. */
export function serviceWithAddress(services: Services, addresses: readonly IpAddress[]): Service | null {
  const has = (s: Service) =>
    [...s.clusterIps, ...s.externalIps, ...s.loadBalancerIngress.map((i) => i.ip)].some((a) => addresses.includes(a));
  return addresses.length === 0 ? null : ([...services.values()].find(has) ?? null);
}

/** Warns of an address where a controller is said to be reached, and is not. */
export function checkControllerAddress(
  at: Cursor,
  { nodes, internet }: TopologyInput,
  services: Services,
  service: Service | null,
  address: IpAddress,
): void {
  const known = service === null ? services : new Map([[key(service), service]]);
  const ofNodes = [
    ...nodes.flatMap((n) => [...(n.ip === undefined ? [] : [n.ip]), ...(n.ips ?? []), ...(n.addresses ?? []).map((a) => a.ip)]),
    ...(internet?.gateway.nat ?? []).map((n) => n.public),
  ];
  if (ofNodes.includes(address) || serviceWithAddress(known, [address]) !== null) return;
  const text = formatAddress(address);
  if (service === null)
    at.warn(
      'unknown-address',
      `no service and no node has the address ${text}`,
      'give it to the service of the controller, and name that service in the class',
    );
  else
    at.warn(
      'unknown-address',
      `${text} is no address of service ${key(service)} (${placeOf(service.locus)}), which is before the controller, and of no node`,
      'the status of the two should say the same',
    );
}

/** Warns of a backend that is not there; `port` is where its port stands. */
export function checkBackend(
  services: Services,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number | string },
  at: { readonly name: Cursor; readonly port: Cursor },
): void {
  const service = services.get(`${namespace}/${name}`);
  if (service === undefined) {
    const there = [...services.values()].filter((s) => s.namespace === namespace).map((s) => s.name);
    const elsewhere = [...services.values()].filter((s) => s.name === name).map((s) => s.namespace);
    const near = didYouMean(name, there) ?? (there.length === 0 ? 'state it' : `services there: ${there.slice(0, 10).join(', ')}`);
    const hint = elsewhere.length > 0 ? `there is one of that name in namespace ${elsewhere.join(', ')}` : near;
    at.name.warn('unknown-backend', `there is no service ${namespace}/${name}`, hint);
    return;
  }
  if (service.ports.some((p) => p.protocol === 'tcp' && (p.port === port || p.name === port))) return;
  // Behind an ExternalName a number needs no port of the service.
  if (service.externalName !== null && typeof port === 'number') return;
  const known = service.ports.map((p) => `${p.port}${p.name === '' ? '' : ` (${p.name})`}`).join(', ');
  at.port.warn(
    'unknown-backend-port',
    `service ${namespace}/${name} (${placeOf(service.locus)}) has no TCP port ${port}`,
    `its ports: ${known}`,
  );
}

/** The fault of a rule's path; null when it has none. Source: validateIngressTypedPaths of the API server; HTTPPathMatch of the Gateway API. */
export function wrongPath(path: string): string | null {
  if (!path.startsWith('/')) return 'expected a path that begins with /';
  return /\/\/|\/\.{1,2}(\/|$)|%2f/i.test(path) ? 'expected a path without //, /./, /../ and %2f' : null;
}
