import type { Dice } from './dice.ts';

/** What is to be had on a node, for commands about it. Addresses are of one family. */
export interface Ground {
  readonly isIpv6: boolean;
  /** Of the node. */
  readonly devices: readonly string[];
  readonly own: string;
  readonly nodes: readonly string[];
  readonly pods: readonly string[];
  /** Of pods on this node. */
  readonly ownPods: readonly string[];
  readonly ranges: readonly string[];
  readonly services: readonly string[];
  /** MAC addresses of the cluster. */
  readonly macs: readonly string[];
}

/** One thing that somebody does to a node: lines for `sh`. A line that the kernel refuses changes nothing. */
export type Change = (ground: Ground, dice: Dice) => readonly string[];

const PORTS = [53, 80, 5353, 8080, 30080] as const;
/** Those that somebody sets, and others. */
export const MARK = ['0x4000/0x4000', '0x8000/0x8000', '0x1/0x1', '0x10/0xf0', '0x0/0x4000', '0x0', '0x1'] as const;

/** One of the addresses that packets have, or a range of them. */
export function addressOf(g: Ground, dice: Dice): string {
  const all = [g.nodes, g.pods, g.pods, g.ownPods, g.ranges, g.ranges, g.services].filter((l) => l.length > 0);
  return dice.one(dice.one(all));
}

export const portOf = (dice: Dice): number => dice.one(PORTS);

/** Every fourth says the contrary. */
export const not = (dice: Dice) => (dice.rarely(4) ? '! ' : '');
