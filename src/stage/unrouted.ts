import { LOCAL_TABLE, type NoRoute, type RouteMatch } from '../datapath/fib.ts';
import { isForHere, type Route } from '../datapath/route.ts';
import { familyOf, formatAddress } from '../net/address.ts';
import { DEFAULT_PREFIX } from '../net/prefix.ts';
import { mayBeOwn } from './address-type.ts';
import type { Skb } from './skb.ts';
import { supposedOf } from './supposed.ts';
import type { UndecidedWay } from './undecided-way.ts';
import { NO_ROUTES, untoldFacts } from './untold.ts';

const NEITHER = 'neither addresses nor routes of it were given';

/** The route of a packet; where its destination may be an address of the machine's own, that is tried as well. */
export function ownOrNot(skb: Skb, found: RouteMatch | NoRoute): RouteMatch | NoRoute | UndecidedWay {
  const { netns, packet } = skb;
  const { unrouted } = netns;
  const { destination } = packet;
  if (unrouted === undefined || found.route === null || isForHere(found.route) || !mayBeOwn(skb, destination)) return found;
  const { origin } = netns;
  const supposed = supposedOf(unrouted, skb);
  if (supposed === null) {
    const untold = { ...NO_ROUTES, what: `whether ${formatAddress(destination)} is one of the addresses`, because: NEITHER };
    return { kind: 'undecided', failure: { code: 'FACT_MISSING', facts: untoldFacts(netns.name, untold), origin }, of: unrouted };
  }
  if (!supposed) return found;
  const nextHops = [{ via: null, device: 'lo', weight: 1 }];
  const route: Route = { prefix: DEFAULT_PREFIX[familyOf(destination)], type: 'local', metric: 0, nextHops, source: null, origin };
  return { route, rule: found.rule, table: LOCAL_TABLE, nextHops, dead: null };
}
