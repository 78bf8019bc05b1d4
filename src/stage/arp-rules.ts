import type { Match } from '../datapath/netfilter/match.ts';
import type { LinkChain } from '../datapath/netfilter/ruleset.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Question } from './arp.ts';

/** As rules of the family arp name the addresses: `arp daddr ip 10.244.1.2`. */
const ABOUT_ADDRESS = /^arp ([sd])addr ip (!= )?([\d.]+)$/;

/**
 * Does the chain let this question and its answer pass? Rules are certain to pass a packet over where they ask for another address; of all others it is not known.
 * The asker sends the question and gets the answer, where the addresses are the other way round (arp_solicit, arp_process, net/ipv4/arp.c).
 */
export function passesArp({ chain, policy, hook }: LinkChain, { address, sender }: Question, isAsker: boolean): boolean {
  if (policy === 'DROP') return false;
  const isQuestion = (hook === 'output') === isAsker;
  const [from, to] = isQuestion ? [sender, address] : [address, sender];
  return chain
    .rules()
    .every(
      ({ target, matches }) =>
        target === null || target.kind === 'ACCEPT' || target.kind === 'RETURN' || matches.some((m) => fails(m, from, to)),
    );
}

function fails(match: Match, from: IpAddress | null, to: IpAddress | null): boolean {
  const [, side, not, stated] = (match.kind === 'unknown' ? ABOUT_ADDRESS.exec(match.text) : null) ?? [];
  const has = side === 's' ? from : to;
  return side !== undefined && has !== null && (formatAddress(has) === stated) !== (not === undefined);
}
