import { CODES } from '../index.ts';
import type { Io } from './io.ts';

/** What each reason code means, in one sentence: the first of its page. */
export async function codeMeanings(io: Io): Promise<Readonly<Record<string, string>>> {
  const pages = await Promise.all(CODES.map(async (code) => [code, (await io.reasonPage(code)) ?? ''] as const));
  return Object.fromEntries(pages.map(([code, page]) => [code, firstSentence(page)]));
}

/** Without the marks of Markdown. */
function firstSentence(page: string): string {
  const [, paragraph = ''] = page.split('\n\n');
  const text = paragraph.replaceAll('\n', ' ').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return text.replaceAll('`', '').replace(/(?<=\.) .*$/, '');
}
