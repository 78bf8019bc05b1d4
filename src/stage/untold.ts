import type { Untold } from '../datapath/untold.ts';

/** The facts of a walk that ends at state which is not known. */
export const untoldFacts = (netns: string, { what, because, command }: Untold) =>
  ({ why: 'untold', netns, what, because, command }) as const;
