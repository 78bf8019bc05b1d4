import type { WhatIfDocument } from '../document/what-if-schema.ts';
import { type Paint, paint } from './paint.ts';
import { hanging, safe } from './text.ts';

/** More would hide the answer. */
const MOST = 6;

/** What an answer supposes, for people: none where the input is as its files have it. */
export function whatIfLines(whatIf: WhatIfDocument | undefined, p: Paint, width: number): readonly string[] {
  const text = whatIfText(whatIf);
  return text === '' ? [] : hanging('What if  ', text, width).map((line) => p.doubtful(line));
}

/** The same above an answer. */
export function whatIfHead(
  whatIf: WhatIfDocument | undefined,
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const lines = whatIfLines(whatIf, paint(color), width);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
}

/** The same in one line; empty: nothing is supposed. */
export function whatIfText(whatIf: WhatIfDocument = []): string {
  const said = whatIf.slice(0, MOST).map(sentenceOf);
  const left = whatIf.length - said.length;
  return [...said, ...(left === 0 ? [] : [`and ${left} more changes`])].join('; ');
}

/** The same behind a line that says what was asked. */
export function whatIfTail(whatIf: WhatIfDocument | undefined): string {
  const text = whatIfText(whatIf);
  return text === '' ? '' : `. What if ${text}`;
}

function sentenceOf({ change, object, along, source }: WhatIfDocument[number]): string {
  const at = source === null ? '' : ` (${safe(source.file)}:${source.line})`;
  const name = safe(object);
  switch (change) {
    case 'added':
      return `${name} is there too${at}`;
    case 'replaced':
      return `${name} is as in ${source === null ? 'a patch' : `${safe(source.file)}:${source.line}`}`;
    case 'merged':
      return `${name} has other fields${along.length === 0 ? '' : `: ${along.map(safe).join(', ')}`}${at}`;
    case 'removed':
      return `${name}${together(along)} ${along.length === 0 ? 'is' : 'are'} gone${at}`;
    case 'down':
      return `${name} is down`;
  }
}

/** ` and its 3 pods`, or how many things of several kinds. */
function together(along: readonly string[]): string {
  const pods = along.filter((name) => name.startsWith('Pod/')).length;
  const others = along.length - pods;
  const parts = [...(pods === 0 ? [] : [count(pods, 'pod')]), ...(others === 0 ? [] : [count(others, 'other object')])];
  return parts.length === 0 ? '' : `, with ${parts.join(' and ')},`;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
