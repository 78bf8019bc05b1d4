import { elementOf, exprOf } from './json-expressions.ts';
import { written } from './json-statements.ts';
import { isObject, type Json, type JsonObject, listOf, only, textOf } from './json-values.ts';
import {
  type ChainSyntax,
  IDLE,
  printExpr,
  type RuleSyntax,
  type RulesetSyntax,
  type SetSyntax,
  type TableSyntax,
  type Written,
} from './syntax.ts';

/** Reads `nft -j list ruleset`. `lineAt(i)`: the line in which the i-th object of the list begins. Null: it is other JSON. */
export function rulesetOfJson(root: Json, lineAt: (item: number) => number): RulesetSyntax | null {
  if (!isObject(root) || !Array.isArray(root.nftables)) return null;
  const tables = new Map<string, { table: TableSyntax; sets: SetSyntax[]; chains: Map<string, ChainSyntax & { rules: RuleSyntax[] }> }>();
  const unread: { line: number; why: string }[] = [];
  const items: readonly Json[] = root.nftables;
  for (const [i, item] of items.entries()) {
    const line = lineAt(i);
    const [kind, body] = only(item) ?? ['', null];
    if (IGNORED.has(kind)) continue;
    const key = isObject(body) ? `${textOf(body.family)} ${textOf(kind === 'table' ? body.name : body.table)}` : '';
    if (!isObject(body)) unread.push({ line, why: 'no object of nft is called so' });
    else if (kind === 'table') {
      const table = { family: textOf(body.family) ?? '', name: textOf(body.name) ?? '', line, comment: textOf(body.comment) };
      const isDormant = listOf(body.flags).includes('dormant');
      tables.set(key, { table: { ...table, isDormant, sets: [], chains: [] }, sets: [], chains: new Map() });
    } else if (kind === 'chain') {
      const chain = chainOf(body, line);
      tables.get(key)?.chains.set(chain.name, { ...chain, rules: [] });
    } else if (kind === 'set' || kind === 'map') tables.get(key)?.sets.push(setOf(kind, body, line));
    else if (kind === 'rule') {
      const rules = tables.get(key)?.chains.get(textOf(body.chain) ?? '')?.rules;
      const comment: Written[] =
        typeof body.comment === 'string' ? [{ ...IDLE, comment: body.comment, text: `comment "${body.comment}"` }] : [];
      if (rules === undefined) unread.push({ line, why: 'its chain is not in the list before it' });
      else rules.push({ line, statements: () => [...listOf(body.expr).flatMap((e) => written(e, line)), ...comment] });
    } else unread.push({ line, why: `no object of nft is called "${kind}"` });
  }
  return {
    tables: [...tables.values()].map(({ table, sets, chains }) => ({ ...table, sets, chains: [...chains.values()] })),
    managed: new Set(),
    unread,
    fault: null,
  };
}

/** Objects that do nothing by themselves: rules refer to them by name. */
const IGNORED = new Set([
  'metainfo',
  'counter',
  'quota',
  'limit',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'flowtable',
  'secmark',
  'synproxy',
  'element',
  'tunnel',
]);

function chainOf(body: JsonObject, line: number): ChainSyntax {
  const hook = textOf(body.hook);
  const base =
    hook === null
      ? null
      : {
          type: textOf(body.type) ?? '',
          hook,
          priority: textOf(body.prio) ?? '',
          policy: textOf(body.policy),
          policyLine: line,
          devices: listOf(body.dev).flatMap((d) => textOf(d) ?? []),
        };
  return { name: textOf(body.name) ?? '', comment: textOf(body.comment), line, base, rules: [] };
}

function setOf(kind: 'set' | 'map', body: JsonObject, line: number): SetSyntax {
  return {
    kind,
    name: textOf(body.name) ?? '',
    line,
    key: typesOf(body.type),
    data: kind === 'map' ? typesOf(body.map) : [],
    flags: listOf(body.flags).flatMap((f) => textOf(f) ?? []),
    timeout: typeof body.timeout === 'number' ? body.timeout : null,
    comment: textOf(body.comment),
    items: listOf(body.elem).map((e) => elementOf(e, line)),
    text: '',
  };
}

/** The names of a key's types: of `ipv4_addr . inet_service`, of a list of names, or of the expressions of a `typeof`. */
function typesOf(v: Json): readonly string[] {
  const [kind, body] = only(v) ?? ['', null];
  if (kind === 'typeof') return typesOf(body);
  if (isObject(v)) {
    const e = exprOf(v);
    return e.kind === 'concat' ? e.parts.map(printExpr) : [printExpr(e)];
  }
  if (Array.isArray(v)) return v.flatMap(typesOf);
  return textOf(v)?.split(' . ') ?? [];
}
