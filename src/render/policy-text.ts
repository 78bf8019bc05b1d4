import type { PolicyDocument } from '../document/policy-schema.ts';
import { type Paint, paint } from './paint.ts';
import { atText, blockedTitle, headline, placesOf, REST, selection, title, verdictText } from './policy-head.ts';
import { type Direction, policyLines } from './policy-lines.ts';
import { section } from './section.ts';
import { hanging, safe, wrap } from './text.ts';
import { whatIfLines } from './what-if.ts';

export interface PolicyOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** What is blocked, too, peer by peer. */
  readonly verbose: boolean;
}

/** For a terminal: the answer in a sentence, the policies that are about the pod, and a table a direction. */
export function policyText(document: PolicyDocument, { color, width, verbose }: PolicyOptions): string {
  const p = paint(color);
  const place = placesOf(document);
  const directions = ['ingress', 'egress'] as const;
  const head = [
    ...wrap(safe(headline(document)), width).map((line) => p.strong(line)),
    ...whatIfLines(document.whatIf, p, width),
    ...directions.flatMap((d) => hanging(d === 'ingress' ? '  ingress  ' : '  egress   ', safe(selection(document, d, place)), width)),
  ];
  const blocks = directions.flatMap((d) => directionText(document, d, p, width, verbose));
  return `${[head.join('\n'), ...blocks].join('\n\n')}\n`;
}

function directionText(document: PolicyDocument, direction: Direction, p: Paint, width: number, verbose: boolean): readonly string[] {
  const { rows, blocked, isRestBlocked } = policyLines(document, direction, placesOf(document), verbose);
  const who = direction === 'ingress' ? 'FROM' : 'TO';
  const cells = rows.map((r) => [r.peers, r.ports, verdictText(r.verdict, r.blockedAt), r.by]);
  const table = section(p, safe(title(document, direction)), [who, 'PORTS', 'VERDICT', 'BY'], cells, width);
  const kept = blocked.map((r) => [r.peers, atText(r.blockedAt), r.by]);
  return [
    `${colored(table, p)}${
      isRestBlocked
        ? `\n${wrap(REST, width)
            .map((line) => p.faint(line))
            .join('\n')}`
        : ''
    }`,
    ...(kept.length === 0 ? [] : [section(p, blockedTitle(direction), [who, 'BLOCKED', 'BY'], kept, width)]),
  ];
}

/** After the table is laid out: colours have no width. */
const colored = (table: string, p: Paint): string =>
  table.replace(/ {2}(allowed|blocked here|blocked at its end|unknown)(?= {2,}|$)/gm, (_, word: string) => `  ${inkOf(word, p)(word)}`);

const inkOf = (word: string, p: Paint): ((text: string) => string) =>
  word === 'allowed' ? p.good : word === 'unknown' ? p.doubtful : p.bad;
