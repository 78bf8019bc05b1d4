import type { PolicyDocument } from '../document/policy-schema.ts';
import { atText, blockedTitle, headline, placesOf, REST, selection, title, verdictText } from './policy-head.ts';
import { type Direction, policyLines } from './policy-lines.ts';
import { safe } from './text.ts';
import { whatIfText } from './what-if.ts';

/** For a comment, an issue or a page of docs on GitHub. */
export function policyMarkdown(document: PolicyDocument, verbose: boolean): string {
  const place = placesOf(document);
  const about = (['ingress', 'egress'] as const).map((d) => `- ${d}: ${escaped(selection(document, d, place))}`);
  const parts = (['ingress', 'egress'] as const).flatMap((d) => direction(document, d, verbose));
  const what = whatIfText(document.whatIf);
  const supposed = what === '' ? [] : [`What if ${escaped(what)}.`];
  return `${[`**${escaped(headline(document))}**`, ...supposed, about.join('\n'), ...parts].join('\n\n')}\n`;
}

function direction(document: PolicyDocument, of: Direction, verbose: boolean): readonly string[] {
  const { rows, blocked, isRestBlocked } = policyLines(document, of, placesOf(document), verbose);
  const who = of === 'ingress' ? 'From' : 'To';
  const cells = rows.map((r) => [r.peers, r.ports, verdictText(r.verdict, r.blockedAt), r.by]);
  const kept = blocked.map((r) => [r.peers, atText(r.blockedAt), r.by]);
  return [
    `### ${escaped(title(document, of))}`,
    cells.length === 0 ? 'Nothing.' : table([who, 'Ports', 'Verdict', 'By'], cells),
    ...(isRestBlocked ? [escaped(REST)] : []),
    ...(kept.length === 0 ? [] : [`#### ${blockedTitle(of)}`, table([who, 'Blocked', 'By'], kept)]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(escaped)))].join('\n');
}

/** Text of the input is no markup. */
const escaped = (text: string): string => safe(text).replace(/[\\`*_[\]<>|~#]/g, (c) => `\\${c}`);
