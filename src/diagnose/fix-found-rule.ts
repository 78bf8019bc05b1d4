import { acceptByPolicy, deleteInWords, deleteRule } from '../datapath/netfilter/undo.ts';
import { originOf } from '../hop/rule-step.ts';
import type { Locus } from '../source/origin.ts';
import { markedBy } from './marked-by.ts';
import { advised, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/** The fix that deletes a found rule, or changes the policy of its chain; null: it is neither. */
export function foundRule({
  facts,
  origin: { locus },
  hops,
  context: { cluster },
}: Scene<'FILTER_DROP' | 'FILTER_REJECT'>): readonly Fix[] | null {
  if (locus === null || cluster.nodes.get(facts.netns)?.found == null) return null;
  const found = tableIn(locus);
  if (found === null) return null;
  if (facts.chain !== null) {
    const by = markedBy(hops, facts.netns);
    const marks = by === null ? null : takenBack('the rule that marks it, ', originOf(by).locus, by.chain, facts.netns);
    const fix = marks ?? takenBack('the rule ', locus, facts.chain, facts.netns);
    return fix === null ? null : [fix];
  }
  const { program, first, second } = found;
  const command =
    program === 'nft'
      ? acceptByPolicy({ family: first, table: second, chain: facts.base })
      : `${program} -t ${first} -P ${facts.base} ACCEPT`;
  const words = `change the policy of ${facts.base}, or add a rule to it that accepts such packets (${place(locus)})`;
  return [advised('elsewhere', command === null ? words : `${words}; on ${facts.netns}: ${command}`)];
}

/** The table of a place in found rules; nft's names begin with the family. Null: the place is in none. */
function tableIn({ object }: Locus): { readonly program: string; readonly first: string; readonly second: string } | null {
  const [, program, first, second] = / (nft|iptables|ip6tables) (\S+) (\S+)(?: |$)/.exec(object) ?? [];
  return program === undefined || first === undefined || second === undefined ? null : { program, first, second };
}

function takenBack(which: string, locus: Locus | null, chain: string, netns: string): Fix | null {
  const found = locus === null ? null : tableIn(locus);
  if (locus === null || found === null) return null;
  const { program, first, second } = found;
  const line = lineAt(locus);
  const words = `change ${which}${shown(line)} (${place(locus)})`;
  if (program === 'nft') {
    const of = { family: first, table: second, chain };
    return advised('elsewhere', `${words}, or on ${netns}: ${deleteRule(of, line) ?? deleteInWords(of)}`);
  }
  const number = /\d+$/.exec(locus.object)?.[0];
  return advised('elsewhere', number === undefined ? words : `${words}, or on ${netns}: ${program} -t ${first} -D ${chain} ${number}`);
}

const lineAt = ({ document, path }: Locus): string => document.line(document.position(path).line).trim();

const shown = (line: string): string => line.replace(/ # handle \d+$/, '');
