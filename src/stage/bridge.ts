import type { Device, Veth } from '../datapath/netns.ts';
import { bridgeNfCall } from '../datapath/sysctl.ts';
import { packetFamily } from '../net/packet.ts';
import { onBridge } from './below-ip.ts';
import { loopbackOnLink } from './hooks.ts';
import { keptApart, maybeKeptApart } from './isolated.ts';
import { leave } from './leave.ts';
import { resolve } from './neighbour.ts';
import { throughHook } from './netfilter.ts';
import type { Next } from './next.ts';
import { note, noteCrossing } from './note.ts';
import { unresolved } from './refusal.ts';
import { eachWay, sourceChecked } from './route-input.ts';
import { routeInput } from './routing.ts';
import { rulesetOf, type Skb } from './skb.ts';
import { isStranger, outOfPort } from './transmit.ts';
import { lostAt, undecidedEnd } from './undecided-way.ts';
import { isAcross, portOfKnown, somePort } from './unseen-port.ts';

/**
 * A frame comes in by a bridge port. With bridge-nf-call-iptables the IP tables see it here already, PREROUTING first, as if it had
 * come in by the bridge. Source: net/bridge/br_netfilter_hooks.c.
 */
export function bridge(skb: Skb): Next {
  const port = skb.input;
  if (port?.kind !== 'veth' || port.master === null) throw new Error('a bridge gets its frames by a port');
  return onto(skb, port, port.master);
}

/** A packet that comes onto the bridge. `port`: null, where its port is not known. */
export function onto(skb: Skb, port: Device | null, master: Device): Next {
  const isToStranger = isAcross(skb, master);
  if (isToStranger) skb.frameTo = portOfKnown(master, skb)?.peer ?? null;
  skb.input = master;
  skb.inputPort = port ?? somePort(master, null);
  skb.bridged = master;
  const stop = onBridge(skb, 'prerouting');
  if (stop !== null) return { end: stop };
  const callsIptables = bridgeNfCall(skb.netns.sysctls, packetFamily(skb.packet));
  if (callsIptables.value === 0) {
    if (rulesetOf(skb).tracksConnections)
      note(skb, { kind: 'skip', skipped: { mechanism: 'bridge-netfilter', bridge: master.name }, origin: callsIptables.origin });
    return switchFrame(skb, { port, master, isToStranger }, false);
  }
  if (port?.kind === 'veth') skb.seenAt = port;
  const called = skb.packet.destination;
  return throughHook(skb, 'PREROUTING', (out) =>
    out.packet.destination === called ? switchFrame(out, { port, master, isToStranger }, true) : redirect(out, port, master),
  );
}

/** The port by which a frame came in, and whether its receiver is behind a port that is not known. */
interface Arrival {
  readonly port: Device | null;
  readonly master: Device;
  readonly isToStranger: boolean;
}

/**
 * br_nf_pre_routing_finish: DNAT changed the destination on the bridge. When the new one is behind the same bridge, the frame stays on
 * it with the new neighbour's MAC; else it goes up to the IP stack, routed already.
 */
function redirect(skb: Skb, port: Device | null, master: Device): Next {
  const decision = routeInput(skb, master);
  if (decision.kind === 'martian') return { end: lostAt(decision.failure) };
  if (decision.kind === 'undecided') return { end: undecidedEnd(decision, skb) };
  // br_nf_pre_routing_finish_ipv6 frees a packet that has no route; its IPv4 twin lets the IP stack say so.
  if (decision.kind === 'error' && packetFamily(skb.packet) === 'IPv6') return { end: { kind: 'lost', failure: decision.failure } };
  if (decision.kind !== 'forward') return up(skb, master, true);
  return eachWay(skb, decision.match, (branch) => {
    const refused = sourceChecked(branch, master);
    if (refused !== null) return refused;
    if (branch.destination?.device !== master) return up(branch, master, true);
    const via = branch.destination.nextHop?.via ?? null;
    const found = resolve(master, via ?? branch.packet.destination, via !== null, branch);
    if ('failure' in found && branch.netns.strangers === true && isStranger(found.failure)) {
      branch.frameTo = null;
      return switchFrame(branch, { port, master, isToStranger: true }, true);
    }
    if ('failure' in found && found.failure.code === 'FACT_MISSING') return { end: lostAt(found.failure) };
    if ('failure' in found) return unresolved(branch, found.failure);
    if ('astray' in found) return { end: { kind: 'lost', failure: found.astray } };
    branch.frameTo = found.device;
    return switchFrame(branch, { port, master, isToStranger: false }, true);
  });
}

/** The forwarding decision by destination MAC. */
function switchFrame(skb: Skb, { port, master, isToStranger }: Arrival, netfilter: boolean): Next {
  const to = skb.frameTo;
  if (to === master || (to === null && !isToStranger)) return up(skb, master, netfilter);
  const out = to === null ? null : portTowards(to, master);
  if (out === null && !isToStranger) throw new Error('a frame on a bridge is for the bridge or for somebody behind one of its ports');
  if (out !== null && out === port && !out.hairpin) {
    const facts = { bridge: master.name, port: out.name };
    return { end: { kind: 'lost', failure: { code: 'HAIRPIN_OFF', facts, origin: out.hairpinOrigin ?? out.origin } } };
  }
  const { destination } = skb.packet;
  const kept = out === null ? maybeKeptApart(port, master, destination) : keptApart(port, out, master, destination);
  if (kept !== null) return { end: lostAt(kept) };
  note(skb, { kind: 'bridge', bridge: master.name, port: out?.name ?? null, verdict: 'forwarded', origin: (out ?? master).origin });
  skb.outputPort = out ?? somePort(master, port);
  skb.output = master;
  const stop = onBridge(skb, 'forward', 'postrouting');
  if (stop !== null) return { end: stop };
  const last = (done: Skb): Next => (out === null ? leave(done, master) : outOfPort(done, out, netfilter));
  if (!netfilter) return last(skb);
  return throughHook(skb, 'FORWARD', (forwarded) => {
    // br_nf_post_routing
    forwarded.hidesInput = true;
    return throughHook(forwarded, 'POSTROUTING', (done) => {
      done.hidesInput = false;
      return last(done);
    });
  });
}

/** The FDB: a MAC is behind the port whose other end has it. */
function portTowards(to: Device, master: Device): Veth | null {
  return to.kind === 'veth' && to.peer?.master === master ? to.peer : null;
}

/** To the bridge device itself, and so to the IP stack; PREROUTING is not run twice (ip_sabotage_in). */
function up(skb: Skb, master: Device, ranPrerouting: boolean): Next {
  note(skb, { kind: 'bridge', bridge: master.name, port: skb.inputPort?.name ?? null, verdict: 'passed-up', origin: master.origin });
  const stop = onBridge(skb, 'input');
  if (stop !== null) return { end: stop };
  skb.bridged = null;
  skb.inputPort = null;
  noteCrossing(skb, 'in', master);
  const outlaw = loopbackOnLink(skb);
  if (outlaw !== null) return { end: { kind: 'lost', failure: outlaw } };
  return { go: ranPrerouting ? 'route-input' : 'prerouting' };
}
