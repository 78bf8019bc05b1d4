import { printRule } from '../datapath/netfilter/print-rule.ts';
import type { LinkChain, NftTable, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Device } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import { originOf } from '../hop/rule-step.ts';
import { packetFamily } from '../net/packet.ts';
import type { Question } from './arp.ts';
import { passesArp } from './arp-rules.ts';
import { traverse } from './chain.ts';
import type { End } from './next.ts';
import { inferredOrigin } from './note.ts';
import { fork, rulesetOf, type Skb } from './skb.ts';
import type { Traversal } from './traversal.ts';
import { isMaster } from './unseen-port.ts';

/** A chain of nft below IP: at a device, or at a bridge. */
interface Below {
  readonly table: NftTable;
  readonly link: LinkChain;
}

/**
 * Looks at the chains of a device or a bridge, which may let the packet pass unchanged. Other effects are not modelled: the walk is
 * undetermined at the first chain that may have one. Null: the chains let it pass.
 */
export function atDevice(skb: Skb, hook: 'ingress' | 'egress', { name }: Device): End | null {
  if (!hasChains(skb)) return null;
  const isThere = ({ table, link }: Below) =>
    (table.family === 'netdev' || table.family === 'inet') &&
    link.hook === hook &&
    // nft -j of 1.0.6 does not say of which device a chain is: it may be of any.
    (link.devices.length === 0 || link.devices.some((d) => d === name || (d.endsWith('*') && name.startsWith(d.slice(0, -1)))));
  return firstStop(skb, isThere, hook);
}

/** The ports stand for the bridge here, as the rules of a bridge name them. */
export function onBridge(skb: Skb, ...hooks: readonly ('prerouting' | 'input' | 'forward' | 'output' | 'postrouting')[]): End | null {
  if (!hasChains(skb)) return null;
  for (const hook of hooks) {
    const end = firstStop(skb, ({ table, link }) => table.family === 'bridge' && link.hook === hook, hook);
    if (end !== null) return end;
  }
  return null;
}

/**
 * A bridge whose ports are not followed: the port by which a frame came in, unless the question names it, and the one by which it leaves
 * are not known.
 */
export function onUnseenBridge(skb: Skb, device: Device, way: 'in' | 'out'): End | null {
  if (!hasChains(skb) || device.kind !== 'opaque') return null;
  const { devices } = skb.netns;
  const bridge = device.master === undefined ? device : devices.get(device.master);
  if (bridge === undefined || (bridge === device && device.type !== 'bridge' && !isMaster(device))) return null;
  const somePort: Device = { ...device, unnamed: { among: null } };
  const isSwitched = way === 'out' && skb.input === bridge;
  const hooks = way === 'in' ? ['prerouting', 'input'] : isSwitched ? ['forward', 'postrouting'] : ['output', 'postrouting'];
  const input = way === 'out' ? (isSwitched ? somePort : skb.input) : bridge === device ? somePort : device;
  const seen = { ...fork(skb, 1), input, output: way === 'out' ? somePort : skb.output };
  for (const hook of hooks) {
    const end = firstStop(seen, ({ table, link }) => table.family === 'bridge' && link.hook === hook, hook);
    if (end !== null) return end;
  }
  return null;
}

/** ARP's packets are not followed: a chain that may drop one leaves open whether a neighbour is found. */
export function askedForNeighbour(skb: Skb, target: Device, question: Question): End | null {
  const isElsewhere = target.netns !== skb.netns;
  if (!hasChains(skb) && !(isElsewhere && hasChains({ netns: target.netns, packet: skb.packet }))) return null;
  if (packetFamily(skb.packet) !== 'IPv4') return null;
  const isArp = ({ table, link }: Below, isAsker: boolean) => table.family === 'arp' && !passesArp(link, question, isAsker);
  for (const at of isElsewhere ? [skb, { ...skb, netns: target.netns }] : [skb])
    for (const below of chainsOf(at)) if (isArp(below, at === skb)) return stopped(at, below, null, below.link.hook);
  return null;
}

