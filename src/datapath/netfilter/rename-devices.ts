import type { Match } from './match.ts';
import type { Rule } from './ruleset.ts';

/** The same rules on a machine whose devices have other names. */
export function renameDevices(rules: readonly Rule[], names: ReadonlyMap<string, string>): Rule[] {
  const renamed = (m: Match): Match => {
    if (m.kind !== 'in-interface' && m.kind !== 'out-interface' && m.kind !== 'physdev-in' && m.kind !== 'physdev-out') return m;
    return { ...m, name: names.get(m.name) ?? m.name };
  };
  return rules.map((rule) => ({ ...rule, matches: rule.matches.map(renamed) }));
}
