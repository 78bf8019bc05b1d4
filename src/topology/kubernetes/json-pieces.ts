import type { ByteWindow } from '../syntax/byte-window.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  JsonScanner,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  type TextPlace,
} from '../syntax/json-scanner.ts';
import { type LogLine, type LogsOf, readLog } from './logs.ts';
import type { Head, ListEnd, ListHead, Piece } from './piece.ts';

/**
 * The objects of a JSON text: an object, a list with its items, a bare array, or several of these one after another, as JSON Lines have
 * them and `kubectl cluster-info dump`, which has logs between. Throws a ScanFault where the text is no JSON, or ends too early.
 */
export function* jsonPieces(window: ByteWindow, logsOf: LogsOf): Generator<Piece | ListEnd | LogLine> {
  const s = new JsonScanner(window);
  if (startsWith(s, BYTE_ORDER_MARK)) s.at += BYTE_ORDER_MARK.length;
  for (;;) {
    const first = s.next();
    window.keep = s.at;
    if (first === -1) return;
    const second = window.at(s.at + 1);
    if (first === OPEN_BRACE && MAY_FOLLOW_BRACE.has(second)) yield* object(s);
    else if (first === OPEN_BRACKET && MAY_FOLLOW_BRACKET.has(second)) yield* array(s);
    else if (startsWith(s, LOG_START)) yield* readLog(s, logsOf);
    else passText(s, first);
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);
const LOG_START = bytesOf('==== START logs for ');
const MAY_FOLLOW_BRACE = new Set([...bytesOf(' \t\r\n"}')]);
/** A shell's prompt may begin with a bracket, too. */
const MAY_FOLLOW_BRACKET = new Set([...bytesOf(' \t\r\n{[]')]);

const startsWith = (s: JsonScanner, bytes: Uint8Array) => bytes.every((byte, i) => s.window.at(s.at + i) === byte);

/** What the rest of a broken JSON text would begin with. */
const REST_OF_JSON = new Set([...bytesOf('{}],:"')]);
/** Documents of YAML between would be lost. */
const YAML = ['---', 'apiVersion:', 'kind:'].map(bytesOf);

/** A line of another kind: a warning, a prompt. */
function passText(s: JsonScanner, first: number): void {
  if (REST_OF_JSON.has(first) || YAML.some((bytes) => startsWith(s, bytes))) s.fault('syntax');
  s.passLine();
}

function* object(s: JsonScanner): Generator<Piece | ListEnd> {
  const { place } = s;
  const head: ListHead = { kind: null, apiVersion: null, count: 0, isPart: false, isBare: false };
  s.at++;
  if (members(s, head, true) === 'end') {
    yield piece(s, place, head, null);
    return;
  }
  s.check(place, '', '[]}');
  yield* items(s, head);
  const end = s.place;
  s.window.keep = end.offset;
  if (members(s, head, false) === 'items') s.fault('syntax');
  s.check(end, '{"items":[]');
  yield { what: 'list-end', list: head };
}

function* array(s: JsonScanner): Generator<Piece | ListEnd> {
  const head: ListHead = { kind: null, apiVersion: null, count: 0, isPart: false, isBare: true };
  yield* items(s, head);
  yield { what: 'list-end', list: head };
}

/**
 * Passes the members of an object, from behind its opening bracket, and notes what it says of itself: to its end, or to the items that
 * only a list has.
 */
function members(s: JsonScanner, head: ListHead | Head, isFirst: boolean): 'end' | 'items' {
  for (let first = isFirst; ; first = false) {
    let byte = s.next();
    if (byte === CLOSE_BRACE) {
      s.at++;
      return 'end';
    }
    if (!first) {
      s.pass(COMMA);
      byte = s.next();
    }
    if (byte !== QUOTE) s.fault(byte === -1 ? 'cut' : 'syntax');
    const key = s.string();
    s.pass(COLON);
    byte = s.next();
    if (key === 'items' && byte === OPEN_BRACKET && 'count' in head) return 'items';
    if ((key === 'kind' || key === 'apiVersion') && byte === QUOTE) head[key] = s.string();
    else {
      const from = s.at;
      s.passValue();
      if (key === 'metadata' && 'count' in head) head.isPart = CONTINUES.test(decoder.decode(s.window.slice(from, s.at)));
    }
  }
}

/** Of a list that an API server gives in parts, where there are more (`isPart`, kind-of.ts). */
const CONTINUES = /"continue"\s*:\s*"[^"]/;
const decoder = new TextDecoder();

/** The items of a list, from its opening bracket to behind the closing one. */
function* items(s: JsonScanner, list: ListHead): Generator<Piece> {
  s.at++;
  for (let first = true; ; first = false) {
    let byte = s.next();
    if (byte === CLOSE_BRACKET) {
      s.at++;
      return;
    }
    if (!first) {
      s.pass(COMMA);
      byte = s.next();
    }
    s.window.keep = s.at;
    list.count++;
    if (byte === OPEN_BRACE) yield item(s, list);
    else passOther(s);
  }
}

/** An item that is no object: nobody reads it, so nobody else sees whether it is JSON. */
function passOther(s: JsonScanner): void {
  const { place } = s;
  s.passValue();
  s.check(place);
}

function item(s: JsonScanner, list: ListHead): Piece {
  const { place } = s;
  const head: Head = { kind: null, apiVersion: null };
  s.at++;
  members(s, head, true);
  return piece(s, place, head, list);
}

function piece(s: JsonScanner, place: TextPlace, { kind, apiVersion }: Head, list: ListHead | null): Piece {
  return { what: 'piece', syntax: 'json', place, bytes: s.window.slice(place.offset, s.at), kind, apiVersion, list, dash: null };
}
