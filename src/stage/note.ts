import type { Device } from '../datapath/netns.ts';
import type { Hop } from '../hop/hop.ts';
import type { Place } from '../hop/hop-base.ts';
import { metAt } from '../hop/met.ts';
import { originOf, type RuleStep } from '../hop/rule-step.ts';
import { inOrder, type Trail } from '../hop/trail.ts';
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
  skb.met |= metAt(detail, netns.role);
  if (!skb.manner.hops) return;
  const hop = {
    node: netns.node,
    netns: netns.name,
    role: netns.role,
    packet: inner === null ? skb.packet : inner.packet,
    outer: inner === null ? null : { packet: skb.packet, vni: inner.vni },
    mark: skb.mark,
    changes: NO_CHANGES,
    device: skb.input?.name ?? skb.output?.name ?? null,
    ...detail,
  };
  if (inner !== null && hop.changes.length > 0) hop.changes = hop.changes.map(ofOuter);
  skb.hops = { last: hop as Hop, before: skb.hops };
}

/** The packet crosses a device: a capture on it would show it now. */
export function noteCrossing(skb: Skb, direction: 'in' | 'out', link: Device): void {
  note(skb, { kind: 'interface', direction, link, device: link.name, origin: link.origin });
}

/** The rules that matched, in order; empty where hops are not noted. */
export const stepsOf = ({ manner }: Skb, { steps }: { readonly steps: Trail<RuleStep> | null }): readonly RuleStep[] =>
  steps === null || !manner.hops ? NO_STEPS : inOrder(steps);

const NO_STEPS: readonly RuleStep[] = [];

/** The origin of the last rule on the way to a verdict; of a rule with a map, that of the element. */
export function decidingOrigin(steps: Trail<RuleStep> | null): Origin | undefined {
  if (steps === null) return undefined;
  let entry = steps.last.rule.origin.evidence === 'declared' ? null : steps;
  while (entry !== null && entry.last.element === undefined) entry = entry.before;
  return originOf((entry ?? steps).last);
}
