import type { Cluster } from '../k8s/cluster.ts';
import { podIp } from '../k8s/families.ts';
import { doesRun } from '../k8s/pod.ts';
import { FAMILIES, formatEndpoint, type IpAddress, type IpFamily } from '../net/address.ts';
import { icmpName } from '../net/packet.ts';
import { type Found, machineIp, podsOf } from './found.ts';
import type { PlaceName } from './place.ts';
import { podTarget } from './pod-target.ts';
import { fail, type Parsed } from './result.ts';
import { seenFromOutside, serviceTarget, targetAtAddress } from './service-target.ts';
import { plain, type Target, type Wish } from './target.ts';
import type { Workload } from './workload.ts';

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
  if (found.kind === 'name') return { ok: true, value: withoutAddress(wish, 'name') };
  if (isIdle(found)) return { ok: true, value: withoutAddress(wish, 'pod') };
  if (found.kind === 'url') return fail(`${place.text} is a URL`);
  if (found.kind === 'address') return chooseByAddress(found, place, wish);
  if (found.kind === 'workload') return eachPod(found.workload, place, wish, family);
  const own = [family, ...FAMILIES].find((f) => hasFamily(found, f));
  if (own === undefined) return fail(`${place.text} has no address`, 'a pod has one once it is scheduled and started');
  const chosen = found.kind === 'service' ? calledService(cluster, found, wish, fromOutside, own) : calledMachine(found, place, wish, own);
  return own === family || !chosen.ok ? chosen : { ok: true, value: { ...chosen.value, addresses: [], notes: [], missing: 'family' } };
}

/** Pods were named, and no process of theirs is there that could be called. */
const isIdle = (found: Found): boolean => {
  const pods = podsOf(found);
  return pods.length > 0 && !pods.some(doesRun);
};

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

/** Each pod of a workload, at the port that the first of them is asked for. */
function eachPod({ pods, kind, name }: Workload, place: PlaceName, wish: Wish, family: IpFamily): Parsed<Target> {
  const addresses = pods.flatMap((pod) => podIp(pod, family) ?? []);
  const [first] = pods;
  const [address] = addresses;
  if (first === undefined || address === undefined) return { ok: true, value: withoutAddress(wish, 'family') };
  const target = podTarget(first, address, place, wish);
  const notes = pods.length > 1 ? [`${kind} ${name} has ${pods.length} pods: each is a path`] : [];
  return target.ok ? { ok: true, value: { ...target.value, addresses, notes: [...notes, ...target.value.notes] } } : target;
}

function chooseByAddress({ address, owner }: Extract<Found, { kind: 'address' }>, place: PlaceName, wish: Wish): Parsed<Target> {
  const target = owner?.kind === 'pod' && typeof wish.port !== 'number' ? podTarget(owner.pod, address, place, wish) : null;
  // A bare address is pinged, whatever has it.
  return target === null || (target.ok && target.value.pinged === true) ? addressTarget(address, owner, wish) : target;
}

/** A name without an address, or a pod that is not there: nothing is sent. */
const withoutAddress = ({ port, protocol }: Wish, missing: 'name' | 'pod' | 'family'): Target => ({
  protocol: protocol ?? 'tcp',
  port: typeof port === 'number' ? port : null,
  addresses: [],
  notes: [],
  servicePort: null,
  missing,
});

function addressTarget(address: IpAddress, owner: Found | null, wish: Wish): Parsed<Target> {
  const { port, protocol } = wish;
  if (protocol === 'icmp') return plain('icmp', null, address);
  if (owner?.kind === 'service') return targetAtAddress(owner.service, address, wish);
  if (typeof port === 'string') return fail(`the port ${port} has no number here`, 'write the port as a number');
  if (port !== null) return plain(protocol ?? 'tcp', port, address);
  if (protocol !== null) return fail(`${protocol} needs a port`, `name one, as ${formatEndpoint(address, 80)}`);
  return plain('icmp', null, address, [`no port was named, so it is pinged (${icmpName(address)} echo)`]);
}
