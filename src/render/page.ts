import { sha256 } from '../net/hash.ts';
import { escaped, type Markup, markup } from './markup.ts';
import { FRAME_STYLE } from './page-style.ts';
import { jsonText } from './text.ts';

/** A page that is one file: it loads nothing, sends nothing, and runs no script but its own. */
interface PageParts {
  readonly title: string;
  /** After the frame's own. There are no style attributes: the policy forbids them. */
  readonly style: string;
  readonly script: string;
  readonly body: Markup;
  /** What the page was made of, for programs: the text of the element with the id `data`. */
  readonly data: unknown;
}

export function page({ title, style, script, body, data }: PageParts): string {
  const css = FRAME_STYLE + style;
  // The policy comes first: it holds for what stands after it.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(css, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${css}</style>
</head>
<body>
${body.markup}
<script type="application/json" id="data">${embedded(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Only the style and the script with these hashes; neither forms, nor frames, nor another base of links. */
const policy = (style: string, script: string) =>
  `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'`;

const hashOf = (text: string) => `sha256-${btoa(String.fromCharCode(...sha256(text)))}`;

/** JSON in which no tag begins or ends: it parses to the same value. */
const embedded = (data: unknown) => jsonText(data, 0).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);

export interface Tab {
  readonly label: Markup;
  readonly panel: Markup;
}

/** Tabs that need no script: radio buttons, which the keyboard moves through. `name`: of this group alone. */
export function tabs(name: string, legend: string, all: readonly Tab[], chosen = 0): Markup {
  const [only, second] = all;
  if (only === undefined) return markup``;
  if (second === undefined) return only.panel;
  const parts = all.map(
    ({ label, panel }, i) =>
      markup`<input type="radio" name="${name}" id="${name}-${i + 1}"${{ markup: i === chosen ? ' checked' : '' }}><label for="${name}-${i + 1}">${label}</label><div class="panel">${panel}</div>`,
  );
  return markup`<fieldset class="tabs"><legend>${legend}</legend>${parts}</fieldset>`;
}
