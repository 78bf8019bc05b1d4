import { IPTABLES_CHANGES } from './change-iptables.ts';
import { NFT_CHANGES } from './change-nft.ts';
import { LINK_CHANGES } from './change-nft-links.ts';
import { ROUTING_CHANGES } from './change-routing.ts';
import type { Dice } from './dice.ts';
import type { Change, Ground } from './ground.ts';

const CHANGES: readonly Change[] = [...IPTABLES_CHANGES, ...NFT_CHANGES, ...LINK_CHANGES, ...ROUTING_CHANGES];

/** One of all. */
export const changeOf = (ground: Ground, dice: Dice): readonly string[] => dice.one(CHANGES)(ground, dice);
