import { cut } from './edits.ts';
import { anyValue, TEXTS } from './hostile.ts';
import type { Random } from './random.ts';

interface Slot {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

function slotsOf(value: unknown): readonly Slot[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string | number, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...slotsOf(holder[key])]);
}

const valueAt = ({ holder, key }: Slot) => holder[key];
const put = ({ holder, key }: Slot, value: unknown) => {
  holder[key] = structuredClone(value);
};

export type Change = (slots: readonly [Slot, ...Slot[]], r: Random) => void;

/** Values of another type, at other places: seldom does a schema take them. */
export const WILD: readonly [Change, ...Change[]] = [
  (slots, r) => put(r.pick(slots), anyValue(r)),
  (slots, r) => put(r.pick(slots), valueAt(r.pick(slots))),
  (slots, r) => {
    const [a, b] = [r.pick(slots), r.pick(slots)];
    const [before, after] = [structuredClone(valueAt(a)), valueAt(b)];
    put(a, after);
    put(b, before);
  },
  (slots, r) => {
    const { holder, key } = r.pick(slots);
    if (!Array.isArray(holder)) holder[r.pick(TEXTS)] = r.oneIn(2) ? anyValue(r) : structuredClone(holder[key]);
  },
];

/** A value as near to what was there as one edit: an address next to it, a number one more, the opposite. */
function near(value: unknown, r: Random): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return r.pick([value + 1, value - 1, value * 2, 0, 80, 1280, 65535]);
  if (typeof value !== 'string') return value;
  const number = r.some([...value.matchAll(/\d+/g)]);
  if (number === undefined) return value;
  const changed = r.pick([Number(number[0]) + 1, Number(number[0]) - 1, 0, 1, 16, 24, 32, 255]);
  return cut(value, number.index, number.index + number[0].length, String(changed));
}

/** What a schema often takes: a cluster that is a little otherwise than it was. */
export const MILD: readonly [Change, ...Change[]] = [
  (slots, r) => {
    const slot = r.pick(slots);
    const alike = slots.filter((s) => s.key === slot.key && typeof valueAt(s) === typeof valueAt(slot));
    put(slot, valueAt(r.some(alike) ?? slot));
  },
  (slots, r) => {
    const slot = r.pick(slots);
    put(slot, near(valueAt(slot), r));
  },
  (slots, r) => {
    const slot = r.pick(slots);
    put(slot, near(valueAt(slot), r));
  },
  (slots, r) => {
    const { holder, key } = r.pick(slots);
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  (slots, r) => {
    const items = slots.filter((s) => Array.isArray(s.holder));
    const slot = r.some(items);
    if (slot === undefined || !Array.isArray(slot.holder)) return;
    const copy: unknown = structuredClone(valueAt(slot));
    if (typeof copy === 'object' && copy !== null && 'name' in copy) copy.name = `${copy.name}-2`;
    slot.holder.push(copy);
  },
];

/** One change to a document, or to several. */
export function changed(values: unknown[], changes: readonly [Change, ...Change[]], r: Random): void {
  const [first, ...more] = slotsOf(values);
  if (first !== undefined) r.pick(changes)([first, ...more], r);
}
