import { describe, expect, test } from 'vitest';
import { render, type WalkDocument } from '../../src/index.ts';
import { TRACES, tracesOf } from './traces.ts';

/** A hop has one number: its index in the JSON, which `reason.hop` is too. Wide enough that no line is wrapped. */

const options = { color: false, width: 1000, allPaths: true, reply: true };

/** The rows of a table that begin a hop. */
const rowsOf = (text: string) =>
  text.split('\n').flatMap((line) => {
    const number = line.match(/^(\d+) /)?.[1];
    return number === undefined ? [] : [{ number: Number(number), line }];
  });

/** Tables begin where the numbers do not rise. */
function tablesOf(text: string): readonly (readonly { readonly number: number; readonly line: string }[])[] {
  const tables: { number: number; line: string }[][] = [];
  for (const row of rowsOf(text)) {
    const last = tables.at(-1);
    if (last === undefined || row.number <= (last.at(-1)?.number ?? -1)) tables.push([row]);
    else last.push(row);
  }
  return tables;
}

const walks = (name: string): readonly WalkDocument[] => {
  const trace = tracesOf(name);
  return trace.paths.flatMap(({ dns, forward, reply, ack, data }) =>
    [dns?.forward, dns?.reply, forward, reply, ack, data].flatMap((walk) => (walk === null || walk === undefined ? [] : [walk])),
  );
};

describe.each(Object.keys(TRACES))('%s', (name) => {
  test('with -v, all hops have their index', () => {
    const shown = tablesOf(render('table', tracesOf(name), { ...options, verbose: true }));
    expect(shown.map((rows) => rows.map((r) => r.number))).toEqual(walks(name).map((w) => w.hops.map((h) => h.index)));
  });

  test('without it, those that are shown have it too', () => {
    const all = walks(name);
    const shown = tablesOf(render('table', tracesOf(name), { ...options, verbose: false }));
    expect(shown).toHaveLength(all.length);
    for (const [i, rows] of shown.entries())
      for (const { number, line } of rows) expect(line).toContain(all[i]?.hops.find((h) => h.index === number)?.text);
  });
});

test('numbers that are left out are said, and with -v none is', () => {
  const text = (verbose: boolean) => render('table', tracesOf('same node'), { ...options, verbose });
  expect(text(false)).toContain('-v shows the hops whose numbers are left out.');
  expect(text(true)).not.toContain('left out');
});
