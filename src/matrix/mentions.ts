import type { Chain, Rule, Ruleset, Table } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { addressBits, hostPrefix, lastAddress, networkOf, type Prefix } from '../net/prefix.ts';

/** What a configuration names: two addresses that none of its prefixes tells apart are alike to every route and rule. */
export interface Mentions {
  /** The prefixes that hold an address: the same number for the same ones. */
  of(address: IpAddress): number;
  /** The prefixes that are within a range, as a text that no other range has but with the same ones. */
  within(range: Prefix): string;
  /** Is something said of a thing with this name? */
  names(word: string): boolean;
  /** The ports at which something may begin to be otherwise, ascending. */
  readonly ports: readonly number[];
}

/** The parts of a cluster that say where packets may go by addresses which are not their own. */
export const statedIn = (cluster: Cluster): readonly unknown[] => [
  cluster.podCidrs,
  cluster.serviceCidrs,
  cluster.masquerade?.nonMasqueradeCidrs,
  cluster.kubeProxy.detectLocal,
  cluster.kubeProxy.nodePortAddresses,
  [cluster.cni, ...cluster.cniByNode.values()].map(({ blocks, masquerades }) => [blocks?.pools, masquerades]),
  cluster.underlay,
  cluster.gateway === null ? null : { ...cluster.gateway, nat: null },
  cluster.outside,
  [...cluster.nodes.values()].map(({ overrides, firewall, tunnel, nics }) => [overrides, firewall, tunnel, nics]),
  [...cluster.pods.values()].map((p) => p.overrides),
  [...cluster.services.values()].map((s) => [s.externalIps, s.loadBalancerIngress, s.loadBalancerSourceRanges]),
];

/** Those of the policies, which no path hangs on. */
export const statedByPolicies = ({ policies }: Cluster): readonly unknown[] =>
  policies.map(({ ingress, egress }) =>
    [...(ingress ?? []), ...(egress ?? [])].map(({ peers }) => peers?.filter((p) => p.kind === 'networks' || p.kind === 'redacted')),
  );

/** `samples`: machines of every kind, for what plugins write of their own. What is written for services, the services state themselves. */
export function mentionsOf(stated: readonly unknown[], samples: readonly Netns[]): Mentions {
  const found = new Finder();
  found.look(stated);
  for (const { rulesets, foundNames } of samples)
    for (const ruleset of Object.values(rulesets)) lookAtRules(found, ruleset, foundNames === undefined);
  return found.done();
}

/** Of the chains that a hook comes to; kube-proxy's own say what the services state, where they were compiled. */
function lookAtRules(found: Finder, { hooks }: Ruleset, isCompiled: boolean): void {
  const isOfServices = (table: Table, chain: Chain) => table.name === 'kube-proxy' || chain.name.startsWith('KUBE-');
  const seen = new Set<Chain>();
  const follow = (table: Table, chain: Chain | undefined): void => {
    if (chain === undefined || seen.has(chain) || (isCompiled && isOfServices(table, chain))) return;
    seen.add(chain);
    for (const { matches, target } of chain.rules().flatMap(partsOf)) {
      found.look(matches);
      if (target?.kind === 'jump' || target?.kind === 'goto') follow(table, table.chain(target.chain));
      if (target?.kind !== 'vmap' && target?.kind !== 'numgen') continue;
      for (const { key, verdict } of target.map.elements()) {
        found.look(key);
        if (verdict.kind === 'jump' || verdict.kind === 'goto') follow(table, table.chain(verdict.chain));
      }
    }
  };
  for (const entries of Object.values(hooks))
    for (const entry of entries) {
      if (entry.kind === 'chain') follow(entry.base.table, entry.base.chain);
      if (entry.kind === 'nat') for (const { table, chain } of entry.chains) follow(table, chain);
    }
}

/** A rule of nft may go on after its target. */
const partsOf = (rule: Rule): readonly Rule[] => (rule.then === undefined ? [rule] : [rule, ...partsOf(rule.then)]);

/** Places in the input, which decide nothing. */
const PASSED: ReadonlySet<string> = new Set(['locus', 'origin', 'comment']);

