import { metaName } from './field-names.ts';
import { splitPort } from './statements.ts';
import {
  type ChainSyntax,
  type CompareOp,
  type Element,
  type Expr,
  printExpr,
  printVerdict,
  type RuleSyntax,
  type RulesetSyntax,
  type SetSyntax,
  type Statement,
  type TableSyntax,
  type Verdict,
  type Written,
} from './syntax.ts';

type Json = unknown;
/** An object, of which any of these may be there. */
type JsonObject = Readonly<Partial<Record<Key, Json>>>;
type Key =
  | 'addr'
  | 'base'
  | 'chain'
  | 'comment'
  | 'data'
  | 'dev'
  | 'dir'
  | 'elem'
  | 'expr'
  | 'family'
  | 'field'
  | 'flags'
  | 'hook'
  | 'inv'
  | 'key'
  | 'left'
  | 'len'
  | 'map'
  | 'mod'
  | 'mode'
  | 'name'
  | 'nftables'
  | 'offset'
  | 'op'
  | 'policy'
  | 'port'
  | 'prio'
  | 'protocol'
  | 'result'
  | 'right'
  | 'set'
  | 'stmt'
  | 'table'
  | 'target'
  | 'timeout'
  | 'type'
  | 'type_flags'
  | 'val'
  | 'value';

const isObject = (v: Json): v is JsonObject => typeof v === 'object' && v !== null && !Array.isArray(v);
const textOf = (v: Json): string | null => (typeof v === 'string' ? v : typeof v === 'number' ? String(v) : null);
const listOf = (v: Json): readonly Json[] => (Array.isArray(v) ? v : v === undefined || v === null ? [] : [v]);

/** An object with one key: what it is, and the rest. */
function only(v: Json): readonly [kind: string, body: Json] | null {
  if (!isObject(v)) return null;
  const [first, ...more] = Object.entries(v);
  return first === undefined || more.length > 0 ? null : first;
}

/** `nft -j list ruleset`. `lineAt(i)`: where the i-th object of the list begins. Null: it is another JSON. */
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
      else rules.push({ line, statements: [...listOf(body.expr).map(written), ...comment] });
    } else unread.push({ line, why: `no object of nft is called "${kind}"` });
  }
  return {
    tables: [...tables.values()].map(({ table, sets, chains }) => ({ ...table, sets, chains: [...chains.values()] })),
    managed: new Set(),
    unread,
    fault: null,
  };
}

/** Counters, limits and the like have no part in a packet's way but by their names. */
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

/** A name, `a . b`, a list of names; or the expression that has the type. */
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

function elementOf(v: Json, line: number): Element {
  if (Array.isArray(v) && v.length === 2) {
    const key = elementOf(v[0], line);
    return { ...key, data: verdictOf(v[1]) ?? exprOf(v[1]) };
  }
  const [kind, body] = only(v) ?? ['', null];
  if (kind === 'elem' && isObject(body)) return { key: exprOf(body.val), data: null, comment: textOf(body.comment), line };
  return { key: exprOf(v), data: null, comment: null, line };
}

const PLAIN = {
  accept: { kind: 'ACCEPT' },
  drop: { kind: 'DROP' },
  return: { kind: 'RETURN' },
  continue: { kind: 'CONTINUE' },
} as const;
const isPlain = (word: string): word is keyof typeof PLAIN => Object.hasOwn(PLAIN, word);

function verdictOf(v: Json): Verdict | null {
  const [kind, body] = only(v) ?? ['', null];
  if (isPlain(kind)) return PLAIN[kind];
  const chain = isObject(body) ? textOf(body.target) : null;
  return (kind === 'jump' || kind === 'goto') && chain !== null ? { kind, chain } : null;
}

const word = (text: string): Expr => ({ kind: 'word', text });

function exprOf(v: Json): Expr {
  if (typeof v === 'string') return v.startsWith('@') ? { kind: 'ref', name: v.slice(1) } : word(v);
  if (typeof v === 'number') return word(String(v));
  if (typeof v === 'boolean') return word(v ? 'exists' : 'missing');
  if (Array.isArray(v)) return { kind: 'list', items: v.map(exprOf) };
  const [kind, body] = only(v) ?? ['', null];
  const of = isObject(body) ? body : {};
  switch (kind) {
    case 'prefix':
      return word(`${textOf(of.addr) ?? '?'}/${textOf(of.len) ?? '?'}`);
    case 'range':
      return word(
        listOf(body)
          .map((e) => textOf(e) ?? '?')
          .join('-'),
      );
    case 'set':
      return { kind: 'set', items: listOf(body).map((e) => elementOf(e, 0)) };
    case 'elem':
      return exprOf(of.val);
    case 'concat':
      return { kind: 'concat', parts: listOf(body).map(exprOf) };
    case 'map':
      return { kind: 'map', key: exprOf(of.key), map: exprOf(of.data) };
    case 'numgen':
      if (typeof of.mod !== 'number') break;
      return { kind: 'numgen', modulus: of.mod, offset: Number(of.offset ?? 0), text: `numgen ${textOf(of.mode)} mod ${of.mod}` };
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return operated(kind, listOf(body).map(exprOf), v);
  }
  return { kind: 'field', name: fieldName(kind, of) ?? JSON.stringify(v ?? null) };
}

function operated(op: string, operands: readonly Expr[], v: Json): Expr {
  const [first, ...more] = operands;
  if (first === undefined || more.length === 0) return { kind: 'field', name: JSON.stringify(v ?? null) };
  if (op === '|' && operands.every((o) => o.kind === 'word')) return { kind: 'list', items: operands };
  return more.reduce<Expr>((left, right) => ({ kind: 'op', op, left, right }), first);
}

