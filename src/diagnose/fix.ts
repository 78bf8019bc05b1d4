import type { Code } from '../hop/code.ts';
import { hasNodeState } from '../k8s/found-on.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import { BY_OLD_DESTINATION, forget } from './established.ts';
import { noEndpoints } from './fix-endpoints.ts';
import { noCommonFamily } from './fix-families.ts';
import { letPass } from './fix-firewall.ts';
import { forwardingOff } from './fix-forwarding.ts';
import * as http from './fix-http.ts';
import { noRule } from './fix-http-rule.ts';
import { missingRoute } from './fix-missing-route.ts';
import { tooLarge } from './fix-mtu.ts';
import * as names from './fix-names.ts';
import * as network from './fix-network.ts';
import * as outside from './fix-outside.ts';
import { letThrough } from './fix-policy.ts';
import { redirectLoop } from './fix-redirect.ts';
import * as routes from './fix-routes.ts';
import * as services from './fix-services.ts';
import * as sharing from './fix-sharing.ts';
import * as sockets from './fix-sockets.ts';
import * as tunnel from './fix-tunnel.ts';
import { commandsFor, nodeDown, podAbsent } from './fix-unknown.ts';
import { onMachine } from './on-machine.ts';
import type { Fix } from './remedy.ts';
import { type Ended, type Fixer, sceneOf } from './scene.ts';
import { staleTarget } from './stale-target.ts';

/** The change to make, in terms of the user's own file where that says it. */
export function fixesFor<C extends Code>(context: Context, path: FlowPath, failure: Ended<C>): readonly Fix[] {
  const forgotten = forget(context, path, failure.code);
  if (forgotten !== null) return forgotten;
  const stale = staleTarget(context, path, failure.walk);
  if (stale !== null && BY_OLD_DESTINATION.has(failure.code)) return [stale];
  const scene = sceneOf(context, path, failure);
  const fixes = [...(OF_TUNNELS.has(failure.code) ? [] : tunnel.elsewhere(scene)), ...FIXES[failure.code](scene)];
  return hasNodeState(context.cluster) ? [...(stale === null ? [] : [stale]), ...fixes.map((fix) => onMachine(context, fix))] : fixes;
}

/** Their own fixes say all about the tunnel's ends. */
const OF_TUNNELS: ReadonlySet<Code> = new Set<Code>(['TUNNEL_PEER_UNKNOWN', 'TUNNEL_MISMATCH', 'TUNNEL_FILTERED']);

const nothing: Fixer = () => [];

/**
 * The fix for a missing fact, by its subject: a part of the cluster, an endpoint, the owner of an address on a link, the controller of a
 * URL, a name, shared resources of containers.
 */
const unknown: Fixer<'FACT_MISSING'> = (scene) => {
  const commands = commandsFor(scene);
  if (commands !== null) return commands;
  const { http: plan, over } = scene.context.question;
  if ('why' in scene.facts && scene.facts.why === 'endpoint-twice') return services.stateOnce(scene.facts.copies);
  if ('why' in scene.facts && scene.facts.why === 'answers-as') return [network.callOne(scene.facts.netns)];
  if (plan !== null) return http.missingFact(scene);
  return over === 'network' ? names.unknownName(scene) : sharing.missingFact(scene);
};

const FIXES: { readonly [C in Code]: Fixer<C> } = {
  NO_ROUTE: missingRoute,
  BLACKHOLE_ROUTE: routes.takeRouteAway,
  UNREACHABLE_ROUTE: outside.unreachable,
  PROHIBIT_ROUTE: routes.takeRouteAway,
  NEIGHBOUR_UNREACHABLE: network.nobodyThere,
  NEXT_HOP_UNKNOWN: network.unknownNextHop,
  LINK_DOWN: routes.linkDown,
  FORWARDING_DISABLED: forwardingOff,
  REVERSE_PATH_FILTER: routes.reversePath,
  SOURCE_CHECK: network.sourceChecked,
  MARTIAN_ADDRESS: network.martian,
  MTU_EXCEEDED: tooLarge,
  TTL_EXPIRED: routes.tooFar,
  ROUTING_LOOP: routes.loop,
  FILTER_DROP: network.changeRule('dropped'),
  FILTER_REJECT: network.changeRule('refused'),
  CONNTRACK_INVALID: routes.invalid,
  FIREWALL_DENIED: letPass,
  POLICY_DEFAULT_DENY: letThrough,
  POLICY_EXPLICIT_DENY: letThrough,
  HAIRPIN_OFF: network.hairpinOff,
  TUNNEL_PEER_UNKNOWN: tunnel.peerUnknown,
  TUNNEL_MISMATCH: tunnel.mismatch,
  TUNNEL_FILTERED: tunnel.filtered,
  NO_SUCH_NAME: names.noSuchName,
  NO_SUCH_PORT: (scene) => http.backendPort(scene) ?? services.otherPort(scene),
  TARGET_PORT_UNRESOLVED: services.unresolvedPort,
  NO_ENDPOINTS: (scene) => http.externalBackend(scene) ?? noEndpoints(scene),
  NO_READY_ENDPOINTS: services.notReady,
  NO_LOCAL_ENDPOINTS: services.noLocalEndpoints,
  SOURCE_RANGE_DENIED: services.sourceRange,
  LOAD_BALANCER_PENDING: outside.balancerPending,
  PROXY_NOT_RUNNING: services.proxyOff,
  IP_FAMILY_MISMATCH: noCommonFamily,
  POD_NOT_RUNNING: podAbsent,
  NODE_NOT_READY: ({ facts }) => [nodeDown(facts.node)],
  NOBODY_LISTENS: (scene) => outside.noLoopback(scene) ?? sockets.nobodyListens(scene),
  LISTENS_ON_LOOPBACK: sockets.onLoopback,
  ASYMMETRIC_NAT: services.asymmetricNat,
  RETURN_PATH_BROKEN: routes.answerAstray,
  PRIVATE_TO_INTERNET_WITHOUT_NAT: outside.withoutNat,
  NO_INGRESS_RULE: noRule,
  NO_INGRESS_CLASS: http.noClass,
  ROUTE_NOT_ACCEPTED: http.notAccepted,
  BACKEND_SERVICE_MISSING: http.noBackend,
  REFERENCE_NOT_PERMITTED: http.noGrant,
  REDIRECT_LOOP: redirectLoop,
  NO_SHARED_NAMESPACE: sharing.noNamespace,
  NO_SHARED_VOLUME: sharing.noVolume,
  VOLUME_READ_ONLY: sharing.readOnly,
  LEAVES_INPUT: nothing,
  FACT_MISSING: unknown,
};
