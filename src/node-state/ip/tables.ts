import { DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE } from '../../datapath/fib.ts';
import { sha256 } from '../../net/hash.ts';

const KNOWN: Readonly<Record<string, number>> = { local: LOCAL_TABLE, main: MAIN_TABLE, default: DEFAULT_TABLE, unspec: 0 };

/**
 * The number of a routing table. A name that is only in the node's rt_tables gets a number made of the name, so that rules and routes of
 * different files mean the same table by it.
 */
export function tableNumber(name: string): number {
  if (/^\d{1,10}$/.test(name)) return Number(name);
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known !== undefined) return known;
  const [a = 0, b = 0, c = 0, d = 0] = sha256(name);
  return NAMED + (((a & 0x3f) << 24) | (b << 16) | (c << 8) | d);
}

/** High numbers, which the kernel accepts and programs do not use. */
const NAMED = 0x8000_0000;
