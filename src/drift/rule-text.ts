import { printRule } from '../datapath/netfilter/print-rule.ts';
import { renameDevices } from '../datapath/netfilter/rename-devices.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';

const known = new WeakMap<Rule, string>();

/** The text by which two rules are the same, whichever way a program listed them. */
export function textOf(rule: Rule): string {
  const text = known.get(rule) ?? printed(rule);
  known.set(rule, text);
  return text;
}

function printed({ listed: _, then, ...rule }: Rule): string {
  return printRule(then === undefined ? rule : { ...rule, then });
}

/** Rules that were compiled, by the devices of a machine as they were found. */
export function underNames(rules: readonly Rule[], { foundNames }: Netns): readonly Rule[] {
  const isSame = foundNames === undefined || [...foundNames].every(([compiled, found]) => compiled === found);
  return isSame ? rules : renameDevices(rules, foundNames);
}

/** The rule as an argument of iptables, or as a line of nft's listing. */
export const ruleLine = (chain: string, rule: Rule): string =>
  rule.syntax === undefined ? `-A ${chain} ${textOf(rule)}` : `${chain}: ${textOf(rule)}`;
