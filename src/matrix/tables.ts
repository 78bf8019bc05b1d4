import type { Network } from '../k8s/compiled-network.ts';
import { key } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import type { IpFamily } from '../net/address.ts';
import type { Answer, Answers } from './answers.ts';
import { sourceOf } from './asked-by-trace.ts';
import type { Asked, Calls } from './calls.ts';
import { nodeOf, thingOf } from './end.ts';
import type { Localities } from './localities.ts';
import type { Connection } from './matrix.ts';
import type { End } from './question.ts';
import type { Tally } from './rows.ts';
import type { Said } from './sayings.ts';
import type { Saying, Scripted } from './script.ts';
import { type Call, type Way, wayOf } from './way.ts';

/** What is asked of an end of one sort by ends of another, in one family. */
export interface Table {
  /** Those that the two ends decide, and what policies say about them. */
  readonly ways: readonly { readonly asked: Asked; readonly way: Way }[];
  /** Those where it matters which endpoints of a service are near. */
  readonly near: readonly { readonly asked: Asked; readonly service: Service }[];
  /** Those of which each two ends have to be asked by themselves. */
  readonly single: readonly Asked[];
  /** Do policies at either end matter to any? */
  readonly egress: boolean;
  readonly ingress: boolean;
  /** As the policies at the called end see the caller. */
  readonly fromWorld: boolean | null;
  readonly family: IpFamily;
  /** By what is said at the caller's end, and at the other one. */
  readonly leaves: Leaf[][];
}

/** What is said of a call between ends of which policies say so. */
export interface Leaf {
  /** Of one pair. */
  readonly tallies: readonly Tally[];
  readonly near: Table['near'];
  readonly single: readonly Asked[];
  /** The rows of any number of pairs, where this is all that is said of them. */
  rows: readonly Connection[] | null;
}

/** Where the same is said, it is the same object. */
export class Leaves {
  readonly #known = new Map<string, Leaf>();

  of(leaf: Leaf, text: string): Leaf {
    const known = this.#known.get(text) ?? leaf;
    this.#known.set(text, known);
    return known;
  }
}

export interface Tabling {
  readonly network: Network;
  readonly script: Scripted | null;
  readonly answers: Answers;
  readonly calls: Calls;
  readonly localities: Localities;
  readonly leaves: Leaves;
  /** By all that a way hangs on. */
  readonly ways: Map<string, Way>;
  /** Null: it is nobody else's. */
  wayKey(call: Call): string | null;
}

/** Two ends that stand for others of their sorts. */
export function tableOf(tabling: Tabling, caller: End, callee: End, family: IpFamily): Table {
  const { network, calls, localities } = tabling;
  const fromOutside = caller.kind === 'outside';
  const isAsked = sourceOf(network.cluster, caller, family) !== null;
  const ways: { readonly asked: Asked; readonly way: Way }[] = [];
  const near: { readonly asked: Asked; readonly service: Service }[] = [];
  const single: Asked[] = [];
  let world: boolean | null | undefined;
  for (const asked of isAsked ? calls.of(callee, family) : []) {
    const target = calls.target(callee, family, fromOutside, asked);
    if (target === null) continue;
    const service = localities.serviceOf(callee, target);
    if (service !== null) {
      near.push({ asked, service });
      continue;
    }
    const call: Call = { caller, callee, target, family };
    const way = knownWay(tabling, call);
    if (way.asks?.ingress === true) world ??= way.asks.fromWorld;
    const isOdd = way.asks === null || (way.asks.ingress && way.asks.fromWorld !== world);
    if (isOdd) single.push(asked);
    else ways.push({ asked, way });
  }
  return {
    ways,
    near,
    single,
    egress: ways.some((w) => w.way.asks?.egress === true),
    ingress: ways.some((w) => w.way.asks?.ingress === true),
    fromWorld: world ?? false,
    family,
    leaves: [],
  };
}

function knownWay({ network, script, answers, ways, wayKey }: Tabling, call: Call): Way {
  const name = wayKey(call);
  const known = name === null ? undefined : ways.get(name);
  const way = known ?? wayOf(network, script, answers, call);
  if (name !== null) ways.set(name, way);
  return way;
}

export function leafOf(leaves: Leaves, { ways, near, single, family }: Table, egress: Said | null, ingress: Said | null): Leaf {
  const tallies: Tally[] = [];
  const texts: string[] = [family];
  const add = ({ protocol }: Asked, ports: Tally['ports'], { id, ended }: Answer) => {
    tallies.push({ protocol, ports, pairs: 1, ended });
    texts.push(`${protocol} ${ports?.first} ${ports?.last} ${id}`);
  };
  const alone: Asked[] = [...single];
  for (const { asked, way } of ways) {
    const { protocol, first, last } = asked;
    const out = way.asks?.egress === true ? egress : null;
    const into = way.asks?.ingress === true ? ingress : null;
    const at = (port: number | null) => way.answer(out?.at(protocol, port) ?? (0 as Saying), into?.at(protocol, port) ?? (0 as Saying));
    if (protocol === 'icmp' || first === null || last === null) {
      const answer = at(null);
      if (answer === null) alone.push(asked);
      else add(asked, null, answer);
      continue;
    }
    const starts = [first, ...[out, into].flatMap((s) => s?.starts(protocol) ?? []).filter((s) => s > first && s <= last)];
    const inOrder = [...new Set(starts)].sort((a, b) => a - b);
    for (const [i, start] of inOrder.entries()) {
      const end = (inOrder[i + 1] ?? last + 1) - 1;
      const answer = at(start);
      if (answer === null) alone.push({ protocol, first: start, last: end });
      else add(asked, { first: start, last: end }, answer);
    }
  }
  for (const { asked, service } of near) texts.push(`near ${key(service)} ${asked.protocol} ${asked.first}`);
  for (const { protocol, first, last } of alone) texts.push(`alone ${protocol} ${first} ${last}`);
  return leaves.of({ tallies, near, single: alone, rows: null }, texts.join('\n'));
}

type BySort = Map<number, Map<string, End[]>>;

/** Ends of each sort, at most two a node, to ask about. */
export class Stands {
  readonly #callers: BySort = new Map();
  readonly #callees: BySort = new Map();

  add(role: 'caller' | 'callee', sort: number, end: End): void {
    const bySort = role === 'caller' ? this.#callers : this.#callees;
    const nodes = bySort.get(sort) ?? new Map<string, End[]>();
    bySort.set(sort, nodes);
    const node = nodeOf(end) ?? '';
    const known = nodes.get(node);
    if (known === undefined) nodes.set(node, [end]);
    else if (known.length < 2 && known[0] !== undefined && thingOf(known[0]) !== thingOf(end)) known.push(end);
  }

  /** Two that are on one node, or are not; null: there are none. */
  pair(from: number, to: number, onOneNode: boolean): readonly [End, End] | null {
    const [callers, callees] = [this.#callers.get(from), this.#callees.get(to)];
    if (callers === undefined || callees === undefined) return null;
    for (const [node, some] of callers)
      for (const [other, others] of onOneNode ? [[node, node === '' ? [] : (callees.get(node) ?? [])] as const] : callees) {
        if (!onOneNode && node === other && node !== '') continue;
        for (const caller of some) for (const callee of others) if (thingOf(caller) !== thingOf(callee)) return [caller, callee];
      }
    return null;
  }
}
