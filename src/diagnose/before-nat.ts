import type { HookEntry } from '../datapath/netfilter/ruleset.ts';
import type { Failure } from '../hop/failure.ts';
import type { IpFamily } from '../net/address.ts';
import type { Context } from './context.ts';

/**
 * Did a rule, or a policy, end the packet before all NAT of its hook was asked? Then it is its own fault, whatever the rules behind it say of
 * the service that is called.
 */
export function endedBeforeNat({ datapath }: Context, failure: Failure, family: IpFamily): boolean {
  if (failure.code !== 'FILTER_DROP' && failure.code !== 'FILTER_REJECT') return false;
  const { netns, table, base } = failure.facts;
  const hooks = datapath.netns(netns)?.rulesets[family].hooks;
  if (hooks === undefined) return false;
  const isThere = (entry: HookEntry): boolean => basesOf(entry).some((b) => b.table.name === table && b.chain.name === base);
  return [hooks.PREROUTING, hooks.OUTPUT].some((entries) => {
    const nat = entries.findIndex((e) => e.kind === 'nat');
    return entries.slice(0, nat + 1).some(isThere);
  });
}

function basesOf(entry: HookEntry) {
  if (entry.kind === 'chain') return [entry.base];
  return entry.kind === 'nat' ? entry.chains : [];
}
