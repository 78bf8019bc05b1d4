import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { iptablesSave, printIptablesRule } from '../../src/datapath/netfilter/iptables-save.ts';
import type { Ruleset } from '../../src/datapath/netfilter/ruleset.ts';
import { loadNetwork } from '../../src/index.ts';
import { FAMILIES } from '../../src/net/address.ts';
import { file } from '../topology/sources.ts';
import { read } from './iptables-rules.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const inputs = ['valid', 'cases', 'ipv6', 'sample'].flatMap((folder) =>
  readdirSync(join(FIXTURES, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name)),
);

/** Lines of rules in the order in which they are printed. */
const rulesIn = (save: string) => save.split('\n').filter((line) => line.startsWith('-A '));

/** The rules that are read of a ruleset's text, in our words again, and not as they stood there. */
function again(ruleset: Ruleset): readonly string[] {
  const { pieces, unread, faults } = read(iptablesSave(ruleset));
  expect([unread, faults]).toEqual([[], []]);
  return pieces.flatMap(({ tables }) =>
    [...tables.values()].flatMap(({ chains }) =>
      [...chains].flatMap(([chain, rules]) => rules.map(({ listed: _, ...rule }) => `-A ${chain} ${printIptablesRule(rule)}`.trimEnd())),
    ),
  );
}

let rulesetsRead = 0;
describe('what show node --rules prints', () => {
  it.each(inputs)('%s: it is read as it was meant', (name) => {
    const loaded = loadNetwork([file(readFileSync(join(FIXTURES, name)), name)]);
    // Some are parts of an input, or are refused.
    if (!loaded.ok) return;
    const { cluster, datapath } = loaded.value;
    for (const node of cluster.nodes.keys()) {
      const rulesets = datapath.netns(node)?.rulesets;
      for (const family of FAMILIES) {
        const ruleset = rulesets?.[family];
        if (ruleset === undefined) continue;
        expect(again(ruleset)).toEqual(rulesIn(iptablesSave(ruleset)));
        if (rulesIn(iptablesSave(ruleset)).length > 0) rulesetsRead++;
      }
    }
  });
  it('has rules in most of them', () => expect(rulesetsRead).toBeGreaterThan(inputs.length));
});
