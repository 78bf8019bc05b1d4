import { acceptByPolicy, deleteInWords, deleteRule } from '../datapath/netfilter/undo.ts';
import type { Locus } from '../source/origin.ts';
import { advised, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/** What takes a rule back that was found on a node, or the policy of its chain; null: it is none of these. */
export function foundRule({
  facts,
  origin: { locus },
  context: { cluster },
}: Scene<'FILTER_DROP' | 'FILTER_REJECT'>): readonly Fix[] | null {
  if (locus === null || cluster.nodes.get(facts.netns)?.found == null) return null;
  const found = / (nft|iptables|ip6tables) (\S+) (\S+)(?: |$)/.exec(locus.object);
  if (found === null) return null;
  const [, program = '', first = '', second = ''] = found;
  const on = `on ${facts.netns}`;
  if (facts.chain === null) {
    const command =
      program === 'nft'
        ? acceptByPolicy({ family: first, table: second, chain: facts.base })
        : `${program} -t ${first} -P ${facts.base} ACCEPT`;
    const words = `change the policy of ${facts.base}, or add a rule to it that accepts such packets (${place(locus)})`;
    return [advised('elsewhere', command === null ? words : `${words}; ${on}: ${command}`)];
  }
  const line = lineAt(locus);
  const words = `change the rule ${shown(line)} (${place(locus)})`;
  if (program === 'nft') {
    const of = { family: first, table: second, chain: facts.chain };
    return [advised('elsewhere', `${words}, or ${on}: ${deleteRule(of, line) ?? deleteInWords(of)}`)];
  }
  const number = /\d+$/.exec(locus.object)?.[0];
  return [advised('elsewhere', number === undefined ? words : `${words}, or ${on}: ${program} -t ${first} -D ${facts.chain} ${number}`)];
}

const lineAt = ({ document, path }: Locus): string => document.line(document.position(path).line).trim();

const shown = (line: string): string => line.replace(/ # handle \d+$/, '');
