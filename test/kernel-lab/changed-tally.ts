import type { Verdict } from '../../src/lab/verify.ts';
import type { TracePath } from '../../src/trace/trace.ts';

export const isUndetermined = ({ trace }: Verdict) => trace.paths.some((p) => p.outcome === 'undetermined');

const outcomeOf = ({ trace: { paths } }: Verdict) => `${paths[0]?.outcome} ${paths[0]?.reason?.code ?? ''}`.trim();

/** How often each outcome was met. */
export const outcomesOf = (verdicts: readonly Verdict[]): string => counted(verdicts.map(outcomeOf)).join(', ');

/** What the answers hang on that are none, the commonest first: the next to be modelled. */
export const openOf = (verdicts: readonly Verdict[]): readonly string[] => counted(verdicts.flatMap(({ trace }) => firstOpen(trace.paths)));

const firstOpen = (paths: readonly TracePath[]): readonly string[] =>
  paths
    .filter((p) => p.outcome === 'undetermined')
    .slice(0, 1)
    .map(({ failure }) => openQuestion(failure));

function openQuestion(failure: TracePath['failure']): string {
  if (failure?.code !== 'FACT_MISSING') return failure?.code ?? 'unknown';
  const { facts } = failure;
  if (!('why' in facts)) return failure.code;
  switch (facts.why) {
    case 'unknown-match':
      return `${facts.why}: ${facts.match} in ${facts.chain}`;
    case 'unknown-target':
      return `${facts.why}: ${facts.target} in ${facts.chain}`;
    case 'unknown-way':
      return `${facts.why}: ${facts.unmodelled} of ${facts.by}`;
    case 'below-ip':
      return `${facts.why}: ${facts.rule ?? 'its policy'} at ${facts.hook}`;
    case 'chain-order':
      return `${facts.why}: ${facts.hook}, ${facts.chains.length} chains`;
    case 'device':
      return `${facts.why}: ${facts.type ?? 'a device'}${facts.isBack ? ', back' : ''}`;
    default:
      return facts.why;
  }
}

function counted(all: readonly string[]): readonly string[] {
  const tally = new Map<string, number>();
  for (const one of all) tally.set(one, (tally.get(one) ?? 0) + 1);
  return [...tally].sort(([, a], [, b]) => b - a).map(([key, n]) => `${key} ${n}`);
}
