import { LOCAL_TABLE, routesOf } from '../datapath/fib.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { printRule } from '../datapath/netfilter/print-rule.ts';
import type { NftTable, Rule, Table, TableName } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { FAMILIES } from '../net/address.ts';
import { formatDestination, samePrefix } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import { nftTablesOf, type Piece, type What, whatText } from './parts.ts';
import { wantedSettings } from './pieces-settings.ts';
import { textOf, underNames } from './rule-text.ts';

/** Something that is there and should not be, or that is not as it should be. */
export interface Odd {
  readonly node: string;
  /** In the words of the command that shows it. */
  readonly part: string;
  readonly kind: 'table' | 'rule' | 'route' | 'setting' | 'mtu';
  readonly text: string;
  readonly place: Locus | null;
}

/** All differences on the nodes with state, but for those that are reported as causes. */
export function oddBeside(should: Network, has: Network, told: readonly Piece[]): readonly Odd[] {
  const places = new Set(told.flatMap(({ detail }) => (detail.isThere && detail.place !== null ? [keyOf(detail.place)] : [])));
  const tables = new Set(told.map(({ node, what }) => `${node} ${whatText(what)}`));
  return [...has.cluster.nodes.values()].flatMap(({ name, found }) => {
    const [compiled, is] = [should.datapath.netns(name), has.datapath.netns(name)];
    if (found === null || compiled === undefined || is === undefined) return [];
    const all = [
      ...oddTables(name, found, compiled),
      ...oddRules(name, found, { compiled, is }),
      ...oddRoutes(name, found, compiled),
      ...oddSettings(name, found, compiled),
      ...oddMtus(name, found, { compiled, is }),
    ];
    return all.filter((odd) =>
      odd.kind === 'table' ? !tables.has(`${name} ${odd.part}`) : odd.place === null || !places.has(keyOf(odd.place)),
    );
  });
}

const keyOf = ({ document, path, object }: Locus): string => `${document.file} ${path.join('.')} ${object}`;

const oddTables = (node: string, { nft }: FoundState, compiled: Netns): readonly Odd[] =>
  (nft ?? []).flatMap((table: NftTable) => {
    if (nftTablesOf(compiled).some((own) => own.family === table.family && own.name === table.name)) return [];
    const what: What = { kind: 'nft', family: table.family, table: table.name, isCompiled: false, isFound: true };
    return [
      { node, part: whatText(what), kind: 'table' as const, text: `table ${table.family} ${table.name}`, place: firstPlaceIn(table) },
    ];
  });

function firstPlaceIn(table: Table): Locus | null {
  for (const chain of table.chains()) for (const { origin } of chain.rules()) if (origin.locus !== null) return origin.locus;
  return null;
}

/** Rules of tables that the cluster has as well. */
function oddRules(node: string, found: FoundState, { compiled, is }: { readonly compiled: Netns; readonly is: Netns }): readonly Odd[] {
  return FAMILIES.flatMap((family) =>
    [...found.iptables[family]].flatMap(([table, { chains }]) => {
      const part = whatText({ kind: 'iptables', family, table });
      return [...chains].flatMap(([chain, rules]) =>
        notIn(compiledTexts(compiled, is, family, table, chain), rules).map((rule) => oddRule(node, part, chain, rule)),
      );
    }),
  );
}

function compiledTexts(
  compiled: Netns,
  is: Netns,
  family: (typeof FAMILIES)[number],
  table: TableName,
  chain: string,
): ReadonlySet<string> {
  const rules = compiled.rulesets[family].tables[table]?.chain(chain)?.rules() ?? [];
  return new Set(underNames(rules, is).map(textOf));
}

/** The rules that are not among these texts; a rule that stands for unknown ones is none. */
const notIn = (texts: ReadonlySet<string>, rules: readonly Rule[]): readonly Rule[] =>
  rules.filter((rule) => rule.target?.kind !== 'untold' && !texts.has(textOf(rule)));

const oddRule = (node: string, part: string, chain: string, rule: Rule): Odd => ({
  node,
  part,
  kind: 'rule',
  text: `-A ${chain} ${printRule(rule)}`.trimEnd(),
  place: rule.origin.locus,
});

/** The local table follows from addresses. */
const oddRoutes = (node: string, { routes }: FoundState, compiled: Netns): readonly Odd[] =>
  FAMILIES.flatMap((family) =>
    [...routes[family]].flatMap(([id, found]) => {
      const table = compiled.tables.get(id);
      const should = id === LOCAL_TABLE || table === undefined ? [] : [...routesOf(table)];
      if (id === LOCAL_TABLE) return [];
      return found.flatMap((route): readonly Odd[] =>
        should.some((own) => samePrefix(own.prefix, route.prefix))
          ? []
          : [
              {
                node,
                part: whatText({ kind: 'routes', family }),
                kind: 'route',
                text: `${formatDestination(route.prefix)} of table ${id}`,
                place: route.origin.locus,
              },
            ],
      );
    }),
  );

const oddSettings = (node: string, { sysctls }: FoundState, compiled: Netns): readonly Odd[] =>
  wantedSettings(sysctls, compiled.sysctls).map(({ name, is, should }) => ({
    node,
    part: name,
    kind: 'setting',
    text: `${name} is ${is.value}, and should be ${should}`,
    place: is.origin.locus,
  }));

/** Only packets of a size meet them. */
const oddMtus = (node: string, { links }: FoundState, { compiled, is }: { readonly compiled: Netns; readonly is: Netns }): readonly Odd[] =>
  [...compiled.devices.values()].flatMap((should): readonly Odd[] => {
    const name = is.foundNames?.get(should.name) ?? should.name;
    const link = links?.find((l) => l.name === name);
    if (link === undefined || link.mtu === null || link.mtu === should.mtu) return [];
    const text = `the MTU of ${name} is ${link.mtu}, and should be ${should.mtu}`;
    return [{ node, part: whatText({ kind: 'devices' }), kind: 'mtu', text, place: link.origin.locus }];
  });
