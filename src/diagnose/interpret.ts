import { lookUp, MAIN_TABLE, removedFor } from '../datapath/fib.ts';
import { BRIDGE_NF_CALL } from '../datapath/sysctl.ts';
import type { Failure } from '../hop/failure.ts';
import { isClusterAddress, serviceAt } from '../k8s/address-index.ts';
import type { IpAddress } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { at, declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { type Context, strayedAt } from './context.ts';
import { detourTo } from './detour.ts';
import { denied, deniedByHost, discoveryDenied } from './firewall.ts';
import { ofPolicy } from './found-policy.ts';
import { nameless } from './interpret-name.ts';
import { atNatAddress, privateBeyond, privateOutside, towards, unheard, withoutNat } from './interpret-outside.ts';
import { nodePortUnserved, untranslated } from './interpret-service.ts';
import type { Ended } from './scene.ts';
import { stoppedOnService, unserved } from './stopped-by-proxy.ts';
import { undecided } from './undecided.ts';
import { walkOf } from './walks.ts';

/**
 * The kernel's verdict in the cluster's terms: a REJECT is a service without endpoints, a packet to a ClusterIP that nobody translated is a
 * port that the service does not have, and an address of the cluster that left by the gateway will not be found outside.
 */
export function interpret(context: Context, path: FlowPath): FlowPath {
  const { failure } = path;
  if (failure === null) return path;
  if (failure.walk === 'ack') return { ...path, failure: { ...(seenHalf(context, path, failure) ?? failure), walk: failure.walk } };
  const better =
    unnamed(context, failure) ??
    withoutNat(context, path, failure) ??
    privateOutside(context, path, failure) ??
    denied(path, failure) ??
    deniedByHost(context, path, failure) ??
    ofPolicy(context, path, failure) ??
    discoveryDenied(context, failure) ??
    untranslated(context, path, failure) ??
    stoppedOnService(context, path, failure) ??
    nodePortUnserved(context, path, failure) ??
    unannounced(context, path, failure) ??
    atNatAddress(context, path, failure) ??
    lostOutside(context, path, failure) ??
    privateBeyond(context, path, failure) ??
    unheard(context, path, failure) ??
    seenHalf(context, path, failure) ??
    switchedBack(context, path, failure);
  if (better === null) return path;
  if (better.code === 'FACT_MISSING') return undecided(path, better, failure.walk);
  const outcome = path.outcome === 'exits' ? 'dropped' : path.outcome;
  const client = path.outcome === 'exits' ? 'time-out' : path.client;
  return { ...path, outcome, client, failure: { ...better, walk: failure.walk } };
}

function unnamed(context: Context, failure: Failure): Failure | null {
  const { resolution } = context.question;
  return failure.code === 'NO_SUCH_NAME' && resolution !== null ? nameless(context, resolution) : null;
}

/**
 * An external address of a service, which no machine has: one on its link would have to answer for it (ARP, neighbour discovery), and none
 * does.
 */
function unannounced({ cluster }: Context, { forward }: FlowPath, failure: Ended): Failure | null {
  if (failure.walk !== 'forward' || failure.code !== 'NEIGHBOUR_UNREACHABLE') return null;
  const { destination } = forward.packet;
  const service = serviceAt(cluster, destination);
  if (service === null || service.clusterIps.includes(destination) || failure.facts.why === 'failed' || failure.facts.why === 'filtered')
    return null;
  const locus = service.loadBalancerIngress.find((i) => i.ip === destination)?.locus ?? at(service.locus, 'externalIPs');
  const facts = { why: 'unannounced', netns: forward.netns.name, address: destination, service: service.name } as const;
  return { code: 'NEIGHBOUR_UNREACHABLE', facts, origin: declared(locus) };
}

/** The rule about INVALID packets is right: the route that led only half of the connection there is to be looked at. */
function seenHalf(context: Context, path: FlowPath, failure: Ended): Failure | null {
  const hops = walkOf(path, failure.walk)?.hops ?? [];
  const netns = hops.at(-1)?.netns;
  if (failure.code !== 'CONNTRACK_INVALID' || netns === undefined) return null;
  const detour = detourTo(context, hops, netns);
  return detour === undefined ? null : { ...failure, origin: detour.origin };
}

/** A packet that left by the gateway for an address of the cluster. On the link of a single machine any address may exist. */
function lostOutside(context: Context, path: FlowPath, failure: Ended): Failure | null {
  const { cluster, datapath } = context;
  if (failure.code !== 'LEAVES_INPUT' || cluster.oneMachine !== null) return null;
  const walk = walkOf(path, failure.walk);
  if (walk === null || !isClusterAddress(cluster, walk.packet.destination)) return null;
  const { destination } = walk.packet;
  const wrong = strayedAt(walk.hops);
  const unserviced = unserved(context, walk, wrong?.origin ?? failure.origin, null);
  if (unserviced !== null) return unserviced;
  const service = serviceAt(cluster, destination);
  if (service?.clusterIps.includes(destination) === true && path.forward.netns.role === 'outside' && cluster.gateway !== null) {
    const facts = { why: 'cluster-ip', destination, service: service.name } as const;
    return { code: 'NO_ROUTE', facts, origin: declared(cluster.gateway.locus) };
  }
  const down = wrong === undefined ? null : deadRoute(datapath, wrong.netns, destination);
  if (down !== null) return down;
  const to = towards(cluster, destination);
  const { removedRoutes = [] } = cluster.nodes.get(wrong?.netns ?? '')?.overrides ?? {};
  const rule = wrong === undefined || wrong.table === MAIN_TABLE ? null : { table: wrong.table, priority: wrong.rulePriority };
  // Routes are taken away from the main table, which a rule's own table does without.
  // The default route is there: it was taken.
  const others = removedRoutes.filter((r) => r.prefix.length > 0);
  const removed = rule === null ? removedFor(others, destination) : null;
  return {
    code: 'NO_ROUTE',
    facts: { why: 'default-route', netns: wrong?.netns ?? null, rule, towards: to, removed: removed?.prefix ?? null },
    origin: removed?.origin ?? wrong?.origin ?? failure.origin,
  };
}

/** An answer that the bridge switched past the rules: the setting that made it so is to be looked at, not the client. */
function switchedBack({ cluster }: Context, path: FlowPath, failure: Failure): Failure | null {
  if (failure.code !== 'ASYMMETRIC_NAT') return null;
  const setting = cluster.nodes.get(path.forward.netns.node)?.overrides.sysctls.get(BRIDGE_NF_CALL[packetFamily(path.forward.packet)]);
  return setting?.value === 0 ? { ...failure, origin: setting.origin } : null;
}

/** A better route that the kernel has taken away because its device is down. */
function deadRoute(datapath: Context['datapath'], name: string, destination: IpAddress): Failure | null {
  const netns = datapath.netns(name);
  if (netns === undefined) return null;
  const { dead } = lookUp(netns, { destination, source: null, iif: null, mark: 0 });
  const device = dead?.nextHops[0]?.device;
  const origin = device === undefined ? null : netns.devices.get(device)?.down;
  if (dead === null || device === undefined || origin == null) return null;
  const facts = { device, netns: name, isOverride: true, route: 'default-instead', prefix: dead.prefix } as const;
  return { code: 'LINK_DOWN', facts, origin };
}
