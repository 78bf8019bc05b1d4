import type { NftTable } from '../../datapath/netfilter/ruleset.ts';
import { lineOf, type Reading, type StateText } from '../text.ts';
import { tablesNamed } from '../wrong-command.ts';
import { rulesetOfJson } from './json.ts';
import { positionsIn } from './json-lines.ts';
import type { RulesetSyntax } from './syntax.ts';
import { type Told, tableOf } from './tables.ts';
import { rulesetOfText } from './text.ts';

const NOTHING: Reading = { pieces: [], unread: [], faults: [] };
const RIGHT = 'nft list ruleset, or nft -j list ruleset';

/** Reads `nft list ruleset`: text (also of `-a` and `-n`) or JSON. */
export function readNft(text: StateText): Reading {
  const first = text.lines.find((l) => l.trim() !== '')?.trim() ?? '';
  if (first.startsWith('{')) return readJson(text);
  const names = isListOfNames(text);
  if (names !== null)
    return withFault(text, 0, `these are the names of nft's ${names}, without what is in them`, {
      because: `only the names of its ${names} are listed`,
      tables: tablesNamed(text.lines),
    });
  const syntax = rulesetOfText(text.lines);
  if (syntax.tables.length === 0 && first !== '' && syntax.fault === null) return withFault(text, 0, 'no table of nft is in it', null);
  return readingOf(text, syntax);
}

/** Does the text list names of tables, or chains without their rules, as `nft list tables` does? Null: it does not. */
function isListOfNames({ lines }: StateText): 'tables' | 'chains' | null {
  const said = lines.filter((l) => l.trim() !== '' && !l.startsWith('#'));
  if (said.length === 0) return null;
  if (said.every((l) => /^table (ip|ip6|inet|bridge|arp|netdev) \S+$/.test(l.trim()))) return 'tables';
  // Between chains with their rules there is an empty line.
  const follows = (l: string, i: number) => /^\tchain \S+ \{/.test(l) && lines[i - 1] === '\t}';
  return lines.some(follows) && said.every((l) => HEAD.test(l.trim())) ? 'chains' : null;
}

const HEAD = /^(table \S+ \S+ \{|chain \S+ \{|type \w+ hook .*|\})( # handle \d+)?$/;

interface Left {
  readonly because: string;
  /** Null: all tables of nft. */
  readonly tables: readonly Pick<NftTable, 'family' | 'name'>[] | null;
}

const CUT: Left = { because: 'nft list ruleset is cut off there', tables: null };

/** A text that cannot be used: any table may have followed where it is cut off. */
const withFault = (text: StateText, line: number, message: string, left: Left | null): Reading => ({
  ...NOTHING,
  faults: [
    {
      locus: lineOf(text, line, `Node/${text.node}`),
      message,
      hint: RIGHT,
      ...(left === null ? {} : { untold: { area: 'nft', command: RIGHT, ...left } }),
    },
  ],
});

function readJson(text: StateText): Reading {
  const whole = text.lines.join('\n');
  let root: unknown;
  try {
    root = JSON.parse(whole);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return withFault(text, text.lines.length - 1, 'the JSON is cut off, or broken', CUT);
  }
  const syntax = rulesetOfJson(root, positionsIn(whole));
  return syntax === null ? withFault(text, 0, 'the JSON has no list "nftables"', null) : readingOf(text, syntax);
}

function readingOf(text: StateText, syntax: RulesetSyntax): Reading {
  const told: Told[] = [...syntax.unread];
  if (syntax.fault !== null) return withFault(text, syntax.fault.line, syntax.fault.message, CUT);
  const tables = syntax.tables.flatMap((t) => tableOf(text, t, syntax, (one) => told.push(one)) ?? []);
  const unread = told.map(({ line, why }) => ({
    locus: lineOf(text, line, `Node/${text.node}`),
    text: (text.lines[line] ?? '').trim(),
    why,
  }));
  return { pieces: [{ kind: 'nft', tables }], unread, faults: [] };
}
