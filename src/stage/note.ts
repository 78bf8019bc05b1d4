import type { Device } from '../datapath/netns.ts';
import type { Hop } from '../hop/hop.ts';
import type { Place } from '../hop/hop-base.ts';
import { metAt } from '../hop/met.ts';
import { originOf, type RuleStep } from '../hop/rule-step.ts';
import { type Change, ofOuter } from '../net/change.ts';
import { inferred, type Origin } from '../source/origin.ts';
import type { Skb } from './skb.ts';

export const inferredOrigin: Origin = inferred(null);
const NO_CHANGES: readonly Change[] = [];

type Detail<H> = H extends Hop ? Omit<H, keyof Place> & { readonly changes?: readonly Change[]; readonly device?: string | null } : never;

/**
 * Writes a hop down, as the packet is now: the one inside, where a tunnel carries it, and the tunnel's own beside it. Without a `device` it is the one that
 * the packet came in by (sent from here: will leave by).
 */
export function note(skb: Skb, detail: Detail<Hop>): void {
  const { netns, inner } = skb;
  const { role } = netns;
  skb.met |= metAt({ ...detail, role });
  if (!skb.manner.hops) return;
  const hop = {
    node: netns.node,
    netns: netns.name,
    role,
    packet: inner === null ? skb.packet : inner.packet,
    outer: inner === null ? null : { packet: skb.packet, vni: inner.vni },
    mark: skb.mark,
    changes: NO_CHANGES,
    device: skb.input?.name ?? skb.output?.name ?? null,
    ...detail,
  };
  if (inner !== null && hop.changes.length > 0) hop.changes = hop.changes.map(ofOuter);
  skb.hops.push(hop as Hop);
}

/** The packet crosses a device: a capture on it would show it now. */
export function noteCrossing(skb: Skb, direction: 'in' | 'out', link: Device): void {
  note(skb, { kind: 'interface', direction, link, device: link.name, origin: link.origin });
}

/** Where the last rule on the way to a verdict stands; where that is one that serves many entries of a map, the entry. */
export function decidingOrigin(steps: readonly RuleStep[]): Origin | undefined {
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const entry = last.rule.origin.evidence === 'declared' ? undefined : steps.findLast((s) => s.element !== undefined);
  return originOf(entry ?? last);
}
