import type { FlowPath, WalkName } from '../flow.ts';
import type { Code } from '../stage/code.ts';
import type { Failure } from '../stage/skb.ts';
import type { Context } from './context.ts';
import { letPass } from './firewall.ts';
import * as names from './fix-names.ts';
import * as network from './fix-network.ts';
import * as outside from './fix-outside.ts';
import * as routes from './fix-routes.ts';
import * as services from './fix-services.ts';
import * as sharing from './fix-sharing.ts';
import { type Fixer, sceneOf } from './scene.ts';

/** What to change, in terms of the user's own file where that says it. */
export function fixesFor(context: Context, path: FlowPath, failure: Failure & { readonly walk: WalkName }): readonly string[] {
  return FIXES[failure.code](sceneOf(context, path, failure));
}

const nothing: Fixer = () => [];

const FIXES: Readonly<Record<Code, Fixer>> = {
  NO_ROUTE: routes.missingRoute,
  BLACKHOLE_ROUTE: routes.takeRouteAway,
  UNREACHABLE_ROUTE: outside.unreachable,
  PROHIBIT_ROUTE: routes.takeRouteAway,
  NEIGHBOUR_UNREACHABLE: network.nobodyThere,
  NEXT_HOP_UNKNOWN: network.unknownNextHop,
  LINK_DOWN: network.linkDown,
  FORWARDING_DISABLED: network.forwardingOff,
  REVERSE_PATH_FILTER: routes.reversePath,
  MARTIAN_ADDRESS: network.martian,
  MTU_EXCEEDED: network.tooLarge,
  TTL_EXPIRED: routes.tooFar,
  ROUTING_LOOP: routes.loop,
  FILTER_DROP: network.changeRule('dropped'),
  FILTER_REJECT: network.changeRule('refused'),
  CONNTRACK_INVALID: routes.invalid,
  FIREWALL_DENIED: letPass,
  HAIRPIN_OFF: network.hairpinOff,
  NO_SUCH_NAME: names.noSuchName,
  NO_SUCH_PORT: services.otherPort,
  TARGET_PORT_UNRESOLVED: services.unresolvedPort,
  NO_ENDPOINTS: services.noEndpoints,
  NO_READY_ENDPOINTS: services.notReady,
  NO_LOCAL_ENDPOINTS: services.noLocalEndpoints,
  SOURCE_RANGE_DENIED: services.sourceRange,
  LOAD_BALANCER_PENDING: outside.balancerPending,
  PROXY_NOT_RUNNING: services.proxyOff,
  NOBODY_LISTENS: services.nobodyListens,
  LISTENS_ON_LOOPBACK: services.onLoopback,
  ASYMMETRIC_NAT: services.asymmetricNat,
  RETURN_PATH_BROKEN: routes.answerAstray,
  PRIVATE_TO_INTERNET_WITHOUT_NAT: outside.withoutNat,
  NO_SHARED_NAMESPACE: sharing.noNamespace,
  NO_SHARED_VOLUME: sharing.noVolume,
  VOLUME_READ_ONLY: sharing.readOnly,
  LEAVES_INPUT: nothing,
  FACT_MISSING: (scene) => (scene.context.question.over === 'network' ? names.unknownName(scene) : sharing.missingFact(scene)),
};
