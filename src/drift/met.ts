import { walksOf } from '../diagnose/walks.ts';
import type { Hop } from '../hop/hop.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import type { Trace } from '../trace/trace.ts';

/** All that packets of a connection pass in a namespace, there and back, path by path. */
export const hopsOn = ({ paths }: Trace, netns: string): readonly Hop[] =>
  paths.flatMap((path) => walksOf(path).flatMap(({ walk }) => walk.hops.filter((hop) => hop.netns === netns)));

/** The rules that they match there, those that lead to others among them. */
export function stepsIn(hops: readonly Hop[]): readonly RuleStep[] {
  return hops.flatMap((hop) => {
    if (hop.kind === 'filter' || hop.kind === 'nat') return hop.steps;
    return hop.kind === 'skip' && hop.skipped.mechanism === 'masquerade' ? hop.skipped.steps : [];
  });
}

/** The routes that packets take there. */
export const routeHopsOn = (traced: Trace, netns: string): readonly RouteHop[] =>
  hopsOn(traced, netns).filter((hop): hop is RouteHop => hop.kind === 'route');
