import type { Fit } from '../../k8s/policy/fit.ts';
import { allBits, and, type Bits, noBits, or, put, without } from './bits.ts';

/** Which peers fit a condition: `Fit` of k8s/policy, of all of them at once. No peer is in both sets; who is in none does not fit. */
export interface Fits {
  readonly yes: Bits;
  readonly unknown: Bits;
}

export const everybody = (size: number): Fits => ({ yes: allBits(size), unknown: noBits(size) });
export const nobody = (size: number): Fits => ({ yes: noBits(size), unknown: noBits(size) });

/** Of two conditions that must both hold: one that fails decides, even beside one that is not known. */
export function bothFit(a: Fits, b: Fits): Fits {
  const yes = and(a.yes, b.yes);
  return { yes, unknown: without(and(or(a.yes, a.unknown), or(b.yes, b.unknown)), yes) };
}

/** Of two conditions one of which is enough. */
export function eitherFits(a: Fits, b: Fits): Fits {
  const yes = or(a.yes, b.yes);
  return { yes, unknown: without(or(a.unknown, b.unknown), yes) };
}

/** While sets are made. */
export function putFit({ yes, unknown }: Fits, n: number, fit: Fit['fits']): void {
  if (fit === 'yes') put(yes, n);
  if (fit === 'unknown') put(unknown, n);
}
