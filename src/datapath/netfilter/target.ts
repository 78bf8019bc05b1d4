import type { IpAddress, IpFamily } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Untold } from '../untold.ts';
import type { Lack, PortRange } from './match.ts';
import type { RejectWith } from './reject-with.ts';
import type { AddressRange, MapVerdict, Selector, VerdictMap } from './sets.ts';

/** The effect of a rule on a packet that matches. */
export type Target =
  | MapVerdict
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  /** mark = (mark & ~mask) ^ value, as --set-xmark has it. */
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number }
  /** `ports`: one of these stays as it is; else it is `port`. */
  | { readonly kind: 'DNAT'; readonly address: IpAddress; readonly port: number | null; readonly ports?: PortRange }
  /** DNAT that leaves the address. */
  | { readonly kind: 'DNAT-PORT'; readonly port: number }
  /** To the machine itself: the address of the device that the packet came in by, or `lo`'s. */
  | { readonly kind: 'REDIRECT'; readonly port: number | null; readonly ports?: PortRange }
  /** The bits of the prefix replace the destination's, or the source's. */
  | { readonly kind: 'NETMAP'; readonly prefix: Prefix }
  /** The connection's mark: set as MARK does; saved from the packet's, or restored to it, in the bits of the mask. */
  | { readonly kind: 'CONNMARK'; readonly action: 'set'; readonly value: number; readonly mask: number }
  /** `from`: the bits of the mark that it is taken from, where they are others than those of the mark that it is put into. */
  | { readonly kind: 'CONNMARK'; readonly action: 'save' | 'restore'; readonly mask: number; readonly from?: number }
  /** `random`: the port is chosen by a hash, `randomFully`: by chance. `ports`: among these; a port that is one of them stays. */
  | {
      readonly kind: 'SNAT';
      readonly address: IpAddress;
      readonly within?: AddressRange;
      readonly random?: true;
      readonly randomFully?: true;
      readonly ports?: PortRange;
    }
  | { readonly kind: 'MASQUERADE'; readonly randomFully: boolean; readonly random?: true; readonly ports?: PortRange }
  /** That of IPv4, or the hop limit of IPv6. */
  | { readonly kind: 'TTL'; readonly family: IpFamily; readonly action: 'set' | 'inc' | 'dec'; readonly value: number }
  /** Conntrack is not to look at the packet. */
  | { readonly kind: 'NOTRACK' }
  /** nft: the verdict is looked up by fields of the packet; without an entry the rule does not match. */
  | { readonly kind: 'vmap'; readonly key: readonly Selector[]; readonly map: VerdictMap }
  /**
   * nft: it is looked up by one of `modulus` numbers, `offset` being the first, each as likely as another. `hashed`: it is made of the packet,
   * and the same for all of a connection.
   */
  | { readonly kind: 'numgen'; readonly modulus: number; readonly offset?: number; readonly hashed?: true; readonly map: VerdictMap }
  /** A target that is not modelled: it may end the packet's way, change it, or do neither. */
  | { readonly kind: 'unmodelled'; readonly text: string; readonly lacks?: Lack }
  /** Unknown rules stand here. */
  | ({ readonly kind: 'untold' } & Untold);
