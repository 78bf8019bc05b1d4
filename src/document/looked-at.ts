import { printCondition, printRule } from '../datapath/netfilter/print-rule.ts';
import { chainsTo } from '../hop/describe-rules.ts';
import { type Miss, type RuleStep, targetOf } from '../hop/rule-step.ts';
import { inOrder, type Trail } from '../hop/trail.ts';
import type { HopDocument } from './trace-schema.ts';

type LookedAt = Extract<HopDocument, { kind: 'filter' }>['lookedAt'];

/**
 * The rules that did not match. Where one decided, those of the chains that led to it; else of all chains, for none of them did. Of a
 * thousand endpoints each is a rule that takes its share: a run of those is one entry.
 */
export function lookedAt(steps: readonly RuleStep[], misses: Trail<Miss> | null): LookedAt {
  const last = steps.at(-1);
  const chains = last !== undefined && isVerdict(last) ? chainsTo(steps) : null;
  const shown: LookedAt = [];
  let run: Miss | null = null;
  for (const miss of inOrder(misses)) {
    if (chains !== null && !chains.includes(miss.chain)) continue;
    const entry = shown.at(-1);
    if (entry !== undefined && run !== null && isShare(miss) && miss.chain === run.chain) entry.run = (entry.run ?? 1) + 1;
    else shown.push({ chain: miss.chain, rule: printRule(miss.rule), failed: printCondition(miss.rule, miss.failed) });
    run = isShare(miss) ? miss : null;
  }
  return shown;
}

const isShare = ({ failed }: Miss): boolean => failed.kind === 'statistic';

const GOES_ON = ['RETURN', 'MARK', 'CONNMARK', 'jump', 'goto', 'vmap', 'numgen'] as const;

function isVerdict(step: RuleStep): boolean {
  const target = targetOf(step);
  return target !== null && !GOES_ON.some((kind) => kind === target.kind);
}
