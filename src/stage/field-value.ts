import type { KeyValue } from '../datapath/netfilter/sets.ts';
import type { Trail } from '../hop/trail.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import type { Written } from './written.ts';

/** The marks of the packet and of its connection, and its TTL, as the rules before have left them. */
export interface Marks {
  readonly mark: number;
  readonly connmark: number;
  readonly ttl: number;
  /** The elements that rules wrote to sets. */
  readonly written: Trail<Written> | null;
}

/** The result of a match that is not modelled, and of a field that is not known. */
export const UNKNOWN = -1;

/** A packet may be without a field (null), as UDP has no `tcp dport`. Numbers are as the wire or nft has them. */
export type Field = KeyValue | null | typeof UNKNOWN;

export const ofFamily = (family: IpFamily, a: IpAddress): IpAddress | null => (familyOf(a) === family ? a : null);
