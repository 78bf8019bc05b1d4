import type { RouteMatch } from '../datapath/fib.ts';
import type { Device } from '../datapath/netns.ts';
import { rewrite } from '../net/change.ts';
import { fits, mtuTowards, tooLargeFor } from './mtu.ts';
import type { End, Next } from './next.ts';
import { nextHopsOf, setDestination } from './next-hop.ts';
import { note } from './note.ts';
import { icmpError } from './refusal.ts';
import { checkSource, forwardingOff6, type InputDecision, routeInput } from './routing.ts';
import { fork, type Skb } from './skb.ts';
import { lostAt, undecidedEnd } from './undecided-way.ts';

/** A packet that came in: is it for this machine, for another one, or for none? */
export function routeInputStage(skb: Skb): Next {
  const { input } = skb;
  if (input === null) throw new Error('a packet that came in has an input device');
  const decision = routeInput(skb, input);
  if (decision.kind === 'martian') return { end: lostAt(decision.failure) };
  if (decision.kind === 'undecided') return { end: undecidedEnd(decision, skb) };
  if (decision.kind === 'error') return refuse(skb, decision);
  if (decision.kind === 'local') {
    setDestination(skb, decision.match, decision.match.nextHops[0] ?? null);
    noteRoute(skb, decision.match, skb.destination?.nextHop ?? null);
    return { go: 'input' };
  }
  const off = forwardingOff6(skb);
  if (off !== null) return refuse(skb, { kind: 'error', match: decision.match, failure: off, icmp: null });
  return eachWay(skb, decision.match, (branch) => sourceChecked(branch, input) ?? forwardTo(branch, decision.match, input));
}

/** Runs `then` for every next hop of the route, with the packet's destination set. */
export function eachWay(skb: Skb, match: RouteMatch, then: (skb: Skb) => Next): Next {
  const ways = nextHopsOf(skb, match);
  const [only] = ways;
  if (only !== undefined && ways.length === 1) {
    setDestination(skb, match, only.nextHop);
    return then(skb);
  }
  return {
    forks: ways.map(({ nextHop, share }) => {
      const branch = fork(skb, share);
      setDestination(branch, match, nextHop);
      return { skb: branch, next: then(branch) };
    }),
  };
}

/** The end of a packet whose source may not come in by `input`; null: it goes on. Source: __mkroute_input, net/ipv4/route.c. */
export function sourceChecked(skb: Skb, input: Device): { readonly end: End } | null {
  const failure = checkSource(skb, input, skb.destination?.device ?? null);
  return failure === null ? null : { end: lostAt(failure) };
}

/** ip_forward: first the TTL, then the size, and only then netfilter's FORWARD. Source: net/ipv4/ip_forward.c. */
function forwardTo(skb: Skb, match: RouteMatch, input: Device): Next {
  const { packet, netns, destination } = skb;
  const output = destination?.device ?? null;
  if (packet.ttl <= 1) {
    noteRoute(skb, match, destination?.nextHop ?? null);
    const failure = { code: 'TTL_EXPIRED', facts: { netns: netns.name }, origin: match.route.origin } as const;
    return { end: { kind: 'refused', failure, refusal: icmpError(skb, 'ttl-exceeded') } };
  }
  if (output !== null && !fits(skb, output)) {
    noteRoute(skb, match, destination?.nextHop ?? null);
    const mtu = mtuTowards(skb, output);
    const failure = tooLargeFor(output, 'router', packet.size, mtu);
    return { end: { kind: 'refused', failure, refusal: icmpError(skb, 'fragmentation-needed', mtu.bytes) } };
  }
  const aged = rewrite(packet, { ttl: packet.ttl - 1 });
  skb.packet = aged.packet;
  const nextHop = destination?.nextHop ?? null;
  note(skb, {
    kind: 'route',
    table: match.table,
    route: match.route,
    nextHop,
    rulePriority: match.rule.priority,
    changes: aged.changes,
    origin: match.route.origin,
    device: input.name,
  });
  skb.output = output;
  return { go: 'forward' };
}

export function noteRoute(skb: Skb, match: RouteMatch, nextHop: RouteMatch['nextHops'][number] | null): void {
  note(skb, {
    kind: 'route',
    table: match.table,
    route: match.route,
    nextHop,
    rulePriority: match.rule.priority,
    origin: match.route.origin,
  });
}

function refuse(skb: Skb, { match, failure, icmp }: Extract<InputDecision, { kind: 'error' }>): Next {
  if (match !== null) noteRoute(skb, match, null);
  if (icmp === null) return { end: { kind: 'lost', failure } };
  return { end: { kind: 'refused', failure, refusal: icmpError(skb, icmp) } };
}
