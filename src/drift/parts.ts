import type { FoundState } from '../datapath/found-state.ts';
import type { NftTable, TableName } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import { ipFor, iptablesFor } from '../datapath/programs.ts';
import { FAMILIES, type IpFamily } from '../net/address.ts';
import type { Detail } from './cause.ts';

/** A part of what was found on a node. Put back, it is as it was compiled, and all else stays as found. */
export interface Part {
  readonly node: string;
  readonly what: What;
  putBack(found: FoundState): FoundState;
}

/** Something within a part: a rule, a route, an entry, a device. */
export interface Piece extends Part {
  readonly detail: Detail;
}

export type What =
  | { readonly kind: 'iptables'; readonly family: IpFamily; readonly table: TableName }
  | {
      readonly kind: 'nft';
      readonly family: NftTable['family'];
      readonly table: string;
      readonly isCompiled: boolean;
      readonly isFound: boolean;
    }
  | { readonly kind: 'routes' | 'rules' | 'ipvs'; readonly family: IpFamily }
  /** Tables of rules that a text should have and does not. */
  | { readonly kind: 'untold'; readonly what: string }
  /** Links and their addresses. */
  | { readonly kind: 'devices' | 'neighbours' | 'fdb' | 'sockets' | 'connections' | 'sysctls' }
  | { readonly kind: 'sysctl'; readonly name: string };

/** The part in the words of the command that shows it. */
export function whatText(what: What): string {
  switch (what.kind) {
    case 'iptables':
      return `${iptablesFor(what.family)} ${what.table}`;
    case 'nft':
      return `nft ${what.family} ${what.table}`;
    case 'routes':
      return `${ipFor(what.family)} route`;
    case 'rules':
      return `${ipFor(what.family)} rule`;
    case 'ipvs':
      return `ipvsadm (${what.family})`;
    case 'untold':
      return what.what;
    case 'devices':
      return 'ip link and ip addr';
    case 'neighbours':
      return 'ip neigh';
    case 'fdb':
      return 'bridge fdb';
    case 'sockets':
      return 'ss';
    case 'connections':
      return 'conntrack';
    case 'sysctls':
      return 'sysctl';
    case 'sysctl':
      return what.name;
  }
}

/** All of what was found on a node. `compiled`: the node as it should be. */
export function partsOf(node: string, found: FoundState, compiled: Netns): readonly Part[] {
  const part = (what: What, putBack: Part['putBack']): Part => ({ node, what, putBack });
  return [
    ...FAMILIES.flatMap((family) =>
      [...found.iptables[family].keys()].map((table) => part({ kind: 'iptables', family, table }, withoutTable(family, table))),
    ),
    ...nftParts(node, found, compiled),
    ...found.untold.map((own) =>
      part({ kind: 'untold', what: own.what }, (state) => ({ ...state, untold: state.untold.filter((u) => u !== own) })),
    ),
    ...FAMILIES.flatMap((family) => [
      ...(found.routes[family].size > 0 || found.areAllTables[family]
        ? [
            part({ kind: 'routes', family }, (state) => ({
              ...state,
              routes: { ...state.routes, [family]: new Map() },
              areAllTables: { ...state.areAllTables, [family]: false },
            })),
          ]
        : []),
      ...(found.rules[family] === null
        ? []
        : [part({ kind: 'rules', family }, (state) => ({ ...state, rules: { ...state.rules, [family]: null } }))]),
      ...(found.ipvs[family] === null
        ? []
        : [part({ kind: 'ipvs', family }, (state) => ({ ...state, ipvs: { ...state.ipvs, [family]: null } }))]),
    ]),
    ...(found.links === null && FAMILIES.every((family) => found.addresses[family] === null)
      ? []
      : [part({ kind: 'devices' }, (state) => ({ ...state, links: null, addresses: { IPv4: null, IPv6: null } }))]),
    ...(found.neighbours === null ? [] : [part({ kind: 'neighbours' }, (state) => ({ ...state, neighbours: null }))]),
    ...(found.fdb === null ? [] : [part({ kind: 'fdb' }, (state) => ({ ...state, fdb: null }))]),
    ...(found.sockets === null ? [] : [part({ kind: 'sockets' }, (state) => ({ ...state, sockets: null }))]),
    ...(found.connections === null ? [] : [part({ kind: 'connections' }, (state) => ({ ...state, connections: null }))]),
    ...(found.sysctls.size === 0 ? [] : [part({ kind: 'sysctls' }, (state) => ({ ...state, sysctls: new Map() }))]),
  ];
}

function withoutTable(family: IpFamily, table: TableName): Part['putBack'] {
  return (state) => {
    const tables = new Map(state.iptables[family]);
    tables.delete(table);
    return { ...state, iptables: { ...state.iptables, [family]: tables } };
  };
}

/** A table that should not be there is put back by leaving it out; one that is not there, by the compiled one. */
function nftParts(node: string, found: FoundState, compiled: Netns): readonly Part[] {
  const { nft, isNftPart } = found;
  if (nft === null) return [];
  const should = nftTablesOf(compiled);
  const names = new Map([...nft, ...(isNftPart === true ? [] : should)].map((table) => [`${table.family} ${table.name}`, table]));
  return [...names.values()].map(({ family, name }): Part => {
    const isIt = (table: NftTable) => table.family === family && table.name === name;
    const own = should.filter(isIt);
    return {
      node,
      what: { kind: 'nft', family, table: name, isCompiled: own.length > 0, isFound: nft.some(isIt) },
      putBack: (state) => {
        const others = state.nft?.filter((table) => !isIt(table)) ?? [];
        // A table that is replaced keeps its place among the others, because the order of tables can decide.
        const at = state.nft?.findIndex(isIt) ?? -1;
        return { ...state, nft: others.toSpliced(at === -1 ? others.length : at, 0, ...own) };
      },
    };
  });
}

/** The tables of nft, without those of iptables. */
export const nftTablesOf = ({ rulesets }: Netns): readonly NftTable[] => [...new Set(FAMILIES.flatMap((family) => rulesets[family].nft))];
