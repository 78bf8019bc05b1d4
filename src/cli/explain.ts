import { CODES, didYouMean } from '../index.ts';
import { type Io, UsageError } from './io.ts';

/** The code's page. Codes are upper case with underscores; people write them as they like. */
export async function explainCommand(text: string, io: Io): Promise<number> {
  const code = text.toUpperCase().replaceAll('-', '_');
  const page = CODES.some((c) => c === code) ? await io.reasonPage(code) : null;
  if (page === null) throw new UsageError(`there is no code ${text}`, didYouMean(code, CODES) ?? `codes: ${CODES.join(', ')}`);
  io.stdout.write(page.endsWith('\n') ? page : `${page}\n`);
  return 0;
}
