import { key } from '../../k8s/pod.ts';
import type { Service } from '../../k8s/service.ts';
import { formatAddress, type IpAddress } from '../../net/address.ts';
import type { Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { TopologyForm } from '../schema/topology.ts';
import type { Report } from './report.ts';

export type Services = ReadonlyMap<string, Service>;

/** The service that a class or a Gateway names as its controller's. That is our own field, so it must be there. */
export function controllerService(report: Report, services: Services, name: string | undefined, path: Path): Service | null {
  if (name === undefined) return null;
  const service = services.get(name);
  if (service !== undefined) return service;
  report.error(
    [...path, 'service'],
    'unknown-service',
    `there is no service ${name}`,
    didYouMean(name, services.keys()) ?? `services: ${[...services.keys()].slice(0, 10).join(', ')}`,
  );
  return null;
}

/** Left out, it is the one that has the address where the controller says that it is reached. */
export function serviceWithAddress(services: Services, addresses: readonly IpAddress[]): Service | null {
  const has = (s: Service) =>
    [s.clusterIp, ...s.externalIps, ...s.loadBalancerIngress.map((i) => i.ip)].some((a) => a !== null && addresses.includes(a));
  return addresses.length === 0 ? null : ([...services.values()].find(has) ?? null);
}

/** Warns of an address where a controller is said to be reached, and is not. */
export function checkControllerAddress(
  report: Report,
  { nodes, internet }: TopologyForm,
  services: Services,
  service: Service | null,
  { address, path }: { readonly address: IpAddress; readonly path: Path },
): void {
  const known = service === null ? services : new Map([[key(service), service]]);
  const ofNodes = [
    ...nodes.flatMap((n) => [n.ip, ...(n.addresses ?? []).map((a) => a.ip)]),
    ...(internet?.gateway.nat ?? []).map((n) => n.public),
  ];
  if (ofNodes.includes(address) || serviceWithAddress(known, [address]) !== null) return;
  const what = formatAddress(address);
  if (service === null)
    report.warn(
      path,
      'unknown-address',
      `no service and no node has the address ${what}`,
      'give it to the service of the controller, and name that service in the class',
    );
  else
    report.warn(
      path,
      'unknown-address',
      `${what} is no address of service ${key(service)} (${placeOf(service)}), which is before the controller, and of no node`,
      'the status of the two should say the same',
    );
}

const placeOf = ({ locus: { document, path } }: Service) => `${document.file}:${document.position(path).line}`;

/** Warns of a backend that is not there. */
export function checkBackend(
  report: Report,
  services: Services,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number | string },
  paths: { readonly name: Path; readonly port: Path },
): void {
  const service = services.get(`${namespace}/${name}`);
  if (service === undefined) {
    const there = [...services.values()].filter((s) => s.namespace === namespace).map((s) => s.name);
    const elsewhere = [...services.values()].filter((s) => s.name === name).map((s) => s.namespace);
    const near = didYouMean(name, there) ?? (there.length === 0 ? 'state it' : `services there: ${there.slice(0, 10).join(', ')}`);
    const hint = elsewhere.length > 0 ? `there is one of that name in namespace ${elsewhere.join(', ')}` : near;
    report.warn(paths.name, 'unknown-backend', `there is no service ${namespace}/${name}`, hint);
    return;
  }
  if (service.ports.some((p) => p.protocol === 'tcp' && (p.port === port || p.name === port))) return;
  const known = service.ports.map((p) => `${p.port}${p.name === '' ? '' : ` (${p.name})`}`).join(', ');
  report.warn(
    paths.port,
    'unknown-backend-port',
    `service ${namespace}/${name} (${placeOf(service)}) has no TCP port ${port}`,
    `its ports: ${known}`,
  );
}

/** What a path of a rule may be; null when it is right. Source: validateIngressTypedPaths of the API server; HTTPPathMatch of the Gateway API. */
export function wrongPath(path: string): string | null {
  if (!path.startsWith('/')) return 'expected a path that begins with /';
  return /\/\/|\/\.{1,2}(\/|$)|%2f/i.test(path) ? 'expected a path without //, /./, /../ and %2f' : null;
}
