import { printIptablesMatch, printIptablesRule } from './iptables-save.ts';
import { printIpvsRule } from './ipvs-save.ts';
import { printNftCondition, printNftRule } from './nft-rule.ts';
import type { Condition, Rule } from './ruleset.ts';

/** A rule in the words of the program that it is from. */
export const printRule = (rule: Rule): string => {
  if (rule.syntax === 'ipvs') return printIpvsRule(rule);
  return rule.syntax === 'nft' ? printNftRule(rule) : printIptablesRule(rule);
};

/** A match or a look-up of a rule, in the syntax of the rule. */
export const printCondition = ({ syntax }: Rule, condition: Condition): string =>
  syntax === 'nft' || condition.kind === 'vmap' || condition.kind === 'numgen'
    ? printNftCondition(condition)
    : printIptablesMatch(condition);
