import type { IpFamily } from '../net/address.ts';

/** A machine that is all that is known, and of which no routes were given. */
export interface Unrouted {
  /** Packets come and go by one of these; null: by any. */
  readonly devices: readonly string[] | null;
  /** Families of which its own addresses are not known. */
  readonly addresses: readonly IpFamily[];
}

/** What the device is called that stands for them; null: it is the only one. */
export const standInName = ({ devices }: Unrouted): string | null =>
  devices?.length === 1 ? null : (['eth0', 'dev0', 'dev1', 'dev2'].find((name) => devices?.includes(name) !== true) ?? null);

/** Prints what would tell. */
export const PRINTS_WAYS = 'ip -j -d addr; ip -j route show table all';
