import { familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Moves } from './moves.ts';

/** For choosing from lists that hold both families. */
export const ofAddress = (family: IpFamily) => (a: IpAddress) => familyOf(a) === family;
export const ofPrefix = (family: IpFamily) => (p: Prefix) => familyOf(p.address) === family;
/** Of a thing with an address. */
export const ofIp = (family: IpFamily) => (thing: { readonly ip: IpAddress }) => familyOf(thing.ip) === family;

/** Which family is wanted, of which there are, the primary one first; and where what it has was stated. */
export interface Wanted {
  readonly family: IpFamily;
  readonly families: readonly IpFamily[];
  readonly moved: Moves;
}
