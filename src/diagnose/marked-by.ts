import type { Hop } from '../hop/hop.ts';
import { type RuleStep, targetOf } from '../hop/rule-step.ts';

/**
 * The rule that gave the packet its mark, where the last rule ends packets with that mark (KUBE-FIREWALL and KUBE-MARK-DROP): the first one
 * decided. If its chain does nothing else, the rule that leads to the chain did. Null: no mark is the reason.
 */
export function markedBy(hops: readonly Hop[], netns: string): RuleStep | null {
  const own = hops.flatMap((h) => (h.netns === netns ? [stepsOf(h)] : [])).filter((steps) => steps.length > 0);
  const mark = own
    .at(-1)
    ?.at(-1)
    ?.rule.matches.find((m) => m.kind === 'mark' && !m.negated && (m.value & m.mask) !== 0);
  if (mark?.kind !== 'mark') return null;
  for (const steps of own.toReversed()) {
    const at = steps.findLastIndex((step) => marks(step, mark));
    if (at !== -1) return leadsTo(steps, at);
  }
  return null;
}

function stepsOf(hop: Hop): readonly RuleStep[] {
  if (hop.kind === 'filter' || hop.kind === 'nat') return hop.steps;
  return hop.kind === 'skip' && 'steps' in hop.skipped ? hop.skipped.steps : [];
}

function marks(step: RuleStep, { value, mask }: { readonly value: number; readonly mask: number }): boolean {
  const target = targetOf(step);
  return target?.kind === 'MARK' && (target.value & value & mask) !== 0;
}

function leadsTo(steps: readonly RuleStep[], at: number): RuleStep | null {
  const [step, before] = [steps[at], steps[at - 1]];
  if (step === undefined) return null;
  const target = before === undefined ? null : targetOf(before);
  const isLed = (target?.kind === 'jump' || target?.kind === 'goto') && target.chain === step.chain && step.rule.matches.length === 0;
  return isLed && before !== undefined ? before : step;
}
