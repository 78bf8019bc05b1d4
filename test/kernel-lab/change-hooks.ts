import type { Dice } from './dice.ts';
import type { Ground } from './ground.ts';

/** Which base chains a table has. */
export const HOOKS = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;
export type Table = keyof typeof HOOKS;
export type Hook = (typeof HOOKS)[Table][number];

/** A part of a rule for a base chain, or for one that others jump to. */
export type Part = (g: Ground, dice: Dice, hook: Hook | null) => string;

export const HAVE_INPUT: readonly (Hook | null)[] = ['PREROUTING', 'INPUT', 'FORWARD'];
export const HAVE_OUTPUT: readonly (Hook | null)[] = ['FORWARD', 'OUTPUT', 'POSTROUTING'];
