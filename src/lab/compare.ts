import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Client } from '../hop/code.ts';
import type { Hop } from '../hop/hop.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import { INTERNET } from '../k8s/network.ts';
import type { TracePath } from '../trace/trace.ts';
import type { Walk } from '../walk/walk.ts';
import type { Observed } from './capture.ts';
import { type Crossing, expectedCrossings, sameCrossing } from './crossing.ts';

const WALKS = ['forward', 'reply', 'ack', 'data'] as const;
export type WalkName = (typeof WALKS)[number];

/** One walk, as the model has it and as the kernel did it. */
export interface WalkComparison {
  readonly walk: WalkName;
  readonly agrees: boolean;
  readonly model: readonly Crossing[];
  readonly kernel: readonly Crossing[];
}

/** A path of the model beside the kernel's. */
export interface Comparison {
  /** Which path of the trace, from 0. */
  readonly path: number;
  readonly agrees: boolean;
  readonly walks: readonly WalkComparison[];
  readonly client: { readonly agrees: boolean; readonly model: Client; readonly kernel: Client };
}

/** Compares with every path: the kernel took one of them. When none agrees, the one that agrees longest is shown. */
export function compare(paths: readonly TracePath[], kernel: Observed, saw: Client): Comparison {
  const all = paths.map((path, i) => comparePath(path, i, kernel, { saw, views: viewsOf(path, paths) }));
  const best = all.reduce((a, b) => (likeness(b) > likeness(a) ? b : a));
  return all.find((c) => c.agrees) ?? best;
}

/** The client's program's view, and those that a path may give it. */
interface Seen {
  readonly saw: Client;
  readonly views: readonly Client[];
}

/**
 * What is lost of a handshake is sent again, and an ICMP error that comes back while connect still has the socket is only remembered: a machine that
 * balances may choose another path for the next one. Source: tcp_v4_err, net/ipv4/tcp_ipv4.c; tcp_v6_err, net/ipv6/tcp_ipv6.c.
 */
function viewsOf(path: TracePath, paths: readonly TracePath[]): readonly Client[] {
  const { outcome, forward, reply, client } = path;
  const isTold = outcome === 'rejected' && reply !== null && reply.packet.icmp !== null;
  const isLost = client === 'time-out';
  return forward.packet.protocol === 'tcp' && (isTold || isLost) ? paths.map((p) => p.client) : [client];
}

function comparePath(path: TracePath, index: number, kernel: Observed, { saw, views }: Seen): Comparison {
  const walks = WALKS.flatMap((walk) => compareWalk(walk, path, kernel));
  const client = { agrees: !isClientKnown(path) || views.includes(saw), model: path.client, kernel: saw };
  return { path: index, agrees: client.agrees && walks.every((w) => w.agrees), walks, client };
}

/**
 * A packet that left the input may or may not be answered; and TCP sends a packet that was too large again in smaller pieces, which then
 * arrive.
 */
function isClientKnown({ outcome, failure, client }: TracePath): boolean {
  return outcome !== 'exits' && outcome !== 'undetermined' && !(failure?.walk === 'data' && client === 'message-too-long');
}

function compareWalk(name: WalkName, path: TracePath, kernel: Observed): readonly WalkComparison[] {
  const walk = path[name];
  if (!isCompared(name, path, walk)) return [];
  const model = walk === null ? [] : expectedCrossings(walk);
  const seen = walksOf(path).some(comesBack) ? ofRounds(kernel[name], name, model) : kernel[name];
  const crossings = masquerades(path) ? seen.map((c) => withoutClientPort(c, name)) : seen;
  const far = walk === null ? crossings : upToEnd(walk, crossings, model.length);
  const agrees = far.length === model.length && model.every((c, i) => sameCrossing(c, far[i]));
  return [{ walk: name, agrees, model, kernel: far }];
}

/**
 * A loop is shown up to its first repeat, and goes on until the TTL runs out. What leaves the input may be taken by a machine that the lab has in
 * the place of the internet, and of which the model says nothing.
 */
