import type { Cluster } from '../k8s/cluster.ts';
import { type Resolution, resolve } from '../k8s/dns/dns.ts';
import { isBelow } from '../k8s/dns/dns-zone.ts';
import { type Asker, resolverOf } from '../k8s/dns/resolver.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { isHeadless, podIp } from '../k8s/families.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily } from '../net/address.ts';
import { chooseTarget } from './choose-target.ts';
import { findAddress } from './find-address.ts';
import type { Found } from './found.ts';
import type { PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';
import { asked, portText, type Target, type Wish } from './target.ts';

/** The answer to a DNS name, as its source gets it. */
export interface NameAnswer {
  readonly found: Found;
  readonly target: Target;
  readonly resolution: Resolution;
}

/** Only a name with a dot is a DNS name; one without is that of a thing. */
export const isDnsName = ({ kind, namespace, container, address, name }: PlaceName): boolean =>
  kind === null && namespace === null && container === null && address === null && name.includes('.');

/** A label, which may begin with the underscore of SRV records; and all of them, with or without the dot at the end. */
const LABEL = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^${LABEL}(\\.${LABEL})*\\.?$`, 'i');

/** Looks up the addresses that a name has in one family. */
export function lookUp(cluster: Cluster, asker: Asker, place: PlaceName, name: string, wish: Wish, family: IpFamily): Parsed<NameAnswer> {
  if (!NAME.test(name) || name.length > 254)
    return fail(
      `${place.text}: ${JSON.stringify(name)} is no DNS name`,
      'labels of at most 63 letters, digits and -, with a dot between them',
    );
  if (name.startsWith('_') || name.includes('._'))
    return fail(
      `${place.text}: names with _ are those of SRV records, which are asked for a port, not for an address`,
      'name the service itself',
    );
  const resolution = resolve(cluster, asker, name, family);
  const found = thingOf(cluster, resolution);
  if (!found.ok) return found;
  const target = targetOf(cluster, place, found.value, resolution, wish);
  if (!target.ok) return target;
  const notes = [...target.value.notes, ...notesOf(cluster, resolution)];
  return { ok: true, value: { found: found.value, resolution, target: { ...target.value, notes } } };
}

/** Is it in the source's /etc/hosts? So may be names without a dot. */
export const isInHosts = (cluster: Cluster, asker: Asker, name: string): boolean =>
  resolverOf(cluster, asker).hosts.some((line) => line.names.includes(name.toLowerCase()));

function thingOf(cluster: Cluster, { question, found }: Resolution): Parsed<Found> {
  if (found.kind === 'none' && found.empty !== null) return { ok: true, value: { kind: 'service', service: found.empty } };
  if (found.kind !== 'addresses') return { ok: true, value: { kind: 'name', name: question } };
  const { named, addresses } = found;
  const [only, second] = addresses;
  if (only === undefined) throw new Error(`${question} was answered without an address`);
  if (named.kind === 'service') return { ok: true, value: { kind: 'service', service: named.service } };
  if (named.kind === 'outside') return { ok: true, value: { kind: 'host', host: named.host } };
  if (named.kind !== 'endpoint') return findAddress(cluster, only);
  const one = second === undefined ? findAddress(cluster, only) : null;
  if (one?.ok && one.value.kind === 'address' && one.value.owner?.kind === 'pod') return { ok: true, value: one.value.owner };
  return { ok: true, value: { kind: 'service', service: named.service } };
}

function targetOf(cluster: Cluster, place: PlaceName, found: Found, resolution: Resolution, wish: Wish): Parsed<Target> {
  const answer = resolution.found;
  const choose = () => chooseTarget(cluster, place, found, wish, false, resolution.family);
  if (answer.kind !== 'addresses') return choose();
  const { aliases, addresses, named } = answer;
  const [alias] = aliases;
  if (alias !== undefined) return untranslated(place, alias, found, addresses, wish);
  if (found.kind === 'service' && named.kind === 'endpoint') return untranslated(place, named.service, found, addresses, wish);
  return choose();
}

/** The client calls the port that it names, whatever it is called behind the other name: DNS has no ports. */
function untranslated(place: PlaceName, called: Service, found: Found, addresses: readonly IpAddress[], wish: Wish): Parsed<Target> {
  const { protocol } = wish;
  if (protocol === 'icmp') return { ok: true, value: { ...WITHOUT_NOTES, protocol, port: null, addresses } };
  const behind = found.kind === 'service' ? found.service.ports : [];
  const known = [...called.ports, ...behind].filter((p) => protocol === null || p.protocol === protocol);
  const ports = called.ports.length > 0 ? called.ports : behind;
  const named =
    wish.port === null ? (ports.length === 1 ? ports[0] : undefined) : known.find((p) => wish.port === p.port || wish.port === p.name);
  const port = named?.port ?? wish.port;
  if (typeof port !== 'number') {
    const list = ports.map(portText).join(', ');
    const what = port === null ? `${place.text}: say which port` : `${called.name} has no port named ${asked(port, protocol)}`;
    return fail(what, list === '' ? `as ${place.text}:443` : `its ports: ${list}`);
  }
  const chosen = protocol ?? named?.protocol ?? 'tcp';
  const servicePort = behind.find((p) => p.port === port && p.protocol === chosen) ?? null;
  return { ok: true, value: { ...WITHOUT_NOTES, protocol: chosen, port, addresses, servicePort } };
}

const WITHOUT_NOTES = { notes: [], servicePort: null, missing: null } as const;

/** Notes on facts that the answer takes for granted, or that surprise. */
export function notesOf(cluster: Cluster, { question, resolver, from, steps, found }: Resolution): readonly string[] {
  if (from === 'hosts') return [];
  const aliases = found.kind === 'addresses' ? found.aliases : [];
  const musl = found.kind === 'addresses' && steps[0]?.name === question && steps.length > aliases.length + 1;
  const guessed = steps.filter((s) => s.answer === 'NXDOMAIN' && !isBelow(s.name, cluster.clusterDomain)).map((s) => s.name);
  return [
    ...(resolver.server.assumption === null ? [] : [resolver.server.assumption]),
    ...(musl
      ? [
          `the C library is taken to be glibc: musl (Alpine) does not try its search list for a name with as many dots as ndots (${resolver.ndots})`,
        ]
      : []),
    ...guessed.map((name) => `nobody outside the cluster is taken to have the name ${name}`),
    ...(found.kind === 'addresses' && found.named.kind === 'endpoint' && !isHeadless(found.named.service) ? [BY_COREDNS] : []),
    ...(aliases.length === 0 ? [] : [onlyAName(aliases)]),
  ];
}

/** A look-up that is not followed is taken to work, which is worth a note where it plainly does not. */
export function takenToAnswer(cluster: Cluster, resolution: Resolution | null): readonly string[] {
  if (resolution === null || resolution.from === 'hosts') return [];
  const { address } = resolution.resolver.server;
  if (address === null) return [];
  const service = [...cluster.services.values()].find((s) => s.clusterIps.includes(address));
  if (
    service === undefined ||
    service.ports.some((p) => p.port === 53 && p.protocol === 'udp' && readyEndpoints(p, familyOf(address)).length > 0)
  )
    return [];
  return [
    `the cluster DNS is taken to answer, though service ${service.name} has no ready endpoint at port 53/udp; --with-dns follows the query`,
  ];
}

/** A pod without an address of its nameserver's family asks in vain. */
export function takenToAsk(resolution: Resolution | null): readonly string[] {
  if (resolution === null || resolution.from === 'hosts' || resolution.asker.kind !== 'pod') return [];
  const { asker, resolver } = resolution;
  const { address } = resolver.server;
  if (address === null) return [];
  if (podIp(asker.pod, familyOf(address)) !== null) return [];
  return [
    `${asker.pod.name} is taken to get an answer, though it has no ${familyOf(address)} address to ask ${formatAddress(address)} with; --with-dns follows the query`,
  ];
}

const BY_COREDNS = 'the cluster DNS is taken to be CoreDNS: by the specification only headless services have names of endpoints below them';

function onlyAName(aliases: readonly Service[]): string {
  const names = aliases.map((s) => s.name).join(' and ');
  return `${names} ${aliases.length === 1 ? 'is only another name' : 'are only other names'} (ExternalName): the port is the one that the client calls, and HTTP and TLS carry the name that it called`;
}
