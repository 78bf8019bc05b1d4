import type { FoundTable } from '../../datapath/found-state.ts';
import { POLICIES_APART } from '../../datapath/netfilter/iptables-save.ts';
import { wordsOf } from '../../datapath/netfilter/iptables-words.ts';
import type { Rule, TableName } from '../../datapath/netfilter/ruleset.ts';
import { iptablesFor } from '../../datapath/programs.ts';
import type { IpFamily } from '../../net/address.ts';
import { declaredAt, lineOf, type Piece, type Reading, type SetSource, type StateFault, type StateText, type Unread } from '../text.ts';
import type { Context } from './module.ts';
import { readRule } from './rule.ts';
import type { Draft, Line } from './save.ts';
import { type Scanned, scan } from './scan.ts';
import { withUnlisted } from './unlisted.ts';

/**
 * Reads the output of `iptables-save`, `ip6tables-save` or `iptables -S`, also of both families one after the other. A rule that is not
 * understood keeps its place, with an unknown match or target. A table that is cut off gets a rule that says so.
 */
export function readIptables(text: StateText, sets: SetSource): Reading {
  const { drafts, unread: lines, faults: cuts, ofNft, cut } = scan(text);
  const reader: Reader = { text, sets, writes: writtenIn(text), unread: [...lines], faults: [...cuts] };
  const { unread, faults } = reader;
  const pieces: PieceDraft[] = [];
  const apart = text.lines.includes(POLICIES_APART) ? { policiesApart: true as const } : {};
  for (const save of savesOf(drafts)) {
    const family = save[0]?.family ?? familyOfRules(text, save);
    const backend = save[0]?.backend ?? null;
    const same = pieces.find((p) => p.family === family && p.backend === backend);
    const strange = new Set(ofNft.flatMap((t) => (t.family === (family ?? 'IPv4') ? [t.table] : [])));
    const piece = same ?? { kind: 'iptables', family, backend, tables: new Map(), ofNft: strange };
    if (same === undefined) pieces.push(piece);
    for (const draft of save.filter((d) => !piece.ofNft.has(d.name))) {
      const before = piece.tables.get(draft.name);
      if (before?.origin.locus != null)
        unread.push({
          locus: before.origin.locus,
          text: text.lines[Number(before.origin.locus.path[0])] ?? '',
          why: `the table ${draft.name} is there again in line ${text.document.position([draft.index]).line}, and the later one counts`,
        });
      piece.tables.set(draft.name, withUnlisted({ ...tableOf(draft, family, reader), ...apart }, draft, text, family));
    }
  }
  return { pieces: cut === null ? pieces : withCut(pieces, cut, text), unread, faults };
}

/** A text while it is read. */
interface Reader extends Pick<Context, 'sets' | 'writes'> {
  readonly text: StateText;
  readonly unread: Unread[];
  readonly faults: StateFault[];
}

type PieceDraft = Extract<Piece, { kind: 'iptables' }> & { readonly tables: Map<TableName, FoundTable> };

/** The pieces with the cut noted on the last one of its program. */
function withCut(pieces: readonly PieceDraft[], { index, by }: NonNullable<Scanned['cut']>, text: StateText): readonly PieceDraft[] {
  const at = pieces.findLastIndex((p) => p.backend === by.backend && (by.family === null || p.family === by.family));
  const piece = pieces[at] ?? { kind: 'iptables', ...by, tables: new Map(), ofNft: new Set() };
  const program = iptablesFor(piece.family ?? 'IPv4');
  const untold = { because: `${program}-save is cut off there`, command: `${program}-save` };
  const cut = { untold, origin: declaredAt(text, index, `Node/${text.node} ${program}`) };
  return [...pieces.filter((p) => p !== piece), { ...piece, cut }];
}

/** The drafts by save. A save has each table once: another one begins where a table comes again, or where another program wrote it. */
function savesOf(drafts: readonly Draft[]): readonly (readonly Draft[])[] {
  const saves: Draft[][] = [];
  for (const draft of drafts) {
    const open = saves.at(-1);
    const belongs = open?.every((d) => d.name !== draft.name && d.family === draft.family && d.backend === draft.backend) === true;
    if (belongs) open?.push(draft);
    else saves.push([draft]);
  }
  return saves;
}