function upToEnd({ looped, end }: Walk, crossings: readonly Crossing[], length: number): readonly Crossing[] {
  if (looped) return crossings.slice(0, length);
  return end.kind === 'exits' ? crossings.filter((c, i) => i < length || c.netns !== INTERNET) : crossings;
}

const walksOf = (path: TracePath) => WALKS.flatMap((name) => path[name] ?? []);

/** The model keeps the client's port, where masquerading, or SNAT, with --random-fully may choose another. */
const masquerades = (path: TracePath) => walksOf(path).some((w) => w.hops.some((h) => rulesOf(h).some((s) => choosesPort(s.rule.target))));

const choosesPort = (target: Rule['target']): boolean =>
  (target?.kind === 'MASQUERADE' && target.randomFully) || (target?.kind === 'SNAT' && (target.randomFully ?? target.random) === true);

function rulesOf(hop: Hop): readonly RuleStep[] {
  if (hop.kind === 'nat') return hop.steps;
  return hop.kind === 'skip' && hop.skipped.mechanism === 'masquerade' ? hop.skipped.steps : [];
}

/** Does a packet get to a machine again that has translated it? In a loop, or once round by a machine that sends it back. */
function comesBack({ looped, hops }: Walk): boolean {
  const translated = hops.findIndex((h) => h.kind === 'nat');
  if (looped || translated === -1) return looped;
  const after = hops.slice(translated).map((h) => h.netns);
  const left = after.findIndex((n) => n !== after[0]);
  return left !== -1 && after.slice(left).includes(after[0] ?? '');
}

/**
 * On each round of a loop a translated packet is another connection to a machine, which gives it another port to tell them apart
 * (get_unique_tuple, net/netfilter/nf_nat_core.c). The model goes round once, so there the model's ports are taken for the kernel's.
 */
function ofRounds(kernel: readonly Crossing[], walk: WalkName, model: readonly Crossing[]): readonly Crossing[] {
  const ports = (c: Crossing | undefined) => c?.header.match(PORT) ?? [];
  return kernel.map((c, i) => {
    const theirs = ports(model[i]);
    let n = 0;
    return theirs.length === ports(c).length
      ? { ...c, header: c.header.replace(PORT, (own) => theirs[n++] ?? own) }
      : withoutClientPort(c, walk);
  });
}

function withoutClientPort(c: Crossing, walk: WalkName): Crossing {
  const header = walk === 'reply' ? c.header.replace(TO, '$1:40000') : c.header.replace(FROM, '$1:40000 >');
  return { ...c, header: header.replace(QUOTED, '$1:40000 >') };
}

/** Behind an IPv4 address, or the bracket of an IPv6 one: not a group of it. */
const PORT = /(?<=\.\d+|\]):\d+/g;
const FROM = /^((?:tcp|udp) \S+):\d+ >/;
const TO = /^((?:tcp|udp) \S+ > \S+):\d+/;
const QUOTED = /(about (?:tcp|udp) \S+):\d+ >/;

/**
 * The third packet and the data packet are compared where the model walks them; an answer or a refusal always, because one that the
 * model does not know of is a difference. The model says nothing of what happens outside.
 */
function isCompared(name: WalkName, path: TracePath, walk: Walk | null): boolean {
  // Where the input lacks the fact that decides, nothing is said of any packet.
  if (path.outcome === 'undetermined') return false;
  if (name === 'forward') return true;
  // Nobody answers there in a lab.
  if (path.outcome === 'exits' && path.failure?.walk === 'forward') return false;
  if (name === 'reply') return path.outcome !== 'exits' || walk !== null;
  return walk !== null;
}

function likeness({ walks, client }: Comparison): number {
  const same = walks.map(({ model, kernel }) => {
    const end = model.findIndex((c, i) => !sameCrossing(c, kernel[i]));
    return end === -1 ? model.length : end;
  });
  return same.reduce((sum, n) => sum + n, 0) + walks.filter((w) => w.agrees).length + (client.agrees ? 1 : 0);
}
