import type { ByteWindow } from '../syntax/byte-window.ts';
import { YamlLines } from '../syntax/yaml-lines.ts';
import type { DocumentEnd, Head, ListEnd, ListHead, Piece } from './piece.ts';

/**
 * The objects of a YAML text, by its lines alone: its documents, and the items of those that are lists. An item's lines are indented deeper
 * than its dash whatever they have in them, quoted texts and literal blocks too (YAML 1.2.2, 8.1 and 8.2).
 */
export function* yamlPieces(window: ByteWindow): Generator<Piece | ListEnd | DocumentEnd> {
  const lines = new YamlLines(window);
  while (!lines.isEnd) yield* document(lines);
}

function* document(lines: YamlLines): Generator<Piece | ListEnd | DocumentEnd> {
  if (lines.isMark && BARE_MARK.test(lines.from(0))) lines.advance();
  const from = lines.place;
  lines.window.keep = from.offset;
  let isOdd = passPreface(lines);
  passEmpty(lines);
  const hasContent = !lines.isEnd && !lines.isMark;
  const head = newHead(false);
  let list: ListHead | null = null;
  if (!isOdd && hasContent && lines.isDash) {
    list = newHead(true);
    yield* items(lines, list);
  }
  let isInMetadata = false;
  while (!lines.isEnd && !lines.isMark) {
    const top = isOdd || lines.indent > 0 || lines.isEmpty ? null : TOP_LINE.exec(lines.from(0));
    if (lines.indent === 0 && !lines.isEmpty && (top === null || list?.isBare === true)) isOdd = true;
    const [, , key = '', value = ''] = top ?? [];
    noteHead(head, key, value);
    if (top !== null) isInMetadata = key === 'metadata';
    if (isInMetadata && CONTINUES.test(lines.from(0))) head.isPart = true;
    lines.advance();
    if (key !== 'items' || !NOTHING.test(value)) continue;
    passEmpty(lines);
    if (list !== null) isOdd = true;
    else if (lines.isDash) {
      list = head;
      yield* items(lines, head);
    }
  }
  const said = isOdd ? newHead(false) : head;
  if (list !== null) yield { what: 'list-end', list };
  else if (hasContent) yield pieceTo(lines, from.offset, { ...said, place: from, list: null, dash: null });
  yield { what: 'document-end', from, to: lines.start, isOdd: isOdd && list !== null };
}

const BARE_MARK = /^(---|\.\.\.)\s*(#.*)?$/;
const TOP_LINE = /^(["']?)([\w./-]+)\1:(?:\s+(.*))?$/;
/** Of a list that an API server gives in parts, where there are more (`isPart`, kind-of.ts). */
const CONTINUES = /(?:^|[{,])\s*["']?continue["']?:\s+["']?(?!null\b|~)[^\s"'},]/;
const NOTHING = /^(#.*)?$/;

const newHead = (isBare: boolean): ListHead => ({ kind: null, apiVersion: null, count: 0, isPart: false, isBare });

/** A document that begins with a directive, or on the line of its mark, is left to a parser. */
function passPreface(lines: YamlLines): boolean {
  const isOdd = lines.isDirective || lines.isMark;
  if (lines.isMark) lines.advance();
  else if (lines.isDirective) {
    while (!lines.isEnd && !lines.isMark) lines.advance();
    lines.advance();
  }
  return isOdd;
}

function passEmpty(lines: YamlLines): void {
  while (!lines.isEnd && lines.isEmpty) lines.advance();
}

const VALUE = /^(["']?)([\w./-]+)\1(?:\s+#.*)?$/;

function noteHead(head: Head, key: string, value: string): void {
  if (key !== 'kind' && key !== 'apiVersion') return;
  head[key] = VALUE.exec(value)?.[2] ?? null;
}

function* items(lines: YamlLines, list: ListHead): Generator<Piece> {
  const { indent: dash } = lines;
  while (!lines.isEnd && lines.indent === dash && lines.isDash) {
    list.count++;
    yield item(lines, list);
    passEmpty(lines);
  }
  lines.window.keep = lines.start;
}

const KEY_LINE = /^(["']?)(kind|apiVersion)\1:\s+(.*)$/;

function item(lines: YamlLines, list: ListHead): Piece {
  const { place, indent: dash } = lines;
  lines.window.keep = place.offset;
  const head: Head = { kind: null, apiVersion: null };
  const note = (text: string) => {
    const [, , key = '', value = ''] = KEY_LINE.exec(text) ?? [];
    noteHead(head, key, value);
  };
  const first = lines.from(dash + 1);
  const content = first.trimStart();
  let keys = content === '' ? null : dash + 1 + first.length - content.length;
  note(content);
  for (lines.advance(); !lines.isEnd && (lines.indent > dash || lines.isEmpty); lines.advance()) {
    if (lines.isEmpty) continue;
    keys ??= lines.indent;
    if (lines.indent === keys) note(lines.from(keys));
  }
  return pieceTo(lines, place.offset, { ...head, place, list, dash });
}

type Known = Pick<Piece, 'kind' | 'apiVersion' | 'place' | 'list' | 'dash'>;

/** A piece that ends before the line that is reached. */
function pieceTo(lines: YamlLines, from: number, { kind, apiVersion, place, list, dash }: Known): Piece {
  return { what: 'piece', syntax: 'yaml', place, bytes: lines.window.slice(from, lines.start), kind, apiVersion, list, dash };
}
