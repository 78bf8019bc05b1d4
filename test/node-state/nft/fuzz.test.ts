import { expect, it } from 'vitest';
import { randomFrom } from '../../fuzz/random.ts';
import { readText } from './reading.ts';
import { TCP } from './rows.ts';
import { SAMPLES } from './samples.ts';

/** Mutated listings are read without an exception, and soon. NFT_FUZZ=100000 tries more of them. */
const RUNS = Number(process.env['NFT_FUZZ'] ?? 300);

const texts = [
  ...Object.values(SAMPLES),
  `table inet t {\n\tchain c {\n${TCP.map(([e]) => `\t\t${e} drop\n`).join('')}\t}\n}\n`,
  '{"nftables": [{"table": {"family": "ip", "name": "t"}}, {"chain": {"family": "ip", "table": "t", "name": "c", "type": "filter", "hook": "input", "prio": 0}}, {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"set": ["10.0.0.1", {"prefix": {"addr": "10.1.0.0", "len": 16}}]}}}, {"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"|": [{"meta": {"key": "mark"}}, 16384]}}}, {"drop": null}]}}]}',
];
const BITS = [
  '{',
  '}',
  '"',
  ';',
  ',',
  '\n',
  ' . ',
  ':',
  '@',
  '#',
  '/',
  '-',
  '0',
  'map',
  'vmap',
  'set',
  '!=',
  '\\',
  '[]',
  'null',
  'toString',
  '__proto__',
];

it(`${RUNS} mutated listings`, () => {
  const { below } = randomFrom(7);
  const pick = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  for (let i = 0; i < RUNS; i++) {
    let text = pick(texts) ?? '';
    for (let n = 1 + below(4); n > 0; n--) {
      const at = below(text.length);
      const more = below(2) === 0 ? (pick(BITS) ?? '') : text.slice(below(text.length)).slice(0, below(40));
      text = text.slice(0, at) + more + text.slice(at + below(12));
    }
    const { pieces, faults, unread } = readText(text);
    // Rules can be printed, whatever is in them.
    for (const p of pieces)
      if (p.kind === 'nft') for (const t of p.tables) for (const c of t.chains()) c.rules().map((rule) => rule.matches.length);
    expect(pieces.length + faults.length + unread.length).toBeGreaterThan(0);
  }
});
