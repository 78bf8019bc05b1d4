import { type Hook, TABLE_HOOKS, type TableName } from '../../datapath/netfilter/ruleset.ts';
import { iptablesFor } from '../../datapath/programs.ts';
import type { IpFamily } from '../../net/address.ts';
import type { Locus } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import { lineOf, type StateFault, type StateText, type Unread } from '../text.ts';
import { chainsLeftOut, legacyLeftOut, nftLeftOut, remarkIn } from './left-out.ts';
import { addRule, cutOff, type Draft, declareChain, emptyDraft, isTable, programOf } from './save.ts';

/** The tables of a text in their order, and the remarks on the rest of it. */
export interface Scanned {
  readonly drafts: readonly Draft[];
  readonly unread: readonly Unread[];
  readonly faults: readonly StateFault[];
  /** Tables that other programs than iptables-nft wrote into. */
  readonly ofNft: readonly { readonly family: IpFamily; readonly table: TableName }[];
  /** Where the text is cut off, before or within a table, so that more tables may have followed; null: it is whole. */
  readonly cut: { readonly index: number; readonly by: Pick<Draft, 'family' | 'backend'> } | null;
}

/** Splits a text into tables, chains and lines of rules. The rules themselves are not read here. */
export function scan(text: StateText): Scanned {
  const scanner = new Scanner(text);
  for (let i = 0; i < text.lines.length; i++) scanner.line(i, text.lines[i] ?? '');
  scanner.end();
  return scanner;
}

const suggestion = (text: string | null) => (text === null ? '' : `; ${text}`);

/** Messages of kubectl, ssh and docker about a command that did not run to its end. */
const ENDED =
  /^(command terminated with (non-zero )?exit code|error: .*(EOF|exit code|connection)|client_loop: send disconnect|.*: Broken pipe$|Killed$|Terminated$)/i;

const COUNTED = /^\[\d+:\d+\] /;

class Scanner implements Scanned {
  readonly drafts: Draft[] = [];
  readonly unread: Unread[] = [];
  readonly faults: StateFault[] = [];
  readonly ofNft: { readonly family: IpFamily; readonly table: TableName }[] = [];
  cut: Scanned['cut'] = null;
  readonly #text: StateText;
  #by: Pick<Draft, 'family' | 'backend'>;
  /** The table of the lines that follow. */
  #open: Draft | null = null;
  /** The index of the last line that is not empty. */
  #last = 0;
  /** A header was read, and no table since. */
  #isHeaded = false;
  /** The open table is of `iptables -S`, which prints no line for a table, nor for its end. */
  #isListing = false;

  constructor(text: StateText) {
    this.#text = text;
    this.#by = { family: familyOfCommand(text.command), backend: null };
  }

  line(i: number, whole: string): void {
    const line = COUNTED.test(whole) ? whole.slice(whole.indexOf(']') + 2) : whole.trim();
    if (line === '') return;
    this.#read(i, line);
    this.#last = i;
  }

