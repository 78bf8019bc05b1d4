import type { PolicyDirection, PolicyPlace, PolicyPoints } from '../policy-point.ts';
import {
  type BaseChain,
  type ChainType,
  type Hook,
  type HookEntry,
  type Hooks,
  type IptablesTable,
  plainChain,
  TABLE_HOOKS,
  type TableName,
  type VirtualServers,
} from './ruleset.ts';

/** Source: enum nf_ip_hook_priorities, include/uapi/linux/netfilter_ipv4.h; IPv6 has the same. */
const PRIORITIES: Readonly<Record<Exclude<TableName, 'nat'>, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };
const CONNTRACK = -200;
/** Source: ip_vs_ops4, net/netfilter/ipvs/ip_vs_core.c. What it does with answers there and in FORWARD is done by nat, at the same places. */
const IPVS: Readonly<Partial<Record<Hook, number>>> = { INPUT: 99, OUTPUT: -98 };
const CONFIRM = 2 ** 31 - 1;
/** The priorities of destination and source NAT. */
const NAT: Readonly<Record<Exclude<Hook, 'FORWARD'>, number>> = { PREROUTING: -100, OUTPUT: -100, INPUT: 100, POSTROUTING: 100 };

const priorityOf = (table: TableName, hook: Hook): number =>
  table !== 'nat' ? PRIORITIES[table] : hook === 'FORWARD' ? NAT.PREROUTING : NAT[hook];

/** mangle sees to it that a packet whose mark it changes in OUTPUT is routed again. Source: net/ipv4/netfilter/iptable_mangle.c. */
const typeOf = (table: TableName, hook: Hook): ChainType =>
  table === 'nat' ? 'nat' : table === 'mangle' && hook === 'OUTPUT' ? 'route' : 'filter';

/** The base chains of a table of iptables that have a rule, or a policy that is not ACCEPT: no packet notices the others. */
export function baseOfIptables(table: IptablesTable): readonly Omit<BaseChain, 'registered'>[] {
  return TABLE_HOOKS[table.name].flatMap((hook) => {
    const policy = table.policies.get(hook) ?? 'ACCEPT';
    const chain = table.chain(hook) ?? (policy === 'ACCEPT' ? undefined : plainChain(hook, []));
    if (chain === undefined) return [];
    const said = table.policyOrigins?.get(hook);
    const base = { table, chain, hook, type: typeOf(table.name, hook), priority: priorityOf(table.name, hook), policy };
    return said === undefined ? base : { ...base, policyOrigin: said };
  });
}

type Placed = HookEntry & { readonly registered: number };

/**
 * The entries of each hook in their order. nf_hook_entries_grow inserts a new entry before those of the same priority. Rules turn conntrack
 * and NAT on when they are added, which is after the chain that they are in.
 */
export function hooksOf(
  base: readonly BaseChain[],
  tracksConnections: boolean,
  ipvs: VirtualServers | null,
  points: PolicyPoints | null = null,
): Hooks {
  const nat = base.filter((b) => b.type === 'nat');
  const natCame = Math.min(...nat.map((b) => b.registered));
  const at = (hook: Hook): readonly HookEntry[] => {
    const here = base.filter((b) => b.hook === hook);
    const entries: Placed[] = here
      .filter((b) => b.type !== 'nat')
      .map((b) => ({ kind: 'chain', priority: b.priority, base: b, registered: b.registered }));
    const balanced = IPVS[hook];
    if (ipvs !== null && balanced !== undefined) entries.push({ kind: 'ipvs', priority: balanced, servers: ipvs, registered: 0 });
    if (points !== null)
      for (const look of looksAt(points.place, hook, ipvs !== null))
        entries.push({ kind: 'policy', ...look, points, registered: Infinity });
    if (tracksConnections) {
      if (hook === 'PREROUTING' || hook === 'OUTPUT') entries.push({ kind: 'conntrack', priority: CONNTRACK, registered: Infinity });
      if (hook === 'INPUT' || hook === 'POSTROUTING') entries.push({ kind: 'confirm', priority: CONFIRM, registered: Infinity });
      if (hook !== 'FORWARD')
        entries.push({ kind: 'nat', priority: NAT[hook], chains: inOrder(nat.filter((b) => b.hook === hook)), registered: natCame });
    }
    return inOrder(entries);
  };
  return atEach(at);
}

const inOrder = <E extends { readonly priority: number; readonly registered: number }>(entries: readonly E[]): readonly E[] =>
  entries.toSorted((a, b) => a.priority - b.priority || b.registered - a.registered);

/** Another order of registration, in which hooks where it changes nothing are the very same; null: it changes nothing anywhere. */
export function whereItDiffers(usual: Hooks, other: Hooks): Hooks | null {
  const at = (hook: Hook) => (isSameOrder(usual[hook], other[hook]) ? usual[hook] : other[hook]);
  const merged = atEach(at);
  return Object.values(merged).every((entries) => Object.values(usual).includes(entries)) ? null : merged;
}

const atEach = (at: (hook: Hook) => readonly HookEntry[]): Hooks => ({
  PREROUTING: at('PREROUTING'),
  INPUT: at('INPUT'),
  FORWARD: at('FORWARD'),
  OUTPUT: at('OUTPUT'),
  POSTROUTING: at('POSTROUTING'),
});

function isSameOrder(some: readonly HookEntry[], others: readonly HookEntry[]): boolean {
  const [a, b] = [some.flatMap(inside), others.flatMap(inside)];
  return a.every((x, i) => x === b[i]);
}

const inside = (entry: HookEntry): readonly unknown[] => {
  if (entry.kind === 'chain') return [entry.base.chain];
  return entry.kind === 'nat' ? [entry.kind, ...entry.chains.map((b) => b.chain)] : [entry.kind];
};
interface Look {
  readonly priority: number;
  readonly directions: readonly PolicyDirection[];
}

/** Beside the rules of the filter table, before them. */
const BEFORE_FILTER = -1;

/**
 * The places of policies at a hook. A packet that IPVS takes at INPUT skips FORWARD: policies see it in OUTPUT, translated, and see the
 * others after IPVS.
 */
function looksAt(place: PolicyPlace, hook: Hook, hasIpvs: boolean): readonly Look[] {
  const isRouted = place.kind === 'hooks' || (hasIpvs && place.egress === 'after-dnat');
  const egress: readonly PolicyDirection[] = isRouted ? ['egress'] : [];
  const ingress: readonly PolicyDirection[] = place.kind === 'hooks' ? ['ingress'] : [];
  const look = (priority: number, ...directions: readonly PolicyDirection[]) => (directions.length === 0 ? [] : [{ priority, directions }]);
  switch (hook) {
    case 'PREROUTING':
      if (place.kind === 'hooks' || isRouted) return [];
      return look(place.egress === 'before-dnat' ? CONNTRACK + 1 : NAT.PREROUTING + 1, 'egress');
    case 'FORWARD':
      return look(BEFORE_FILTER, ...egress, ...ingress);
    case 'INPUT':
      if (place.kind === 'hooks' && !place.atInput) return [];
      return look(hasIpvs ? NAT.INPUT - 0.5 : BEFORE_FILTER, ...egress);
    case 'OUTPUT':
      return look(BEFORE_FILTER, ...egress, ...ingress);
    case 'POSTROUTING':
      return place.kind === 'hooks' ? [] : look(NAT.POSTROUTING + (place.ingress === 'before-snat' ? -1 : 1), 'ingress');
  }
}
