import { inBlock, type Reader } from './blocks.ts';
import { elementsOf } from './expressions.ts';
import type { SetSyntax } from './syntax.ts';
import type { Tokens } from './tokens.ts';

type Stated = { -readonly [K in 'key' | 'data' | 'flags' | 'timeout' | 'comment' | 'items']: SetSyntax[K] };

/** Reads `set NAME { … }` or `map NAME { … }` from the name on; null: it is neither. */
export function setOf(read: Reader, line: number): SetSyntax | null {
  const { t } = read;
  const kind = t.text() === 'set' ? 'set' : 'map';
  t.next();
  const name = t.name();
  if (name === null || !t.take('{')) return null;
  const stated: Stated = { key: [], data: [], flags: [], timeout: null, comment: null, items: [] };
  inBlock(read, line, () => {
    const word = t.text();
    switch (word) {
      case 'type':
      case 'typeof': {
        t.next();
        const [key = '', data = ''] = restOf(t).split(/ : /);
        stated.key = partsOf(key);
        stated.data = partsOf(data);
        return true;
      }
      case 'flags':
        t.next();
        stated.flags = restOf(t).split(/[,\s]+/);
        return true;
      case 'timeout':
        t.next();
        stated.timeout = seconds(restOf(t));
        return true;
      case 'comment':
        t.next();
        stated.comment = t.name();
        return true;
      case 'elements': {
        t.next();
        const found = t.take('=') ? elementsOf(t) : null;
        if (found === null) {
          if (t.peek() === undefined) read.cut ??= line;
          return false;
        }
        stated.items = found;
        return true;
      }
      default:
        if (!SET_OPTIONS.has(word)) return false;
        t.skipStatement();
        return true;
    }
  });
  return { kind, name, line, ...stated, text: t.linesSince(line) };
}

const SET_OPTIONS = new Set(['size', 'policy', 'auto-merge', 'gc-interval', 'counter', 'limit', 'quota', 'ct', 'last']);

function restOf(t: Tokens): string {
  const from = t.at;
  t.skipStatement();
  return t.since(from);
}

const partsOf = (types: string): string[] => (types === '' ? [] : types.trim().split(' . '));

const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** `1h30m`; null: it is no time. */
function seconds(text: string): number | null {
  if (!/^(\d+(ms|[wdhms]))+$/.test(text)) return /^\d+$/.test(text) ? Number(text) : null;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[wdhms])/g)) sum += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return sum;
}
