import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Protocol } from '../net/packet.ts';
import { type Bits, countOf, numbersIn } from '../reach/pairs/bits.ts';
import type { Decided } from '../reach/pairs/decided.ts';
import { type Own, type PolicyPairs, policyPairs } from '../reach/pairs/index.ts';
import type { Peers } from '../reach/pairs/peers.ts';
import { WITH_PORTS } from '../reach/ports.ts';
import type { Saying } from './script.ts';

/** What a pod's policies say of all ports in one direction, towards one peer. */
export interface Said {
  /** Of what is said alike, the same. */
  readonly id: number;
  at(protocol: Protocol, port: number | null): Saying;
  /** The first ports of intervals, ascending. */
  starts(protocol: Exclude<Protocol, 'icmp'>): readonly number[];
}

/** What policies say between any two ends. */
export interface Sayings {
  readonly peers: Peers;
  /** By the number of the peer, the number of what is said. */
  of(pod: Pod, direction: PolicyDirection): Uint32Array;
  said(id: number): Said;
}

/** Null: nobody enforces policies. */
export function sayingsOf(cluster: Cluster): Sayings | null {
  const pairs = policyPairs(cluster);
  if (pairs === null) return null;
  const all = new Saids();
  const known = new Map<string, Uint32Array>();
  return {
    peers: pairs.peers,
    of(pod, direction) {
      const own = pairs.own(pod, direction);
      const key = `${direction} ${own.id}`;
      const said = known.get(key) ?? saidBy(pairs, own, all);
      known.set(key, said);
      return said;
    },
    said: (id) => all.numbered(id),
  };
}

/** One interval of ports, or ICMP. */
interface Step {
  readonly protocol: Protocol;
  readonly first: number;
}

/** Peers are told apart interval by interval: those of which another thing is said than of most leave their group. */
function saidBy(pairs: PolicyPairs, own: Own, all: Saids): Uint32Array {
  const steps: readonly Step[] = [
    { protocol: 'icmp', first: 0 },
    ...WITH_PORTS.flatMap((protocol) => pairs.intervals(own, protocol).map((first) => ({ protocol, first }))),
  ];
  const groupOf = new Uint32Array(pairs.peers.all.length);
  let groups: Saying[][] = [[]];
  for (const { protocol, first } of steps) {
    const sets = setsOf(pairs.decided(own, protocol, protocol === 'icmp' ? null : first));
    const [usual = 0] = sets.map(([saying]) => saying);
    const before = groups;
    groups = before.map((sayings) => [...sayings, usual]);
    for (const [saying, peers] of sets.slice(1)) {
      const leaving = new Map<number, number>();
      for (const peer of numbersIn(peers)) {
        const group = groupOf[peer] ?? 0;
        const known = leaving.get(group) ?? groups.push([...(before[group] ?? []), saying]) - 1;
        leaving.set(group, known);
        groupOf[peer] = known;
      }
    }
  }
  const ids = groups.map((sayings) => all.of(steps, sayings).id);
  return groupOf.map((group) => ids[group] ?? 0);
}

/** The largest one first. */
const setsOf = ({ allow, defaultDeny, explicitDeny, unknown }: Decided): readonly (readonly [Saying, Bits])[] =>
  [allow, defaultDeny, explicitDeny, unknown]
    .map((bits, i) => [i as Saying, bits, countOf(bits)] as const)
    .filter(([, , count]) => count > 0)
    .sort(([, , a], [, , b]) => b - a)
    .map(([saying, bits]) => [saying, bits] as const);

/** Each once. */
class Saids {
  readonly #known = new Map<string, Said>();
  readonly #all: Said[] = [];

  of(steps: readonly Step[], sayings: readonly Saying[]): Said {
    const borders = steps.flatMap(({ protocol, first }, i) => {
      const said = sayings[i] ?? 0;
      const isFirst = steps[i - 1]?.protocol !== protocol;
      return isFirst || sayings[i - 1] !== said ? [{ protocol, first, said }] : [];
    });
    const text = borders.map((b) => `${b.protocol} ${b.first} ${b.said}`).join();
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const made = saidWith(this.#all.length, borders);
    this.#all.push(made);
    this.#known.set(text, made);
    return made;
  }

  numbered(id: number): Said {
    const said = this.#all[id];
    if (said === undefined) throw new Error(`nothing is said by number ${id}`);
    return said;
  }
}

type Border = Step & { readonly said: Saying };

function saidWith(id: number, borders: readonly Border[]): Said {
  const of = (protocol: Protocol) => borders.filter((b) => b.protocol === protocol);
  const byProtocol = { tcp: of('tcp'), udp: of('udp'), sctp: of('sctp'), icmp: of('icmp') };
  return {
    id,
    at: (protocol, port) => byProtocol[protocol].findLast((b) => b.first <= (port ?? 0))?.said ?? 0,
    starts: (protocol) => byProtocol[protocol].map((b) => b.first),
  };
}
