import { type Paint, paint } from './paint.ts';
import { plainTable } from './plain-table.ts';
import { hanging, safe, wrap } from './text.ts';

interface Options {
  readonly color: boolean;
  readonly width: number;
}

type Block =
  | { readonly kind: 'heading' | 'paragraph'; readonly text: string }
  | { readonly kind: 'item'; readonly mark: string; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };

const INDENT = '  ';

/** A page for a terminal: headings, and below each what it heads, wrapped. It knows what our own pages are made of, and no more of Markdown. */
export function markdownText(page: string, { color, width }: Options): string {
  const p = paint(color);
  const blocks = blocksOf(page.trimEnd().split('\n'));
  const lines = blocks.flatMap((block, i) => {
    const isTight = i === 0 || (block.kind === 'item' && blocks[i - 1]?.kind === 'item');
    return [...(isTight ? [] : ['']), ...blockLines(block, p, width)];
  });
  return `${lines.join('\n')}\n`;
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? '';
    const end = endOf(lines, i);
    const part = lines.slice(i, end);
    i = end;
    if (line.startsWith('```')) blocks.push({ kind: 'code', lines: part.slice(1, -1) });
    else if (line.startsWith('|')) blocks.push({ kind: 'table', rows: part.filter((l) => !/^[|\s:-]+$/.test(l)).map(cellsOf) });
    else if (line !== '') blocks.push(textBlock(part.map((l) => l.trim()).join(' ')));
  }
  return blocks;
}

/** The line behind the block that begins on line `start`. */
function endOf(lines: readonly string[], start: number): number {
  const from = (isLast: (line: string) => boolean) => {
    const after = lines.findIndex((line, i) => i > start && isLast(line));
    return after === -1 ? lines.length : after;
  };
  const line = lines[start] ?? '';
  if (line.startsWith('```')) return from((l) => l.startsWith('```')) + 1;
  if (line.startsWith('|')) return from((l) => !l.startsWith('|'));
  return line.startsWith('#') || line === '' ? start + 1 : from((l) => l === '' || /^(#|```|\||- |\d+\. )/.test(l));
}

function textBlock(text: string): Block {
  const [, mark = '', rest = ''] = text.match(/^(#+|-|\d+\.) +(.*)$/) ?? [];
  if (mark.startsWith('#')) return { kind: 'heading', text: rest };
  return mark === '' ? { kind: 'paragraph', text } : { kind: 'item', mark, text: rest };
}

const cellsOf = (row: string): readonly string[] =>
  row
    .replace(/^\||\|\s*$/g, '')
    .split('|')
    .map((cell) => withoutMarks(cell.trim()));

function blockLines(block: Block, p: Paint, width: number): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return wrap(withoutMarks(block.text), width).map((line) => p.strong(line));
    case 'paragraph':
      return inked(block.text, (text) => wrap(text, width - INDENT.length).map((line) => INDENT + line), p);
    case 'item':
      return inked(block.text, (text) => hanging(`${INDENT}${block.mark} `, text, width), p);
    case 'code':
      return block.lines
        .flatMap((line) => codeLines(line, width - 2 * INDENT.length))
        .map((line) => (line === '' ? '' : `${INDENT}${INDENT}${line}`));
    case 'table':
      return tableLines(block.rows, p, width);
  }
}

/** Code is to be copied, so it is not wrapped; but a remark behind it, for which there is no room, goes before it. */
function codeLines(line: string, room: number): readonly string[] {
  const [, indent = '', code = '', remark = ''] = line.match(/^( *)(\S.*?) {2,}# (.*)$/) ?? [];
  if (line.length <= room || code === '') return [safe(line)];
  return [...wrap(safe(remark), room - indent.length - 2).map((part) => `${indent}# ${part}`), `${indent}${safe(code)}`];
}

function tableLines([head = [], ...rows]: readonly (readonly string[])[], p: Paint, width: number): readonly string[] {
  const table = plainTable(
    head.map((h) => p.faint(h)),
    head,
    rows,
    width - INDENT.length,
  );
  return table.split('\n').map((line) => INDENT + line);
}

/** A link to the page of a code is the code; another one names its page. */
const withoutLinks = (text: string): string =>
  text.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, words: string, to: string) =>
    to.replace(/^(reasons\/)?(.*)\.md$/, '$2') === words ? words : `${words} (${to.replace(/^(\.\.\/)?(?=[\w-]+\.md)/, 'docs/')})`,
  );

const withoutMarks = (text: string): string => safe(withoutLinks(text).replaceAll('**', ''));

/** Lays a text out, and then colours what `**` stands around, and code, which may go over the end of a line. */
function inked(text: string, layOut: (text: string) => readonly string[], p: Paint): readonly string[] {
  const strong = withoutLinks(text)
    .split('**')
    .map((part, i) => ({ text: safe(part), isStrong: i % 2 === 1 }));
  const styles = strong.flatMap(({ text, isStrong }) => [...text].filter((c) => c !== ' ').map(() => isStrong));
  const plain = strong.map((part) => part.text).join('');
  const lines = layOut(plain);
  const lead = lines.join('').replaceAll(' ', '').length - plain.replaceAll(' ', '').length;
  let at = -lead;
  let isCode = false;
  return lines.map((line) => {
    const runs: { text: string; ink: (text: string) => string }[] = [];
    for (const c of line) {
      if (c === '`') isCode = !isCode;
      const ink = isCode || c === '`' ? p.change : c !== ' ' && styles[at] === true ? p.strong : plainInk;
      if (c !== ' ') at++;
      const last = runs.at(-1);
      if (last?.ink === ink) last.text += c;
      else runs.push({ text: c, ink });
    }
    return runs.map(({ text, ink }) => ink(text)).join('');
  });
}

const plainInk = (text: string) => text;
