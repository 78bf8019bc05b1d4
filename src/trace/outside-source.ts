import { compile } from '../compile/index.ts';
import type { Datapath } from '../datapath/netns.ts';
import { isClusterAddress } from '../diagnose/context.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { familiesOf, withOutside } from '../k8s/families.ts';
import type { InternetGateway, OutsideHost } from '../k8s/network.ts';
import { familyOf, formatAddress, type IpAddress, isLinkLocal, isLoopback, isPrivate } from '../net/address.ts';
import { find } from '../query/find.ts';
import { parsePlace } from '../query/place.ts';
import type { Question, Request } from '../query/question.ts';
import { assumed } from '../source/origin.ts';

interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** An address as a source that nobody described has: if the internet may have it, it is taken to be a machine there, for this question. */
export function withGuest(network: Network, request: Request): Network {
  const { cluster } = network;
  const { gateway } = cluster;
  const place = parsePlace(request.source);
  if (gateway === null || (place.ok && place.value.address === null)) return network;
  const found = place.ok ? find(cluster, place.value, request.namespace ?? 'default') : place;
  if (!found.ok || found.value.kind !== 'address' || found.value.owner !== null) return network;
  const { address } = found.value;
  if (familyOf(address) !== cluster.family) return network;
  return isOutside(cluster, gateway, address) ? including(network, [guest(gateway, address)]) : network;
}

/** The same network with all guests of some questions at once, each in the family that its address is of. */
export function withGuestsOf(network: Network, questions: readonly Question[]): Network {
  const sources = [...new Set(questions.flatMap(({ source }) => (source.kind === 'Host' ? [source.ip] : [])))];
  const guests = familiesOf(network.cluster).flatMap(({ family, outside, gateway }) => {
    const own = sources.filter((address) => familyOf(address) === family && !outside.some((h) => h.ip === address));
    return gateway === null ? [] : own.map((address) => guest(gateway, address));
  });
  return guests.length === 0 ? network : including(network, guests);
}

function including({ cluster }: Network, guests: readonly OutsideHost[]): Network {
  const larger = withOutside(cluster, guests);
  return { cluster: larger, datapath: compile(larger) };
}

const guest = (gateway: InternetGateway, address: IpAddress): OutsideHost => ({
  name: formatAddress(address),
  ip: address,
  origin: assumed(gateway.locus),
});

/** Neither an address of the cluster or its gateway, nor one that is not routed on the internet. */
function isOutside(cluster: Cluster, { publicIp, nat }: InternetGateway, address: IpAddress): boolean {
  if (isPrivate(address) || isLoopback(address) || isLinkLocal(address) || isClusterAddress(cluster, address)) return false;
  return publicIp?.ip !== address && !nat.some((n) => n.public === address);
}
