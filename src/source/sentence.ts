/**
 * A sentence without its full stop, and in lower case, as it stands after a colon. At the beginning of a line its first word gets a
 * capital, but a name keeps its case.
 */
export interface Sentence {
  readonly text: string;
  readonly beginsWithName: boolean;
}

/** As most sentences are written: plain text begins with a word. */
export type Wording = string | Sentence;

/** A sentence that begins with the name of a thing, an address or a setting. */
export const named = (text: string): Sentence => ({ text, beginsWithName: true });

export const sentence = (wording: Wording): Sentence => (typeof wording === 'string' ? { text: wording, beginsWithName: false } : wording);

/** The same with more at its end. */
export const longer = (first: Sentence, more: string): Sentence => ({ ...first, text: `${first.text}${more}` });

/** As it stands at the beginning of a line. */
export const capitalized = ({ text, beginsWithName }: Sentence): string =>
  beginsWithName ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
