import { DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE } from '../../datapath/fib.ts';
import { sha256 } from '../../net/hash.ts';

const KNOWN: Readonly<Record<string, number>> = { local: LOCAL_TABLE, main: MAIN_TABLE, default: DEFAULT_TABLE, unspec: 0 };

/**
 * The number of a routing table. A name that only the node's rt_tables knows is given a number that nobody uses, always the same one, so that
 * rules and routes that name it mean one table, whichever files they stand in.
 */
export function tableNumber(name: string): number {
  if (/^\d{1,10}$/.test(name)) return Number(name);
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known !== undefined) return known;
  const [a = 0, b = 0, c = 0, d = 0] = sha256(name);
  return NAMED + (((a & 0x3f) << 24) | (b << 16) | (c << 8) | d);
}

/** Far from the numbers that people and programs choose, and one that the kernel takes. */
const NAMED = 0x8000_0000;
