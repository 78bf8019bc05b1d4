import Table from 'cli-table3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { borderless, plainTable } from '../../src/render/plain-table.ts';

const drawn = vi.spyOn(Table.prototype, 'toString');
afterEach(() => drawn.mockClear());

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

describe('columns', () => {
  test('are padded to their widths and two more; cells have lines, and colours take no room', () => {
    const rows = [
      ['1', `one\n${red('two')}`, 'x'],
      [red('22'), '', 'y … z'],
    ];
    const expected = ['#   WORD   LAST', '1   one    x', `    ${red('two')}`, `${red('22')}         y … z`];
    expect(borderless(['#', 'WORD', 'LAST'], [2, 5, 9], rows)).toBe(expected.join('\n'));
    expect(drawn).not.toHaveBeenCalled();
  });

  // East Asian Width (UAX 11): each of these is two columns wide; a combining accent is none.
  test('of characters that are wider, or narrower, than one column', () => {
    expect(
      borderless(
        ['A', 'B'],
        [8, 3],
        [
          ['日本', 'x'],
          ['e\u0301', 'y'],
          ['plain', 'z'],
        ],
      ),
    ).toBe('A      B\n日本   x\ne\u0301      y\nplain  z');
    expect(drawn).toHaveBeenCalledOnce();
  });

  test('nothing of a wide text is cut', () => {
    const text = '日本語'.repeat(30);
    const shown = plainTable(['NAME', 'IP'], ['NAME', 'IP'], [[text, '10.0.0.1']], 60);
    expect(shown.replace(/[^日本語]/g, '')).toBe(text);
  });

  const FLOW = ['Pod/ingress-nginx/ingress-1', 'Service/web', 'rejected (LISTENS_ON_LOOPBACK)'];
  test.each([
    ['whole words, where they fit', 70, ['Pod/ingress-nginx/ingress-1 Service/web rejected', ' (LISTENS_ON_LOOPBACK)']],
    [
      'else paths are broken before codes and names are',
      60,
      ['Pod/ingress-nginx/ Service/web rejected', 'ingress-1 (LISTENS_ON_LOOPBACK)'],
    ],
  ])('are cut between words: %s', (_, width, lines) => {
    const head = ['FROM', 'TO', 'HAS'];
    const shown = plainTable(head, head, [FLOW], width).split('\n').slice(1);
    expect(shown.map((line) => line.replace(/ +/g, ' '))).toEqual(lines);
    for (const line of shown) expect(line.length).toBeLessThanOrEqual(width);
  });
});