/** Has the machine such chains? Only found rules have. */
function hasChains({ netns, packet }: Pick<Skb, 'netns' | 'packet'>): boolean {
  for (const table of netns.rulesets[packetFamily(packet)].nft) if (table.links !== undefined && table.links.length > 0) return true;
  return false;
}

function* chainsOf(skb: Skb): Generator<Below> {
  for (const table of rulesetOf(skb).nft) for (const link of table.links ?? []) yield { table, link };
}

function firstStop(skb: Skb, isThere: (below: Below) => boolean, hook: string): End | null {
  for (const below of chainsOf(skb)) {
    if (!isThere(below) || !mayStop(below.link)) continue;
    const { table, link } = below;
    // A module that may be there or not tracks connections on bridges: nf_conntrack_bridge.
    if (table.family === 'bridge' && table.tracksConnections === true) return stopped(skb, below, link.chain.rules()[0] ?? null, hook);
    const ways = traverse(table, link.chain, seenBy(skb));
    const [only] = ways;
    if (only !== undefined && ways.length === 1 && isDropped(only, link) && isPlaced(below)) return lost(skb, below, only);
    const rule = stopping(skb, below, ways);
    if (rule !== undefined) return stopped(skb, below, rule, hook);
  }
  return null;
}

/** Is the place of the chain known? */
const isPlaced = ({ table, link }: Below): boolean => table.family === 'bridge' || link.devices.length > 0;

/** Does it do more than let all pass, and count? What a policy drops may be ARP's packets, too. */
const mayStop = ({ chain, policy }: LinkChain): boolean =>
  policy === 'DROP' || chain.rules().some(({ target }) => target !== null && target.kind !== 'ACCEPT' && target.kind !== 'RETURN');

/** The rule that this packet does not simply pass; null: the chain may drop ARP's, without which it goes nowhere. Undefined: there is none. */
function stopping(skb: Skb, { link: { chain, policy } }: Below, ways: readonly Traversal[]): Rule | null | undefined {
  if (policy === 'DROP') return null;
  const stop = ways.find((way) => !isPassed(way, skb));
  if (stop !== undefined) return ruleOf(stop);
  return chain.rules().some(({ matches, target }) => matches.length === 0 && target?.kind === 'DROP') ? null : undefined;
}

/** The port stands for the bridge. */
const seenBy = (skb: Skb): Skb => ({ ...fork(skb, 1), input: skb.inputPort ?? skb.input, output: skb.outputPort ?? skb.output });

const isDropped = ({ verdict }: Traversal, { policy }: LinkChain) => (verdict === null ? policy === 'DROP' : verdict.kind === 'DROP');

/** The end at a chain that drops the packet in any case. */
function lost({ netns }: Skb, { table, link: { chain, policyOrigin } }: Below, { verdict, steps }: Traversal): End {
  const by = verdict === null ? undefined : steps?.last;
  const facts = { netns: netns.name, table: table.name, base: chain.name, chain: by?.chain ?? null };
  const origin = (by === undefined ? policyOrigin : originOf(by)) ?? inferredOrigin;
  return { kind: 'lost', failure: { code: 'FILTER_DROP', facts, origin } };
}

const isPassed = ({ verdict, mark, ttl, untracked }: Traversal, skb: Skb): boolean =>
  (verdict === null || verdict.kind === 'ACCEPT') && mark === skb.mark && ttl === skb.packet.ttl && !untracked;

const ruleOf = ({ verdict, steps }: Traversal): Rule | null => (verdict?.kind === 'UNKNOWN' ? verdict.rule : (steps?.last.rule ?? null));

function stopped({ netns }: Skb, { table, link }: Below, rule: Rule | null, hook: string): End {
  const where = { netns: netns.name, table: `${table.family} ${table.name}`, chain: link.chain.name, hook };
  const facts = { why: 'below-ip', ...where, devices: link.devices, rule: rule === null ? null : printRule(rule) } as const;
  const origin = (rule ?? link.chain.rules()[0])?.origin ?? inferredOrigin;
  const failure: Failure = { code: 'FACT_MISSING', facts, origin };
  return { kind: 'undetermined', failure };
}