  #read(i: number, line: string): void {
    if (line.startsWith('-A ')) this.#rule(i, line, null);
    else if (line.startsWith(':')) this.#chain(i, line);
    else if (line.startsWith('*')) this.#table(i, line.slice(1).trim());
    else if (line === 'COMMIT') this.#commit(i, line);
    else if (ENDED.test(line)) this.#ended(i, line);
    else if (line.startsWith('#')) this.#comment(i, line);
    else if (line.startsWith('-P ') || line.startsWith('-N ')) this.#listed(i, line);
    else if (line.startsWith('-I ')) this.#inserted(i, line);
    else this.#notUnderstood(i, line, 'not a line of iptables-save or iptables -S');
  }

  end(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null && this.#isHeaded) this.#cutBefore();
    if (open === null) return;
    if (!this.#isListing) this.#cut(open);
    else if (!TABLE_HOOKS[open.name].every((hook) => open.policies.has(hook))) this.#part(open);
  }

  #notUnderstood(i: number, line: string, why: string): void {
    this.unread.push({ locus: this.#at(i), text: line, why });
  }

  #table(i: number, name: string): void {
    this.#isHeaded = false;
    this.end();
    this.#isListing = false;
    if (!isTable(name)) {
      this.#notUnderstood(i, `*${name}`, `there is no table ${name}${suggestion(didYouMean(name, Object.keys(TABLE_HOOKS)))}`);
      return;
    }
    this.#open = emptyDraft(name, i, this.#by);
    this.drafts.push(this.#open);
  }

  #chain(i: number, line: string): void {
    const [name = '', policy = ''] = line.slice(1).split(' ');
    if (this.#open === null || this.#isListing) this.#notUnderstood(i, line, 'a chain stands in a table (a line as *filter)');
    else if (name === '' || !declareChain(this.#open, name, policy, i))
      this.#notUnderstood(i, line, `"${policy}" is no policy of the chain ${name}`);
  }

  #rule(i: number, line: string, place: number | null): void {
    const end = line.indexOf(' ', 3);
    const chain = end === -1 ? line.slice(3) : line.slice(3, end);
    if (this.#open === null) this.#listing(i);
    if (chain === '' || this.#open === null) this.#notUnderstood(i, line, 'a rule has a chain');
    else addRule(this.#open, { index: i, chain, rest: end === -1 ? '' : line.slice(end + 1) }, place);
  }

  /** `-I CHAIN 1 …`: a rule before others, which iptables-restore accepts and scripts write. */
  #inserted(i: number, line: string): void {
    const found = /^-I (\S+)(?: (\d{1,6}))?(?: (.*))?$/.exec(line);
    const [, chain = '', place, rest = ''] = found ?? [];
    if (found === null || Number(place ?? 1) < 1) this.#notUnderstood(i, line, 'a rule has a chain, and a place that is counted from 1');
    else this.#rule(i, `-A ${chain} ${rest}`.trimEnd(), Number(place ?? 1));
  }

  #commit(i: number, line: string): void {
    if (this.#open === null || this.#isListing) this.#notUnderstood(i, line, 'no table is open here');
    this.#open = null;
  }

  #comment(i: number, line: string): void {
    const by = programOf(line);
    if (by !== null) {
      this.end();
      this.#isListing = false;
      this.#isHeaded = true;
      this.#by = { family: by.family ?? this.#by.family, backend: by.backend };
      return;
    }
    const remark = remarkIn(line);
    if (remark?.of === 'legacy') this.faults.push(legacyLeftOut(this.#at(i), remark.family));
    if (remark?.of !== 'nft') return;
    const family = this.#by.family ?? (this.#text.lines.some((l) => l.startsWith('# Generated by ip6tables')) ? 'IPv6' : 'IPv4');
    this.ofNft.push({ family, table: remark.table });
    this.faults.push(nftLeftOut(this.#at(i), family, remark.table));
  }

  /** `-P INPUT ACCEPT`, `-N CHAIN`. A second policy for a chain begins another table. */
  #listed(i: number, line: string): void {
    const [flag, name = '', policy = '-'] = line.split(' ');
    if (this.#open === null || (this.#isListing && flag === '-P' && isOfAnother(this.#open, name))) this.#listing(i);
    const isDeclared =
      this.#open !== null && (this.#isListing || flag === '-N') && name !== '' && declareChain(this.#open, name, policy, i);
    if (!isDeclared) this.#notUnderstood(i, line, `no chain of the table ${this.#open?.name ?? 'filter'} has this policy`);
  }

  /** Opens a table of `iptables -S`. Its name is in the command, or follows from the policies below. */
  #listing(i: number): void {
    this.#isHeaded = false;
    this.end();
    this.#isListing = true;
    this.#open = emptyDraft(this.#tableHere(i), i, this.#by);
    this.drafts.push(this.#open);
  }

  #tableHere(at: number): TableName {
    const asked = / (?:-t|--table)[ =]?(\S+)/.exec(this.#text.command ?? '')?.[1];
    if (asked !== undefined && isTable(asked)) return asked;
    const hooks = new Set<string>();
    for (let i = at; i < this.#text.lines.length; i++) {
      const [, hook] = /^-P (\S+) /.exec(this.#text.lines[i] ?? '') ?? [];
      if (hook === undefined || hooks.has(hook)) break;
      hooks.add(hook);
    }
    return BY_HOOKS.find((table) => isSame(TABLE_HOOKS[table], hooks)) ?? 'filter';
  }

  /** Not all chains of the table are listed, and the others may have rules. */
  #part(open: Draft): void {
    const { name, family, index } = open;
    open.lacks = { by: 'part', last: index };
    this.faults.push(chainsLeftOut(this.#at(index), family, name));
  }

  #cut(open: Draft): void {
    const { name, family, index } = open;
    cutOff(open, this.#last);
    const message = `the table ${name}, which begins in line ${this.#text.document.position([index]).line}, has no COMMIT: the text is cut off here`;
    this.#cutAt(message, family);
  }

  /** A message that the program did not run to its end: the tables before it are whole, and more may have followed. */
  #ended(i: number, line: string): void {
    this.end();
    this.#last = i;
    if (this.cut === null) this.#cutAt(`the program did not run to its end: ${line}`, this.#by.family);
  }

  #cutBefore(): void {
    this.#isHeaded = false;
    this.#cutAt('no table comes after this: the text is cut off here', this.#by.family);
  }

  #cutAt(message: string, family: IpFamily | null): void {
    this.cut = { index: this.#last, by: this.#by };
    this.faults.push({ locus: this.#at(this.#last), message, hint: `collect all of it: ${iptablesFor(family ?? 'IPv4')}-save` });
  }

  readonly #at = (i: number): Locus => lineOf(this.#text, i, `Node/${this.#text.node}`);
}

/** Is the policy of a chain that the table already has, or cannot have? */
const isOfAnother = ({ name, chains }: Draft, chain: string) => chains.has(chain) || !TABLE_HOOKS[name].some((h) => h === chain);

const BY_HOOKS: readonly TableName[] = ['filter', 'nat', 'mangle', 'raw'];
const isSame = (hooks: readonly Hook[], found: ReadonlySet<string>) => found.size === hooks.length && hooks.every((h) => found.has(h));

/** `ip6tables -S`, `ip6tables-save`, `iptables -S`. */
function familyOfCommand(command: string | null): IpFamily | null {
  if (command === null) return null;
  return /\bip6tables/.test(command) ? 'IPv6' : /\biptables/.test(command) ? 'IPv4' : null;
}
