import { type Detail, isBriefLine, LINK_LINE } from './link-text.ts';
import { isFdbLine, isNeighbourLine } from './neighbours.ts';
import { isRouteLine } from './route-text.ts';
import { RULE_LINE } from './rule-text.ts';

export type RecordKind = 'link' | 'address' | 'brief' | 'rule' | 'neighbour' | 'fdb' | 'route' | 'columns' | 'ifconfig' | 'unknown';

/** The first line of a device, a route or the like, and the lines below that belong to it. */
export interface TextRecord extends Detail {
  readonly kind: RecordKind;
  readonly details: readonly Detail[];
}

const ONE_LINE_ADDRESS = /^\d+: \S+\s+inet6? /;
const IFCONFIG = /^\S+: flags=\d+</;
const COLUMNS = /^Kernel IP(v6)? routing table/;

/**
 * Cuts plain text into records. Each line is recognised by itself, so that the outputs of several commands may follow one another. `ip -o`
 * prints a device on one line, with `\` in place of line ends.
 */
export function recordsOf(lines: readonly string[]): readonly TextRecord[] {
  const records: (TextRecord & { readonly details: Detail[] })[] = [];
  lines.forEach((whole, line) => {
    if (whole.trim() === '') return;
    const [text = '', ...rest] = whole.split('\\');
    const last = records.at(-1);
    if (last !== undefined && belongs(last, text)) last.details.push({ line, text });
    else records.push({ kind: kindOf(text), line, text, details: rest.map((detail) => ({ line, text: detail })) });
  });
  return records;
}

function belongs(last: TextRecord, text: string): boolean {
  return /^\s/.test(text) || (last.kind === 'columns' && (isColumns(text) || /^Destination\s/.test(text)));
}

/** `0.0.0.0  192.168.0.1  0.0.0.0  UG  0  0  0 eth0`, `::/0  fe80::1  UG  1024 1  0 eth0` */
const isColumns = (text: string) => [7, 8].includes(text.trim().split(/\s+/).length) && isRouteLine(text) && !/\s(dev|via)\s/.test(text);

function kindOf(text: string): RecordKind {
  if (LINK_LINE.test(text)) return 'link';
  if (ONE_LINE_ADDRESS.test(text)) return 'address';
  if (RULE_LINE.test(text)) return 'rule';
  if (IFCONFIG.test(text)) return 'ifconfig';
  if (COLUMNS.test(text)) return 'columns';
  if (isFdbLine(text)) return 'fdb';
  if (isNeighbourLine(text)) return 'neighbour';
  if (isRouteLine(text)) return 'route';
  return isBriefLine(text) ? 'brief' : 'unknown';
}
