import type { Cluster } from '../k8s/cluster.ts';
import { targetPortOf } from '../k8s/endpoints.ts';
import type { ContainerPort, Pod } from '../k8s/pod.ts';
import { FAMILIES, formatEndpoint, type IpAddress, type IpFamily } from '../net/address.ts';
import { icmpName } from '../net/packet.ts';
import { didYouMean } from '../source/suggest.ts';
import { type Found, machineIp } from './find.ts';
import type { PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';
import { seenFromOutside, serviceTarget, targetAtAddress } from './service-target.ts';
import { plain, portText, type Target, type Wish } from './target.ts';

/**
 * Port and protocol: those that were asked for, else the destination's only ones. A destination that lacks the family is chosen as in a family
 * that it has, and has no address.
 */
export function chooseTarget(
  cluster: Cluster,
  place: PlaceName,
  found: Found,
  wish: Wish,
  fromOutside: boolean,
  family: IpFamily,
): Parsed<Target> {
  if (found.kind === 'name') return { ok: true, value: withoutAddress(wish) };
  if (found.kind === 'url') return fail(`${place.text} is a URL`);
  if (found.kind === 'address') return chooseByAddress(found, place, wish);
  const own = [family, ...FAMILIES].find((f) => hasFamily(found, f));
  if (own === undefined) return fail(`${place.text} has no address`, 'a pod has one once it is scheduled and started');
  const chosen = found.kind === 'service' ? calledService(cluster, found, wish, fromOutside, own) : calledMachine(found, place, wish, own);
  return own === family || !chosen.ok ? chosen : { ok: true, value: { ...chosen.value, addresses: [], notes: [], missing: 'family' } };
}

type Machine = Extract<Found, { kind: 'pod' | 'node' | 'host' }>;
type FoundService = Extract<Found, { kind: 'service' }>;

/** A name of another service has no family: that is its addresses' own. */
const hasFamily = (found: Machine | FoundService, family: IpFamily): boolean =>
  found.kind === 'service'
    ? found.service.externalName !== null || found.service.ipFamilies.includes(family)
    : machineIp(found, family) !== null;

function calledService(cluster: Cluster, { service }: FoundService, wish: Wish, fromOutside: boolean, family: IpFamily): Parsed<Target> {
  const inside = serviceTarget(service, wish, family);
  return inside.ok && fromOutside ? { ok: true, value: seenFromOutside(cluster, service, inside.value, family) } : inside;
}

function calledMachine(found: Machine, place: PlaceName, wish: Wish, family: IpFamily): Parsed<Target> {
  const address = machineIp(found, family);
  if (address === null) throw new Error(`${place.text} has no ${family} address`);
  return found.kind === 'pod' ? podTarget(found.pod, address, place, wish) : addressTarget(address, null, wish);
}

function chooseByAddress({ address, owner }: Extract<Found, { kind: 'address' }>, place: PlaceName, wish: Wish): Parsed<Target> {
  return owner?.kind === 'pod' && wish.port === null ? podTarget(owner.pod, address, place, wish) : addressTarget(address, owner, wish);
}

/** A name without an address: nothing is sent. */
const withoutAddress = ({ port, protocol }: Wish): Target => ({
  protocol: protocol ?? 'tcp',
  port: typeof port === 'number' ? port : null,
  addresses: [],
  notes: [],
  servicePort: null,
  missing: 'name',
});

function podTarget(pod: Pod, address: IpAddress, place: PlaceName, wish: Wish): Parsed<Target> {
  if (wish.protocol === 'icmp') return plain('icmp', null, address);
  const containers = place.container === null ? pod.containers : pod.containers.filter((c) => c.name === place.container);
  const ports = containers.flatMap((c) => c.ports).filter((p) => wish.protocol === null || p.protocol === wish.protocol);
  if (typeof wish.port === 'string') return namedPort(pod, address, ports, wish.port);
  if (wish.port !== null) {
    const declared =
      ports.find((p) => p.port === wish.port && (p.protocol === 'tcp' || wish.protocol !== null)) ??
      ports.find((p) => p.port === wish.port);
    return plain(wish.protocol ?? declared?.protocol ?? 'tcp', wish.port, address);
  }
  const first = ports.find((p) => p.protocol === 'tcp') ?? ports[0];
  if (first === undefined) {
    if (wish.protocol !== null) return fail(`${pod.name} states no ${wish.protocol} port`, `name one, as ${pod.name}:80`);
    return plain('icmp', null, address, [`${pod.name} states no port, so it is pinged (${icmpName(address)} echo)`]);
  }
  const others = ports.length > 1 ? [`${pod.name} has ${ports.length} ports; this is ${portText(first)}`] : [];
  return plain(first.protocol, first.port, address, others);
}

function namedPort(pod: Pod, address: IpAddress, ports: readonly ContainerPort[], name: string): Parsed<Target> {
  const found = ports.find((p) => p.name === name);
  if (found !== undefined) return plain(found.protocol, found.port, address);
  const known = ports.map(portText).join(', ');
  const names = ports.flatMap((p) => p.name ?? []);
  return fail(
    `${pod.name} has no port named ${name}`,
    didYouMean(name, names) ?? (known === '' ? 'it states no ports' : `its ports: ${known}`),
  );
}

function addressTarget(address: IpAddress, owner: Found | null, wish: Wish): Parsed<Target> {
  const { port, protocol } = wish;
  if (protocol === 'icmp') return plain('icmp', null, address);
  if (owner?.kind === 'service') return targetAtAddress(owner.service, address, wish);
  if (typeof port === 'string') return portByName(address, owner, port);
  if (port !== null) return plain(protocol ?? 'tcp', port, address);
  if (protocol !== null) return fail(`${protocol} needs a port`, `name one, as ${formatEndpoint(address, 80)}`);
  return plain('icmp', null, address, [`no port was named, so it is pinged (${icmpName(address)} echo)`]);
}

function portByName(address: IpAddress, owner: Found | null, port: string): Parsed<Target> {
  const number = owner?.kind === 'pod' ? targetPortOf(owner.pod, port, 'tcp') : null;
  return number === null ? fail(`the port ${port} has no number here`, 'write the port as a number') : plain('tcp', number, address);
}
