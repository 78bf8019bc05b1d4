import type { Statement } from './syntax.ts';
import type { Tokens } from './tokens.ts';

/** Goes past so many words, which matter to nothing, and answers the statement. */
export function past(t: Tokens, words: number, statement: Statement): Statement {
  for (let i = 0; i < words; i++) t.next();
  return statement;
}
