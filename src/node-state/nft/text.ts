import { NFT_FAMILIES } from '../../datapath/netfilter/ruleset.ts';
import { inBlock, type Reader } from './blocks.ts';
import { elementsOf } from './expressions.ts';
import { statementsOf } from './statements.ts';
import type { ChainSyntax, RuleSyntax, RulesetSyntax, SetSyntax, TableSyntax } from './syntax.ts';
import { setOf } from './text-sets.ts';
import { Tokens } from './tokens.ts';

/** Reads the text of `nft list ruleset`, with or without handles, numbers and counters. */
export function rulesetOfText(lines: readonly string[]): RulesetSyntax {
  const t = new Tokens(lines);
  const tables: TableSyntax[] = [];
  const unread: { line: number; why: string }[] = [];
  const read: Reader = { t, unread, cut: null };
  for (t.skipEnds(); t.peek() !== undefined && read.cut === null; t.skipEnds()) {
    const { line } = t;
    const table = t.take('table') ? tableOf(read, line) : null;
    if (table === null) {
      unread.push({ line, why: 'no table of nft begins here' });
      t.skipStatement();
      t.take('}');
    } else tables.push(table);
  }
  const fault = read.cut === null ? null : { line: read.cut, message: 'the listing ends within what begins here: it is cut off' };
  return { tables, managed: managedIn(lines), unread, fault };
}

const MANAGED = /^# Warning: table (\S+) (\S+) is managed by iptables-nft/;

const managedIn = (lines: readonly string[]): ReadonlySet<string> =>
  new Set(
    lines.flatMap((l) => {
      const [, family, name] = MANAGED.exec(l) ?? [];
      return family === undefined ? [] : `${family} ${name}`;
    }),
  );

/** Null: no table. */
function tableOf(read: Reader, line: number): TableSyntax | null {
  const { t } = read;
  const family = NFT_FAMILIES.some((f) => f === t.text()) ? (t.name() ?? '') : 'ip';
  const name = t.name();
  if (name === null || !t.take('{')) return null;
  const sets: SetSyntax[] = [];
  const chains: ChainSyntax[] = [];
  let comment: string | null = null;
  let isDormant = false;
  inBlock(read, line, (begins) => {
    if (t.take('chain')) return keep(chains, chainOf(read, begins));
    if (t.text() === 'set' || t.text() === 'map') return keep(sets, setOf(read, begins));
    if (t.take('comment')) {
      comment = t.name();
      return true;
    }
    if (t.take('flags')) {
      isDormant = t.text() === 'dormant';
      t.skipStatement();
      return true;
    }
    return passObject(t);
  });
  return { family, name, line, comment, isDormant, sets, chains };
}

function keep<T>(all: T[], one: T | null): boolean {
  if (one !== null) all.push(one);
  return one !== null;
}

const OBJECTS = new Set(['counter', 'quota', 'limit', 'ct', 'flowtable', 'secmark', 'synproxy', 'tunnel']);

/** Skips an object that does nothing by itself: rules refer to it by name. */
function passObject(t: Tokens): boolean {
  if (!OBJECTS.has(t.text())) return false;
  t.skipStatement();
  return true;
}

interface Base {
  type: string;
  hook: string;
  priority: string;
  policy: string | null;
  policyLine: number;
  devices: readonly string[];
}

function chainOf(read: Reader, line: number): ChainSyntax | null {
  const { t } = read;
  const name = t.name();
  if (name === null || !t.take('{')) return null;
  const rules: RuleSyntax[] = [];
  let comment: string | null = null;
  let base: Base | null = null;
  inBlock(read, line, (at) => {
    if (t.text() === 'type' && t.text(2) === 'hook') {
      base = baseOf(t);
      return base !== null;
    }
    if (t.text() === 'policy' && base !== null) {
      t.next();
      base.policy = t.name();
      base.policyLine = at;
      return true;
    }
    if (t.text() === 'flags' && t.text(1) === 'offload') {
      t.skipStatement();
      return true;
    }
    if (t.text() === 'comment' && rules.length === 0 && t.peek(1)?.kind === 'string') {
      t.next();
      comment = t.name();
      return true;
    }
    const again = t.again();
    t.skipStatement();
    rules.push({ line: at, statements: () => statementsOf(again()) });
    return true;
  });
  return { name, comment, line, base, rules };
}

/** `type filter hook ingress device "eth0" priority filter + 10` */
function baseOf(t: Tokens): Base | null {
  const policyLine = t.line;
  t.next();
  const type = t.name();
  t.next();
  const hook = t.name();
  const devices: string[] = [];
  if (t.take('device')) devices.push(t.name() ?? '');
  else if (t.take('devices') && t.take('='))
    devices.push(...(elementsOf(t) ?? []).flatMap(({ key }) => (key.kind === 'word' ? key.text : [])));
  if (type === null || hook === null || !t.take('priority')) return null;
  const from = t.at;
  t.skipStatement();
  return { type, hook, priority: t.since(from), policy: null, policyLine, devices };
}
