import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FINDINGS, type FindingCode, findingPage } from '../../src/index.ts';
import { fits, misfit } from '../../src/lint/choice.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/findings.md'), 'utf8');
const codes = Object.entries(FINDINGS).map(([code, { severity }]) => [code as FindingCode, severity] as const);

describe('docs/findings.md', () => {
  test('has a section for every code, and none for a code that does not exist', () => {
    const sections = [...page.matchAll(/^### (.*)$/gm)].map(([, code]) => code);
    expect(sections.toSorted()).toEqual(codes.map(([code]) => code).toSorted());
  });

  test.each(codes)('%s says how bad it is', (code, severity) => {
    const section = page.slice(page.indexOf(`\n### ${code}\n`)).split('\n')[3] ?? '';
    if (severity === 'error') expect(section).toMatch(/^[A-Z`].{20,}/);
    else expect(section).toMatch(severity === 'note' ? /^A note\. \S.{20,}/ : /^A warning\. \S.{20,}/);
  });

  test('its links lead to pages that exist', () => {
    const reasons = readdirSync(join(ROOT, 'docs/reasons'));
    for (const [, link] of page.matchAll(/\(reasons\/([^)]+)\)/g)) expect(reasons).toContain(link);
    for (const [code] of codes) expect(findingPage(code)).toBe(`docs/findings.md#${code}`);
  });
});

/** Of what --with supposes, and of node state: test/what-if/errors.test.ts and test/cli/node-state.test.ts show them. */
const OF_CHANGES = ['patch-without-object', 'patch-form', 'node-state-conflict', 'node-state-mixed-up', 'node-state-unassigned'];

describe('errors', () => {
  const texts = readdirSync(join(ROOT, 'fixtures/invalid')).filter((f) => f.endsWith('.out'));
  const shown = new Set(
    texts.flatMap((f) => [...readFileSync(join(ROOT, 'fixtures/invalid', f), 'utf8').matchAll(/\[([a-z-]+)\]$/gm)].map(([, code]) => code)),
  );
  /** Those that no file of a few lines can show, or that a command asks for; each is shown elsewhere. */
  const elsewhere = [
    'not-text',
    'file-too-large',
    'line-too-long',
    'too-many-nodes',
    'too-deep',
    'bad-expectation',
    'wrong-form',
    ...OF_CHANGES,
  ];

  test.each(codes.filter(([code, severity]) => severity === 'error' && !elsewhere.includes(code)))(
    '%s is among the texts of fixtures/invalid',
    (code) => {
      expect(shown.has(code)).toBe(true);
    },
  );
});

describe('codes by their first words', () => {
  test.each([
    ['firewall', 'firewall-rule-never-met', true],
    ['firewall-rule-never-met', 'firewall-rule-never-met', true],
    ['fire', 'firewall-rule-never-met', false],
    ['rule-never-met', 'firewall-rule-never-met', false],
    ['pod-range', 'pod-range-unreachable', true],
  ])('%s, %s: %s', (pattern, code, expected) => {
    expect(fits(pattern, code)).toBe(expected);
  });

  test.each([
    ['firewall', null],
    ['unused-ignore', null],
    ['firewal-rule-never-met', { message: 'there is no finding firewal-rule-never-met', hint: 'did you mean firewall-rule-never-met?' }],
    ['yaml-syntax', { message: 'yaml-syntax is an error, and no error can be left out', hint: null }],
    ['duplicate-name', { message: 'duplicate-name is an error, and no error can be left out', hint: null }],
    // duplicate-route is no error.
    ['duplicate', null],
    ['', { message: 'there is no finding ', hint: null }],
  ])('%s is no finding: %o', (pattern, expected) => {
    expect(misfit(pattern)).toEqual(expected);
  });
});
