import { PRINTS_WAYS } from '../datapath/unrouted.ts';
import type { Untold } from '../datapath/untold.ts';

export const NO_ROUTES = { because: 'no routes of it were given', command: PRINTS_WAYS } as const;

/** The facts of a walk that ends at state which is not known. */
export const untoldFacts = (netns: string, { what, because, command }: Untold) =>
  ({ why: 'untold', netns, what, because, command }) as const;