const IPV4 = /(?:-s|-d|--to-destination|--to-source|--to|--on-ip|--src-range|--dst-range|--vaddr) \d+\.\d+\.|--reject-with icmp-| -p icmp /;
const IPV6 =
  /(?:-s|-d|--to|--on-ip|--src-range|--dst-range|--vaddr) [0-9a-f]*:|--to-(?:destination|source) \[?[0-9a-f]*:[0-9a-f:]*:|icmp6-| ipv6-icmp | --icmpv6-type /i;

const FOR_ONE = / (?:-4|-6|--ipv4|--ipv6)(?= |$)/;

/** The family of a save, from the first rule with an address; null: no rule has one. */
function familyOfRules(text: StateText, save: readonly Draft[]): IpFamily | null {
  for (const { chains } of save)
    for (const lines of chains.values())
      for (const { index } of lines) {
        const line = text.lines[index] ?? '';
        if (FOR_ONE.test(line)) continue;
        if (IPV6.test(line)) return 'IPv6';
        if (IPV4.test(line)) return 'IPv4';
      }
  return null;
}

function tableOf(draft: Draft, family: IpFamily | null, reader: Reader): FoundTable {
  const { text, faults } = reader;
  const { name, chains, policies, policyLines, undeclared, index } = draft;
  const program = iptablesFor(family ?? 'IPv4');
  const object = `Node/${text.node} ${program} ${name}`;
  const { sets, writes } = reader;
  const context: Context = { family: family ?? 'IPv4', table: name, sets, writes, isChain: (chain) => chains.has(chain) };
  const rules = new Map<string, readonly Rule[]>();
  for (const [chain, lines] of chains)
    rules.set(
      chain,
      lines.map((line, i) => ruleOf(line, `${object} ${chain} ${i + 1}`, context, reader)),
    );
  for (const [chain, at] of undeclared)
    faults.push({
      locus: lineOf(text, at, `${object} ${chain}`),
      message: `no line declares the chain ${chain} of the table ${name}`,
      hint: `${program}-save`,
    });
  const policyOrigins = new Map([...policyLines].map(([hook, at]) => [hook, declaredAt(text, at, `${object} ${hook}`)]));
  return { policies, policyOrigins, chains: rules, origin: declaredAt(text, index, object) };
}

/** The counters of `iptables -S -v`, but not such words within a quoted comment. */
const COUNTERS = /^((?:[^"]|"(?:[^"\\]|\\.)*")*?)(?:^| )-c \d+ \d+(?= |$)/;

const withoutCounters = (rest: string) => (rest.includes('-c ') ? rest.replace(COUNTERS, '$1').trim() : rest);

/** `object`: the rule's place, as `Node/node-1 iptables nat PREROUTING 3`. */
function ruleOf({ index, rest }: Line, object: string, context: Context, { text, unread, faults }: Reader): Rule {
  const listed = withoutCounters(rest);
  const origin = declaredAt(text, index, object);
  const words = wordsOf(listed);
  const notUnderstood = (why: string) => unread.push({ locus: lineOf(text, index, object), text: text.lines[index] ?? '', why });
  if (words === null) {
    notUnderstood('a quote has no end');
    return { matches: [], target: { kind: 'unmodelled', text: listed }, listed, comment: null, origin };
  }
  const { matches, target, comment, why, missing } = readRule(words, context);
  for (const reason of why) notUnderstood(reason);
  if (missing !== null) {
    const message = `the table ${context.table} has no chain ${missing}, and there is no target of that name`;
    faults.push({ locus: lineOf(text, index, object), message, hint: null });
  }
  return { matches, target, listed, comment, origin };
}

const WRITES_TOS = /-j (?:TOS|DSCP) /;

const writtenIn = ({ lines }: StateText): Context['writes'] => ({
  tos: lines.some((line) => WRITES_TOS.test(line)),
});
