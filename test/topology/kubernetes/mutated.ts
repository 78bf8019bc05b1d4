import type { Random } from '../../fuzz/random.ts';

const PIECES = [
  ...['\n', ' ', '  ', ': ', ':', '- ', '-', '#', ' #', '{', '}', '[', ']', ',', '"', "'", '\\', '|', '|-\n', '>', '---\n', '...\n', '~'],
  ...['&a ', '*a', '!', '%', '@', '`', '<<: ', '? ', '\t', '\r', '\n\n', '\n  ', '\n    ', '\0', '\u00a0', '\u2028', '\u{1f600}', '\ufeff'],
  ...['a', '0', '1', '.', '/', 'y', 'null', 'true', '0x1', '1e3', '.5', '-1', '1:30', '010', '=', '$', '(', '""', '{}', '[]', '__proto__'],
  ...[
    'kind: Pod\n',
    '"kind": "Pod",',
    'items:\n',
    '"items": [',
    'null,',
    '\n- ',
    '}\n{',
    '==== START logs for container a of pod b/c ====\n',
  ],
] as const;

/** A text with a few changes: something put in, taken out, replaced or doubled, the rest cut off. */
export function mutated(text: string, r: Random): string {
  let changed = text;
  for (let changes = 1 + r.below(3); changes > 0; changes--) changed = changedOnce(changed, r);
  return changed;
}

function changedOnce(text: string, r: Random): string {
  const at = r.below(text.length + 1);
  const [before, behind] = [text.slice(0, at), text.slice(at)];
  switch (r.below(7)) {
    case 0:
      return before + r.pick(PIECES) + behind;
    case 1:
      return before + r.pick(PIECES) + behind.slice(1);
    case 2:
      return before + behind.slice(1 + r.below(3));
    case 3:
      return before + behind.slice(r.below(200));
    case 4:
      return r.oneIn(3) ? before : text;
    case 5:
      return withoutLines(text, r);
    default:
      return before + behind.slice(0, r.below(100)) + behind;
  }
}

/** Some lines fewer: an item cut in the middle, a list without its beginning. */
function withoutLines(text: string, r: Random): string {
  const lines = text.split('\n');
  lines.splice(r.below(lines.length), 1 + r.below(5));
  return lines.join('\n');
}
