import type { IpAddress } from '../../net/address.ts';
import type { Protocol } from '../../net/packet.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Direction } from '../direction.ts';
import type { NamedSet, Selector } from './sets.ts';

export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'DNAT' | 'SNAT';
export type ConnectionStatus = 'EXPECTED' | 'SEEN_REPLY' | 'ASSURED' | 'CONFIRMED';
export type AddressType = 'LOCAL' | 'UNICAST' | 'BROADCAST' | 'MULTICAST';

/** Both ends are part of it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** One condition of a rule. `negated` is the `!` of iptables. Interface names may end in `+`, which stands for any ending. */
export type Match =
  | { readonly kind: 'source' | 'destination'; readonly prefix: Prefix; readonly negated: boolean }
  /** A name of /etc/protocols, or a number that has none there. ip6tables has a name of its own for ICMPv6. */
  | { readonly kind: 'protocol'; readonly protocol: string; readonly negated: boolean }
  | {
      readonly kind: 'sport' | 'dport';
      readonly protocol: Protocol;
      readonly first: number;
      readonly last: number;
      readonly negated: boolean;
    }
  /** `ports`: the source's or the destination's. */
  | { readonly kind: 'sports' | 'dports' | 'ports'; readonly ports: readonly (number | PortRange)[]; readonly negated: boolean }
  | { readonly kind: 'src-range' | 'dst-range'; readonly first: IpAddress; readonly last: IpAddress; readonly negated: boolean }
  /** Of the flags of the mask just those of `set`; both are bits of TCP_FLAGS. */
  | { readonly kind: 'tcp-flags'; readonly mask: number; readonly set: number; readonly negated: boolean }
  /** Of ICMP or ICMPv6, by their numbers; a range of codes. */
  | { readonly kind: 'icmp-type'; readonly type: number; readonly code: PortRange; readonly negated: boolean }
  | { readonly kind: 'mark' | 'connmark'; readonly value: number; readonly mask: number; readonly negated: boolean }
  | { readonly kind: 'ctstate'; readonly states: readonly ConnectionState[]; readonly negated: boolean }
  /** `on`: an address counts as the machine's own only when the device that the packet came in by, or leaves by, has it. */
  | { readonly kind: 'src-type' | 'dst-type'; readonly type: AddressType; readonly on?: 'in' | 'out'; readonly negated: boolean }
  /** Of several types, or of one that is not among those above; xt_addrtype has rules of its own for IPv6. */
  | {
      readonly kind: 'addrtype';
      readonly end: 'src' | 'dst';
      readonly types: readonly string[];
      readonly on?: 'in' | 'out';
      readonly negated: boolean;
    }
  /** The packet's connection, as conntrack has it. A packet without one does not match, negated or not. */
  | {
      readonly kind: 'ct-address';
      readonly direction: Direction;
      readonly end: 'source' | 'destination';
      readonly prefix: Prefix;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'ct-port';
      readonly direction: Direction;
      readonly end: 'source' | 'destination';
      readonly first: number;
      readonly last: number;
      readonly negated: boolean;
    }
  | { readonly kind: 'ct-protocol'; readonly protocol: string; readonly negated: boolean }
  | { readonly kind: 'ct-direction'; readonly direction: Direction; readonly negated: boolean }
  /** Is one of these noted of the connection? Without any, none is. */
  | { readonly kind: 'ct-status'; readonly statuses: readonly ConnectionStatus[]; readonly negated: boolean }
  /**
   * Would an answer leave by the device that the packet came in by? rp_filter as a match. `loose`: by any device; `unmarked`: the mark is
   * not looked at; `acceptLocal`: an address of the machine's own will do; `isFib`: nft's fib asks, whose look-up names no device.
   */
  | {
      readonly kind: 'rpfilter';
      readonly loose?: true;
      readonly unmarked?: true;
      readonly acceptLocal?: true;
      readonly isFib?: true;
      readonly negated: boolean;
    }
  | { readonly kind: 'in-interface' | 'out-interface'; readonly name: string; readonly negated: boolean }
  | { readonly kind: 'physdev-in' | 'physdev-out'; readonly name: string; readonly negated: boolean }
  | { readonly kind: 'physdev-is-bridged' | 'physdev-is-in' | 'physdev-is-out'; readonly negated: boolean }
  /**
   * The owner of the sending socket. A forwarded packet has none; of a packet that was sent here only that there is one is known
   * (`exists`).
   */
  | { readonly kind: 'owner'; readonly text: string; readonly negated: boolean; readonly exists?: true }
  /**
   * Does a socket of this machine wait for it, one that is bound to just this address? `transparent`: only one that may have others' addresses;
   * `wildcard`: also one that is bound to none.
   */
  | {
      readonly kind: 'socket';
      readonly transparent: boolean;
      readonly wildcard: boolean;
      readonly text: string;
      readonly negated: boolean;
    }
  /** Of the whole packet, in bytes. */
  | { readonly kind: 'length'; readonly first: number; readonly last: number; readonly negated: boolean }
  | { readonly kind: 'ttl'; readonly compare: 'eq' | 'lt' | 'gt'; readonly value: number; readonly negated: boolean }
  /** The octet of TOS, or of the traffic class: programs leave it 0. */
  | { readonly kind: 'tos'; readonly value: number; readonly mask: number; readonly negated: boolean }
  /** True of all modelled packets or of none: none has IPsec or an extension header. `text` as in `unknown`. */
  | { readonly kind: 'fixed'; readonly matches: boolean; readonly text: string }
  /**
   * The list of sources (as far as the mask goes) that met a rule lately: `set` puts the packet's source into it, `rcheck` asks whether it
   * is there. Here every list starts empty, so no source is found.
   */
  | { readonly kind: 'recent'; readonly action: 'set'; readonly list: string; readonly mask: IpAddress }
  | { readonly kind: 'recent'; readonly action: 'rcheck'; readonly list: string; readonly seconds: number; readonly mask: IpAddress }
  /** Matches that share of packets: at random, or each so-manieth of them, which is as likely to be the one that is asked about. `text`: of nft. */
  | {
      readonly kind: 'statistic';
      readonly probability: number;
      readonly text?: string;
      readonly nth?: { readonly every: number; readonly packet: number };
    }
  /** Was the connection balanced by IPVS, which it came to with this address and port? */
  | { readonly kind: 'ipvs'; readonly protocol: Protocol; readonly address: IpAddress; readonly port: number }
  /** nft, and iptables' `set`: are these fields of the packet in the set? */
  | {
      readonly kind: 'lookup';
      readonly key: readonly Selector[];
      readonly set: NamedSet;
      /** As the rule of iptables has them; undefined: as the key says. */
      readonly directions?: readonly ('src' | 'dst')[];
      readonly negated: boolean;
    }
  /**
   * nft, and iptables' target SET: puts them into the set, and always goes on. A set that packets fill starts empty, as `recent`'s lists do; an
   * ipset has what was found in it. `takesOut`: or out of it.
   */
  | {
      readonly kind: 'update';
      readonly key: readonly Selector[];
      readonly set: NamedSet;
      readonly directions?: readonly ('src' | 'dst')[];
      readonly takesOut?: true;
    }
  /** nft: have these bits of the field (as `tcp flags`) this value? */
  | {
      readonly kind: 'bits';
      readonly field: Selector;
      readonly mask: number | bigint;
      readonly value: number | bigint;
      readonly negated: boolean;
    }
  /** A match that is not modelled, so that both results are possible. `text`: as the rule's own program prints it. */
  | { readonly kind: 'unknown'; readonly text: string; readonly lacks?: Lack };

/**
 * A missing input without which a match is not known, as `the set blocked`, and the command that prints it. `look`: for a reader's eyes; no
 * file of it is read.
 */
export interface Lack {
  readonly what: string;
  readonly command: string;
  readonly look?: true;
}
