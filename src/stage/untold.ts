import type { Untold } from '../datapath/untold.ts';

/** The walk ends where a text was to tell how it goes on. */
export const untoldFacts = (netns: string, { what, because, command }: Untold) =>
  ({ why: 'untold', netns, what, because, command }) as const;
