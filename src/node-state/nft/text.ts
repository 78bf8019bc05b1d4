import { elementsOf } from './expressions.ts';
import { statementsOf } from './statements.ts';
import type { ChainSyntax, Element, RuleSyntax, RulesetSyntax, SetSyntax, TableSyntax } from './syntax.ts';
import { Tokens } from './tokens.ts';

/** `nft list ruleset`, with or without handles, numbers and counters. */
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

interface Reader {
  readonly t: Tokens;
  readonly unread: { line: number; why: string }[];
  /** The line of the block that has no end. */
  cut: number | null;
}

const MANAGED = /^# Warning: table (\S+) (\S+) is managed by iptables-nft/;

const managedIn = (lines: readonly string[]): ReadonlySet<string> =>
  new Set(
    lines.flatMap((l) => {
      const [, family, name] = MANAGED.exec(l) ?? [];
      return family === undefined ? [] : `${family} ${name}`;
    }),
  );

const FAMILIES = new Set(['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev']);

/** Null: no table. */
function tableOf(read: Reader, line: number): TableSyntax | null {
  const { t } = read;
  const family = FAMILIES.has(t.text()) ? (t.name() ?? '') : 'ip';
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

/** Counters, limits and the like have no part in a packet's way but by their names. */
function passObject(t: Tokens): boolean {
  if (!OBJECTS.has(t.text())) return false;
  t.skipStatement();
  return true;
}

/** What is in braces, a statement at a time, up to the closing one. `one` says whether it knows what is next. */
function inBlock(read: Reader, begins: number, one: (line: number) => boolean): void {
  const { t, unread } = read;
  for (t.skipEnds(); !t.take('}'); t.skipEnds()) {
    if (t.peek() === undefined) {
      read.cut ??= begins;
      return;
    }
    t.forget();
    const { line, at } = t;
    const isKnown = one(line);
    if (read.cut !== null) return;
    if (isKnown && (t.isAtEnd || t.text() === '}')) continue;
    unread.push({ line, why: 'nft prints nothing like it there, as far as it is known' });
    t.skipStatement();
    if (t.at === at) t.next();
  }
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

function setOf(read: Reader, line: number): SetSyntax | null {
  const { t } = read;
  const kind = t.text() === 'set' ? 'set' : 'map';
  t.next();
  const name = t.name();
  if (name === null || !t.take('{')) return null;
  const stated = { key: [''], data: [''], flags: [''], timeout: null as number | null, comment: null as string | null };
  stated.key = stated.data = stated.flags = [];
  let items: readonly Element[] = [];
  inBlock(read, line, () => {
    const word = t.text();
    switch (word) {
      case 'type':
      case 'typeof': {
        t.next();
        const [key = '', data = ''] = restOf(t).split(/ : /);
        stated.key = partsOf(key);
        stated.data = partsOf(data);
        return true;
      }
      case 'flags':
        t.next();
        stated.flags = restOf(t).split(/[,\s]+/);
        return true;
      case 'timeout':
        t.next();
        stated.timeout = seconds(restOf(t));
        return true;
      case 'comment':
        t.next();
        stated.comment = t.name();
        return true;
      case 'elements': {
        t.next();
        const found = t.take('=') ? elementsOf(t) : null;
        if (found === null) {
          if (t.peek() === undefined) read.cut ??= line;
          return false;
        }
        items = found;
        return true;
      }
      default:
        if (!SET_OPTIONS.has(word)) return false;
        t.skipStatement();
        return true;
    }
  });
  return { kind, name, line, ...stated, items, text: t.linesSince(line) };
}

const SET_OPTIONS = new Set(['size', 'policy', 'auto-merge', 'gc-interval', 'counter', 'limit', 'quota', 'ct', 'last']);

function restOf(t: Tokens): string {
  const from = t.at;
  t.skipStatement();
  return t.since(from);
}

const partsOf = (types: string): string[] => (types === '' ? [] : types.trim().split(' . '));

const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** `1h30m`; null: it is no time. */
function seconds(text: string): number | null {
  if (!/^(\d+(ms|[wdhms]))+$/.test(text)) return /^\d+$/.test(text) ? Number(text) : null;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[wdhms])/g)) sum += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return sum;
}