/** In the words of the text; null: the JSON itself has to do. */
function fieldName(kind: string, of: JsonObject): string | null {
  const key = textOf(of.key);
  switch (kind) {
    case 'payload':
      if (of.base !== undefined) return `@${textOf(of.base)},${textOf(of.offset)},${textOf(of.len)}`;
      return `${textOf(of.protocol)} ${textOf(of.field)}`;
    case 'meta':
      return key === null ? null : metaName(key);
    case 'ct':
      return `ct ${of.dir === undefined ? '' : `${textOf(of.dir)} `}${of.family === undefined ? '' : `${textOf(of.family)} `}${key}`;
    case 'fib':
      return `fib ${listOf(of.flags).map(textOf).join(' . ')} ${textOf(of.result)}`;
    case 'tcp option':
      return `tcp option ${textOf(of.name)}${of.field === undefined ? '' : ` ${textOf(of.field)}`}`;
    default:
      return null;
  }
}

const IDLE = { kind: 'idle', comment: null } as const;

function written(v: Json): Written {
  const [kind, body] = only(v) ?? ['', null];
  const statement = statementOf(kind, body, v);
  return { ...statement, text: printStatement(statement) ?? JSON.stringify(v ?? null) };
}

const OPS: Readonly<Record<string, CompareOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  in: 'implicit',
  '!': '!',
};

function statementOf(kind: string, body: Json, v: Json): Statement {
  const of = isObject(body) ? body : {};
  const verdict = verdictOf(v);
  if (verdict !== null) return { kind: 'verdict', verdict };
  switch (kind) {
    case 'match': {
      const op = OPS[textOf(of.op) ?? ''];
      return op === undefined ? { kind: 'unknown-match' } : { kind: 'match', left: exprOf(of.left), op, right: exprOf(of.right) };
    }
    case 'vmap':
      return { kind: 'vmap', key: exprOf(of.key), map: exprOf(of.data) };
    case 'mangle':
      return { kind: 'set', field: exprOf(of.key), value: exprOf(of.value) };
    case 'set':
      return {
        kind: 'update',
        set: (textOf(of.set) ?? '').replace(/^@/, ''),
        key: exprOf(of.elem),
        hasStatements: listOf(of.stmt).some((s) => only(s)?.[0] !== 'counter'),
      };
    case 'reject':
      return { kind: 'reject', type: rejectType(textOf(of.type)), code: textOf(of.expr) ?? (of.type === 'tcp reset' ? 'reset' : null) };
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return natOf(kind, of);
    case 'notrack':
      return { kind: 'notrack' };
    case 'limit':
      return { kind: 'limit', isOver: of.inv === true };
    case 'quota':
    case 'ct count':
      return { kind: 'unknown-match' };
    case 'counter':
    case 'log':
    case 'flow':
    case 'dup':
    case 'ct helper':
    case 'ct timeout':
    case 'ct expectation':
      return IDLE;
    case 'xt':
      return xtOf(of);
    default:
      return { kind: 'unmodelled' };
  }
}

const rejectType = (type: string | null) => (type === 'tcp reset' ? 'tcp' : type);

/** The type may be all that is left of it: `{ "xt": { "type": "match", "name": "comment" } }`; older ones have null. */
function xtOf({ type, name }: JsonObject): Statement {
  if (type === 'match') return name === 'comment' ? IDLE : { kind: 'unknown-match' };
  return { kind: 'unmodelled' };
}

function natOf(action: 'snat' | 'dnat' | 'masquerade' | 'redirect', of: JsonObject): Statement {
  const flags = listOf(of.flags);
  const family = of.family === 'ip' || of.family === 'ip6' ? of.family : null;
  const address = of.addr === undefined ? null : exprOf(of.addr);
  const mapped = address?.kind === 'word' && listOf(of.type_flags).includes('prefix') ? word(`prefix ${address.text}`) : address;
  const isRandom = flags.includes('random');
  const port = of.port === undefined ? null : portOf(exprOf(of.port));
  return { kind: 'nat', action, family, to: mapped, port, isRandom, isFullyRandom: flags.includes('fully-random') };
}

const portOf = (e: Expr): string => (e.kind === 'word' ? (splitPort(`:${e.text}`).port ?? e.text) : '?');

/** In nft's words; null: the JSON has to do. */
function printStatement(s: Statement): string | null {
  switch (s.kind) {
    case 'match':
      return `${printExpr(s.left)} ${s.op === 'implicit' || s.op === '==' ? '' : `${s.op} `}${printExpr(s.right)}`;
    case 'verdict':
      return printVerdict(s.verdict);
    case 'vmap':
      return `${printExpr(s.key)} vmap ${printExpr(s.map)}`;
    case 'set':
      return `${printExpr(s.field)} set ${printExpr(s.value)}`;
    case 'update':
      return `update @${s.set} { ${printExpr(s.key)} }`;
    case 'reject':
      return `reject${s.type === null ? '' : ` with ${s.type} ${s.code ?? ''}`}`;
    case 'nat': {
      const to =
        s.to === null && s.port === null ? '' : ` to ${s.to === null ? '' : printExpr(s.to)}${s.port === null ? '' : `:${s.port}`}`;
      return `${s.action}${s.family === null ? '' : ` ${s.family}`}${to}${s.isRandom ? ' random' : ''}${s.isFullyRandom ? ' fully-random' : ''}`;
    }
    case 'notrack':
      return 'notrack';
    case 'idle':
    case 'limit':
    case 'unknown-match':
    case 'unmodelled':
      return null;
  }
}
