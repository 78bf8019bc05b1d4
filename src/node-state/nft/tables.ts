import { nftRuleAsksConntrack } from '../../datapath/netfilter/asks-conntrack.ts';
import { chainMadeBy, chainOf, LONG } from '../../datapath/netfilter/indexed-chain.ts';
import {
  type BaseChainSpec,
  type Chain,
  type Hook,
  type LinkChain,
  NFT_FAMILIES,
  type NftTable,
  type Policy,
} from '../../datapath/netfilter/ruleset.ts';
import type { NamedSet, VerdictMap } from '../../datapath/netfilter/sets.ts';
import { declaredAt, type StateText } from '../text.ts';
import { isOfIptables } from './iptables-nft.ts';
import type { Maps } from './maps.ts';
import { priorityOf } from './priority.ts';
import { type Context, ruleOf } from './rules.ts';
import { mapForPrinting, setOf } from './sets.ts';
import type { RuleSyntax, RulesetSyntax, TableSyntax } from './syntax.ts';

/** A line of a listing that is not understood, and why. */
export interface Told {
  readonly line: number;
  readonly why: string;
}

/** The table of its syntax; null: nft has no such family. */
export function tableOf(text: StateText, syntax: TableSyntax, { managed }: RulesetSyntax, tell: (told: Told) => void): NftTable | null {
  const { name, comment, line } = syntax;
  const family = NFT_FAMILIES.find((f) => f === syntax.family);
  if (family === undefined) {
    tell({ line, why: `"${syntax.family}" is no family of nft` });
    return null;
  }
  const maps: Maps = {
    family,
    made: new Map(),
    map: (called) => syntax.sets.find((s) => s.kind === 'map' && s.name === called),
    originAt: (at) => declaredAt(text, at, `Node/${text.node} nft ${family} ${name}`),
  };
  const sets = setsOf(syntax, maps, tell);
  const chains = chainsOf(text, syntax, sets, maps);
  const { base, links } = basesOf(syntax, chains, maps, tell);
  let tracks: boolean | null = null;
  return {
    family,
    name,
    comment,
    sets,
    base,
    ...(links.length === 0 ? {} : { links }),
    ...(isOfIptables(syntax, managed) ? { isOfIptables: true as const } : {}),
    get tracksConnections() {
      tracks ??= asks(chains);
      return tracks;
    },
    chain: (called) => chains.get(called),
    chains: () => chains.values(),
  };
}

/** The sets and maps that are understood, in their order. */
function setsOf({ sets, family }: TableSyntax, maps: Maps, tell: (told: Told) => void): readonly (NamedSet | VerdictMap)[] {
  return sets.flatMap((s) => {
    const made = s.kind === 'map' ? mapForPrinting(s, maps) : setOf(s, family);
    if (made === null)
      tell({ line: s.line, why: `of the ${s.kind} "${s.name}" not all elements are understood: what a rule finds there is unknown` });
    return made ?? [];
  });
}

/** The chains by name. Reading a rule may add the chain that stands in it. */
function chainsOf(text: StateText, table: TableSyntax, sets: readonly (NamedSet | VerdictMap)[], maps: Maps): ReadonlyMap<string, Chain> {
  const named = new Map(sets.flatMap((s) => (s.kind === 'set' && s.name !== null ? [[s.name, s] as const] : [])));
  const chains = new Map<string, Chain>();
  const add = (name: string, rules: readonly RuleSyntax[]) => {
    const object = `Node/${text.node} nft ${table.family} ${table.name} ${name}`;
    const make = () => rules.map((r, i) => ruleOf(r.statements(), scope, declaredAt(text, r.line, `${object} ${i + 1}`)));
    // A long chain is one that most packets come to, and is read with the file, so that the first packet does not wait for it.
    const chain = rules.length < LONG ? chainMadeBy(name, make) : chainOf(name, make());
    chains.set(name, chain);
    return chain;
  };
  const scope: Context = {
    ...maps,
    set: (name) => named.get(name),
    block: (rules, line) => add(nameOfBlock(chains, line), rules).name,
  };
  for (const { name, rules, comment } of table.chains) {
    const chain = add(name, rules);
    if (comment !== null) chains.set(name, { ...chain, comment });
  }
  return chains;
}

/**
 * The kernel calls a chain that stands in a rule `__chain` and a number that no listing shows (nf_tables_newchain): here it is that of its
 * line.
 */
function nameOfBlock(chains: ReadonlyMap<string, Chain>, line: number): string {
  const name = `__chain${line + 1}`;
  return chains.has(name) ? `${name}.${chains.size}` : name;
}

/** Reading a chain may bring those that stand in its rules, which come behind. */
function asks(chains: ReadonlyMap<string, Chain>): boolean {
  for (const chain of chains.values()) if (chain.rules().some(nftRuleAsksConntrack)) return true;
  return false;
}

const HOOKS: Readonly<Record<string, Hook>> = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
};

interface Bases {
  readonly base: readonly BaseChainSpec[];
  readonly links: readonly LinkChain[];
}

function basesOf(syntax: TableSyntax, chains: ReadonlyMap<string, Chain>, maps: Maps, tell: (told: Told) => void): Bases {
  const base: BaseChainSpec[] = [];
  const links: LinkChain[] = [];
  const isOfIp = syntax.family === 'ip' || syntax.family === 'ip6' || syntax.family === 'inet';
  for (const c of syntax.isDormant ? [] : syntax.chains) {
    const chain = chains.get(c.name);
    if (c.base === null || chain === undefined) continue;
    const { type, priority: words, devices } = c.base;
    const hook = HOOKS[c.base.hook];
    const policy: Policy = c.base.policy?.toLowerCase() === 'drop' ? 'DROP' : 'ACCEPT';
    const priority = priorityOf(words, syntax.family);
    if (!isOfIp || c.base.hook === 'ingress' || c.base.hook === 'egress') {
      links.push({ chain, hook: c.base.hook, devices, policy, policyOrigin: maps.originAt(c.base.policyLine) });
    } else if (hook === undefined || priority === null || (type !== 'filter' && type !== 'nat' && type !== 'route'))
      tell({ line: c.line, why: `"type ${type} hook ${c.base.hook} priority ${words}" is no place that is known` });
    else base.push({ chain, type, hook, priority, policy, policyOrigin: maps.originAt(c.base.policyLine) });
  }
  return { base, links };
}