/** Smaller numbers are ports, masks and sizes, and no addresses that anything has: those of 0.0.0.0/8. */
const FIRST_IPV4 = 2 ** 24;

class Finder {
  readonly #prefixes = new Map<number, Map<IpAddress, number>>();
  readonly #byFamily: Record<IpFamily, Prefix[]> = { IPv4: [], IPv6: [] };
  readonly #words = new Set<string>();
  readonly #ports = new Set([0]);
  readonly #seen = new Set<object>();

  /** Looks through data of any shape. A number that could be an address is taken for one. */
  look(value: unknown): void {
    if (typeof value === 'string') this.#words.add(value);
    else if (typeof value === 'bigint') this.#add(hostPrefix(value as IpAddress));
    else if (typeof value === 'number') {
      if (value >= FIRST_IPV4) this.#add(hostPrefix(value as IpAddress));
    } else if (typeof value === 'object' && value !== null) this.#lookInto(value);
  }

  #lookInto(value: object): void {
    if (this.#seen.has(value)) return;
    this.#seen.add(value);
    if (isPrefix(value)) {
      this.#add(value);
      return;
    }
    if (value instanceof Map) {
      for (const [name, one] of value) {
        this.look(name);
        this.look(one);
      }
      return;
    }
    if (Array.isArray(value) || value instanceof Set) {
      for (const one of value) this.look(one);
      return;
    }
    if (isRange(value)) this.#addPorts(value.first, value.last);
    for (const [name, one] of Object.entries(value)) {
      if (name === 'ports' && Array.isArray(one)) for (const port of one) if (typeof port === 'number') this.#addPorts(port, port);
      if (name === 'port' && typeof one === 'number') this.#addPorts(one, one);
      if (!PASSED.has(name)) this.look(one);
    }
  }

  #addPorts(first: number, last: number): void {
    this.#ports.add(first);
    this.#ports.add(last + 1);
  }

  #add({ address, length }: Prefix): void {
    const lengths = this.#prefixes.get(length) ?? new Map<IpAddress, number>();
    this.#prefixes.set(length, lengths);
    if (lengths.has(address)) return;
    this.#byFamily[familyOf(address)].push({ address, length });
    lengths.set(address, this.#byFamily.IPv4.length + this.#byFamily.IPv6.length);
  }

  done(): Mentions {
    const sets = new Map<string, number>();
    const lengths = [...this.#prefixes].sort(([a], [b]) => b - a);
    const inOrder = {
      IPv4: this.#byFamily.IPv4.sort(byAddress),
      IPv6: this.#byFamily.IPv6.sort(byAddress),
    };
    return {
      of(address) {
        const bits = addressBits(address);
        const holding = lengths.flatMap(([length, all]) => (length > bits ? [] : (all.get(networkOf(address, length)) ?? [])));
        const text = holding.join();
        const number = sets.get(text) ?? sets.size;
        sets.set(text, number);
        return number;
      },
      within(range) {
        const all = inOrder[familyOf(range.address)];
        const last = lastAddress(range);
        const inside: string[] = [];
        for (let i = firstFrom(all, range.address); ; i++) {
          const prefix = all[i];
          if (prefix === undefined || prefix.address > last) return inside.join();
          if (prefix.length >= range.length) inside.push(`${prefix.address}/${prefix.length}`);
        }
      },
      names: (word) => this.#words.has(word),
      ports: [...this.#ports].sort((a, b) => a - b),
    };
  }
}

const byAddress = (a: Prefix, b: Prefix): number => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.length - b.length);

function firstFrom(all: readonly Prefix[], address: IpAddress): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle]?.address ?? address) < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

const isPrefix = (value: object): value is Prefix =>
  'address' in value &&
  'length' in value &&
  typeof value.length === 'number' &&
  (typeof value.address === 'number' || typeof value.address === 'bigint') &&
  Object.keys(value).length === 2;

const isRange = (value: object): value is { readonly first: number; readonly last: number } =>
  'first' in value && 'last' in value && typeof value.first === 'number' && typeof value.last === 'number';
