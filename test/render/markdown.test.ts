import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { markdownText } from '../../src/index.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const read = (name: string) => readFileSync(join(DOCS, name), 'utf8');
const reasons = readdirSync(join(DOCS, 'reasons')).filter((name) => name !== 'README.md');
const findings = read('findings.md');

/** What `explain` prints. */
const PAGES = [
  ...reasons.map((name) => [name, read(`reasons/${name}`)] as const),
  ['the sections of findings.md', findings.slice(findings.indexOf('\n## Services') + 1)] as const,
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
const COLOR = /\u001b\[\d+m/g;
const plain = { color: false, width: 80 };

/** Code blocks, which are not wrapped, have four spaces before them. */
const wrapped = (text: string) => text.split('\n').filter((line) => !line.startsWith('    '));

describe.each(PAGES)('%s', (_name, page) => {
  test.each([80, 160])('in %d columns', (width) => {
    for (const line of wrapped(markdownText(page, { color: false, width }))) expect(line.length).toBeLessThanOrEqual(width);
  });

  test('no word is lost, but the marks', () => {
    const bare = (text: string) => text.replace(/\]\([^)]*\)|\(docs\/[^)]*\)|^(```.*|[|\s:-]+)$|[\s*#[|]/gm, '');
    const oneColumn = page.split('\n').filter((line) => !line.startsWith('|'));
    const text = bare(markdownText(page, { color: false, width: 1000 }));
    for (const line of oneColumn) expect(text).toContain(bare(line));
  });

  test('nothing of Markdown is left outside code, and headings stand at the margin', () => {
    const lines = wrapped(markdownText(page, plain));
    for (const line of lines) expect(line).not.toMatch(/\*\*|\]\(|^#|^```/);
    for (const [, heading] of page.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm))
      expect(lines.join('\n')).toContain(`\n${heading?.slice(0, 20)}`.trim());
  });

  test('colour is all that colour adds', () => {
    const colored = markdownText(page, { color: true, width: 80 });
    expect(colored.replace(COLOR, '')).toBe(markdownText(page, plain));
    expect(colored).toMatch(COLOR);
  });
});

test('what a page is made of', () => {
  const page = `# CODE

One paragraph of
two lines, see [CODE](CODE.md), [a page](../http.md) and [another](https://example.com/).

## Heading

1. **first**, with \`code that goes on
   and on\`
2. second
- bullet

| \`key\` | value |
| ----- | ----- |
| a     | 1     |

\`\`\`yaml
pods:
  - { name: a }
run this    # and then look at what it says of it
\`\`\`
`;
  expect(markdownText(page, { color: false, width: 40 })).toBe(`CODE

  One paragraph of two lines, see CODE,
  a page (docs/http.md) and another
  (https://example.com/).

Heading

  1. first, with \`code that goes on and
     on\`
  2. second
  - bullet

  \`key\`  value
  a      1

    pods:
      - { name: a }
    # and then look at what it says of
    # it
    run this
`);
  const code = '\u001b[36m`code that goes on and\u001b[39m\n\u001b[36m     on`\u001b[39m';
  const colored = markdownText(page, { color: true, width: 40 });
  expect(colored).toContain('  1. \u001b[1mfirst\u001b[22m,');
  expect(colored).toContain(code);
});
