import type { Condition, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { Miss, RuleStep } from '../hop/rule-step.ts';
import type { Trail } from '../hop/trail.ts';
import type { OpenMatch } from './open.ts';
import type { Skb } from './skb.ts';
import type { Written } from './written.ts';

/** The verdict of a base chain: a target that ends it for the packet, or a rule of which it is not known whether it matches. */
export type Verdict =
  | Exclude<
      Target,
      { kind: 'RETURN' | 'MARK' | 'CONNMARK' | 'TTL' | 'NOTRACK' | 'jump' | 'goto' | 'vmap' | 'numgen' | 'unmodelled' | 'untold' }
    >
  | {
      readonly kind: 'UNKNOWN';
      readonly table: string;
      readonly chain: string;
      readonly rule: Rule;
      /** The open question that decides; null: there are more than two answers, or they are not known. */
      readonly open: OpenMatch | null;
      readonly asked: Condition | Extract<Target, { kind: 'unmodelled' | 'untold' }>;
    };

/** One way through a base chain, which goes on from rule to rule; where packets part, there are copies of it. */
export interface Traversal {
  probability: number;
  /** Null: no rule has decided. */
  verdict: Verdict | null;
  /** The packet returns to the calling chain. */
  returns: boolean;
  mark: number;
  /** The mark of the packet's connection. */
  connmark: number;
  ttl: number;
  written: Trail<Written> | null;
  /** Conntrack is not to look at the packet. */
  untracked: boolean;
  /** The rules that matched. */
  steps: Trail<RuleStep> | null;
  /** The rules that did not. */
  misses: Trail<Miss> | null;
}

/** A packet at a hook, before it met any rule. */
export const atStart = ({ mark, tracked, written, packet }: Skb): Traversal => ({
  probability: 1,
  verdict: null,
  returns: false,
  mark,
  connmark: tracked?.connection?.mark ?? 0,
  ttl: packet.ttl,
  written,
  untracked: false,
  steps: null,
  misses: null,
});

/** The new mark: the bits of `mask` are cleared, those of `value` toggled (--set-xmark). */
export const setMark = (mark: number, { value, mask }: { readonly value: number; readonly mask: number }) => ((mark & ~mask) ^ value) >>> 0;

const MOST_TTL = 255;

/** ttl_tg, net/netfilter/xt_HL.c. What goes in a circle is given no other: it would never end, and it is known by then to be one. */
export function setTtl(so: Traversal, { action, value }: Extract<Target, { kind: 'TTL' }>, { loopAt }: Pick<Skb, 'loopAt'>): void {
  if (loopAt !== null && action !== 'dec') return;
  so.ttl = action === 'set' ? value : action === 'inc' ? Math.min(so.ttl + value, MOST_TTL) : Math.max(so.ttl - value, 0);
}

/** Between the packet's mark and its connection's. */
export function moveMark(so: Traversal, target: Extract<Target, { kind: 'CONNMARK' }>): void {
  switch (target.action) {
    case 'set':
      so.connmark = setMark(so.connmark, target);
      return;
    case 'save':
      so.connmark = setMark(so.connmark, { value: (so.mark & (target.from ?? target.mask)) >>> 0, mask: target.mask });
      return;
    case 'restore':
      so.mark = setMark(so.mark, { value: (so.connmark & (target.from ?? target.mask)) >>> 0, mask: target.mask });
  }
}
