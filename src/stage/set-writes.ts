import type { Match } from '../datapath/netfilter/match.ts';
import type { KeyValue } from '../datapath/netfilter/sets.ts';
import type { Trail } from '../hop/trail.ts';
import { valuesOf } from './field.ts';
import { type Marks, UNKNOWN } from './field-value.ts';
import type { Skb } from './skb.ts';
import type { Written } from './written.ts';

type Update = Extract<Match, { kind: 'update' }>;
type Lookup = Extract<Match, { kind: 'lookup' }>;

/** The writes so far with that of the rule; a packet without one of the fields adds none. */
export function afterWriting(m: Update, skb: Skb, marks: Marks): Trail<Written> | null {
  const values = valuesOf(m.key, skb, marks);
  if (values === null) return marks.written;
  const fields = values === UNKNOWN || m.takesOut === true ? null : fieldsText(m, values);
  return { last: { set: m.set.name ?? '', fields }, before: marks.written };
}

/** Is the packet in a set that earlier rules may have changed? Null: not known, as of an ipset with networks. */
export function isInWritten(m: Lookup, values: readonly KeyValue[], wasFound: boolean, written: Trail<Written> | null): boolean | null {
  let isSure = true;
  for (let w = written; w !== null; w = w.before) {
    if (w.last.set !== m.set.name) continue;
    if (w.last.fields === null) return null;
    if (w.last.fields === fieldsText(m, values)) return true;
    isSure &&= m.directions === undefined;
  }
  return wasFound || isSure ? wasFound : null;
}

/** An ipset that was found empty has no key. */
const fieldsText = ({ key, directions = [] }: Update | Lookup, values: readonly KeyValue[]): string =>
  (key.length === 0 ? directions : values).join(' ');
