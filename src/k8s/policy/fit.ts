import type { Origin } from '../../source/origin.ts';

/** Something that the input does not say: a noun with which "the input does not say ..." can end, and the command that would tell. */
export interface Doubt {
  readonly text: string;
  readonly command: string | null;
  readonly origin: Origin;
}

/** Does a packet fit a condition? Why not is put into words only when somebody asks. */
export type Fit<F extends string = string> =
  | { readonly fits: 'yes' }
  | { readonly fits: 'no'; readonly failed: F; readonly why: () => string }
  | { readonly fits: 'unknown'; readonly doubt: Doubt };

export const YES = { fits: 'yes' } as const satisfies Fit;

export const no = <F extends string>(failed: F, why: () => string): Fit<F> => ({ fits: 'no', failed, why });

export const unknown = (doubt: Doubt): Fit<never> => ({ fits: 'unknown', doubt });

/** Of conditions that must all hold: one that fails decides, even beside one that is not known. */
export function allOf<F extends string>(...conditions: readonly (() => Fit<F>)[]): Fit<F> {
  let result: Fit<F> = YES;
  for (const condition of conditions) {
    const fit = condition();
    if (fit.fits === 'no') return fit;
    if (result.fits === 'yes') result = fit;
  }
  return result;
}

/** Of conditions one of which is enough: which it is, or which is in doubt. */
export type AnyFit<F extends string> =
  | { readonly fits: 'yes'; readonly index: number }
  | { readonly fits: 'no'; readonly all: readonly Extract<Fit<F>, { fits: 'no' }>[] }
  | { readonly fits: 'unknown'; readonly index: number; readonly doubt: Doubt };

export function anyOf<T, F extends string>(items: readonly T[], fitOf: (item: T) => Fit<F>): AnyFit<F> {
  const all: Extract<Fit<F>, { fits: 'no' }>[] = [];
  let inDoubt: AnyFit<F> | null = null;
  for (const [index, item] of items.entries()) {
    const fit = fitOf(item);
    if (fit.fits === 'yes') return { fits: 'yes', index };
    if (fit.fits === 'no') all.push(fit);
    else inDoubt ??= { fits: 'unknown', index, doubt: fit.doubt };
  }
  return inDoubt ?? { fits: 'no', all };
}
