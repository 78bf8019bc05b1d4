import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isolated, whyNot } from '../../kernel-lab/machine.ts';
import { meaning, readText, tablesOf } from './reading.ts';
import { SAMPLES } from './samples.ts';

/** What this machine's nft makes of a ruleset, in all forms that it prints. */
const FORMS = [
  'nft list ruleset',
  'nft -a list ruleset',
  'nft -n list ruleset',
  'nft -nn list ruleset',
  'nft -y list ruleset',
  'nft -s list ruleset',
  'nft -j list ruleset',
  'nft -j -a list ruleset',
] as const;
const listed = (rules: string, form: string): string => {
  // A rule that asks for the index of a device is taken where there is one.
  const devices = [...new Set([...rules.matchAll(/\b[io]if "([^"]+)"/g)].map(([, name]) => name))].filter((name) => name !== 'lo');
  const added = devices.map((name) => `ip link add ${name} type bridge && `).join('');
  const ran = isolated(`${added}nft -f - && ${form}`, rules);
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout;
};

const FIXTURES = join(import.meta.dirname, '../../../fixtures/node-state');
const machines = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, 'nft-ruleset')));

describe.skipIf(whyNot !== null)('a ruleset in each form that nft prints is read alike', () => {
  it.each(machines)('%s', (name) => {
    const rules = readFileSync(join(FIXTURES, name, 'nft-ruleset'), 'utf8');
    const [text = '', ...others] = FORMS.map((form) => listed(rules, form));
    const expected = meaning(tablesOf(text));
    expect(expected.length).toBeGreaterThan(3);
    for (const [i, other] of others.entries()) expect(meaning(tablesOf(other)), FORMS[i + 1]).toEqual(expected);
  });

  for (const [name, rules] of Object.entries(SAMPLES))
    it(name, () => {
      const [text = '', ...others] = FORMS.map((form) => listed(rules, form));
      const expected = meaning(tablesOf(text));
      expect(expected.length).toBeGreaterThan(3);
      for (const [i, other] of others.entries()) expect(meaning(tablesOf(other)), FORMS[i + 1]).toEqual(expected);
      expect(meaning(tablesOf(text.replaceAll('\n', '\r\n')))).toEqual(expected);
      // What is written by hand has other words for the same.
      expect(meaning(tablesOf(rules)).length).toBe(expected.length);
    });
});

describe('what is no ruleset', () => {
  const rows: readonly (readonly [name: string, text: string, message: string])[] = [
    ['names of tables', 'table ip nat\ntable inet firewalld\n', "these are the names of nft's tables, without what is in them"],
    [
      'chains without rules',
      'table ip t {\n\tchain a {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n\tchain b {\n\t}\n}\n',
      "these are the names of nft's chains, without what is in them",
    ],
    ['cut off in a table', 'table ip t {\n\tchain a {\n\t\taccept\n\t}\n', 'the listing ends within what begins here: it is cut off'],
    ['cut off in a chain', 'table ip t {\n\tchain a {\n\t\taccept\n', 'the listing ends within what begins here: it is cut off'],
    [
      'cut off in a set',
      'table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.1,\n',
      'the listing ends within what begins here: it is cut off',
    ],
    ['cut off JSON', '{"nftables": [{"table": {"family": "ip"', 'the JSON is cut off, or broken'],
    ['another JSON', '{"a": 1}', 'the JSON has no list "nftables"'],
    ['another text', '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n', 'no table of nft is in it'],
  ];
  it.each(rows)('%s', (_, text, message) => {
    const { faults, pieces } = readText(text);
    expect(faults.map((f) => f.message)).toEqual([message]);
    expect(pieces).toEqual([]);
  });
  it('a node without a table prints nothing, and has none', () => {
    expect(readText('')).toEqual({ pieces: [{ kind: 'nft', tables: [] }], unread: [], faults: [] });
  });
});

describe('what is not understood of a rule ends where the rule does', () => {
  const rows: readonly (readonly [name: string, rule: string])[] = [
    ['in one line', 'ip saddr { !10.0.0.1, 10.0.0.2 } drop'],
    ['a set of several lines', 'ip saddr { !10.0.0.1,\n\t\t\t     10.0.0.2 } drop'],
  ];
  it.each(rows)('%s', (_, rule) => {
    const listing = `table ip t {\n\tchain a {\n\t\taccept\n\t\t${rule}\n\t\tdrop\n\t}\n\tchain b {\n\t}\n}\n`;
    const [table] = tablesOf(listing);
    const chains = [...(table?.chains() ?? [])].map((chain) => [chain.name, chain.rules().map((r) => r.target?.kind)]);
    expect(chains).toEqual([
      ['a', ['ACCEPT', 'unmodelled', 'DROP']],
      ['b', []],
    ]);
  });
});
