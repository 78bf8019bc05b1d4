import { type RemovedRule, type RoutingRule, selectorText } from '../../datapath/fib.ts';
import type { Overrides } from '../../datapath/overrides.ts';
import { isMeant } from '../../datapath/rules.ts';
import { declared } from '../../source/origin.ts';
import type { RemovedRuleInput, RuleInput } from '../schema/linux.ts';
import type { OverridesInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { type DerivedMachine, knownDevice } from './derived-machine.ts';

/** Routing policy rules that are added, and derived ones that are taken away. */
export function readRules(
  input: NonNullable<OverridesInput['rules']>,
  machine: DerivedMachine,
  here: Cursor,
): Pick<Overrides, 'rules' | 'removedRules'> {
  const { rules, list } = addedRules(input, here);
  const removed = 'remove' in input ? (input.remove ?? []) : [];
  return {
    rules: rules.map((rule, i) => readRule(rule, machine, list.at(i))),
    removedRules: removed.map((rule, i) => readRemoved(rule, machine, here.at('remove', i))),
  };
}

/** The rules that an input adds, and the list that they stand in. */
export function addedRules(input: NonNullable<OverridesInput['rules']>, here: Cursor) {
  const isList = 'length' in input;
  return { rules: isList ? input : (input.add ?? []), list: isList ? here : here.at('add') };
}

function readRule(input: RuleInput, machine: DerivedMachine, at: Cursor): RoutingRule {
  if (input.iif !== undefined) knownDevice(machine, input.iif, at.at('iif'));
  return {
    priority: input.priority,
    from: input.from ?? null,
    to: input.to ?? null,
    iif: input.iif ?? null,
    mark: markOf(input),
    table: input.table,
    origin: declared(at.locus),
  };
}

function markOf({ fwmark }: RemovedRuleInput): RoutingRule['mark'] {
  if (fwmark === undefined) return null;
  const [value, mask] = fwmark.split('/');
  return { value: Number(value), mask: mask === undefined ? null : Number(mask) };
}

/** Only a rule that would be there can be missing; anything else is a slip of the pen. */
function readRemoved({ fwmark, ...input }: RemovedRuleInput, machine: DerivedMachine, at: Cursor): RemovedRule {
  const stated = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const mark = fwmark === undefined ? {} : { mark: markOf({ priority: input.priority, fwmark }) };
  const removed: RemovedRule = { ...stated, ...mark, priority: input.priority, origin: declared(at.locus) };
  if (!machine.rules.some((rule) => isMeant(removed, rule))) {
    const there = machine.rules.slice(0, 8).map((r) => `${r.priority} ${selectorText(r)}`);
    at.error(
      'unknown-rule',
      `${machine.cursor.locus.object} has no derived rule ${removed.priority} ${selectorText(removed)}`,
      there.length === 0 ? 'it has none beside the usual three' : `it has ${there.join(', ')}`,
    );
  }
  return removed;
}
