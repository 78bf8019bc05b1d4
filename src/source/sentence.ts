/**
 * A sentence without its full stop, and in lower case, as it stands after a colon. At the beginning of a line its first word gets a
 * capital, but a name keeps its case.
 */
export interface Sentence {
  readonly text: string;
  readonly beginsWithName: boolean;
  /** Commands for a shell that the text has, in this order: they are to be copied as they are. Undefined: none. */
  readonly commands?: readonly string[];
}

/** As most sentences are written: plain text begins with a word. */
export type Wording = string | Sentence;

/** A sentence that begins with the name of a thing, an address or a setting. */
export const named = (text: string): Sentence => ({ text, beginsWithName: true });

export const sentence = (wording: Wording): Sentence => (typeof wording === 'string' ? { text: wording, beginsWithName: false } : wording);

/** A sentence that has these commands in it. */
export const withCommands = (text: string, ...commands: readonly string[]): Sentence => ({ text, beginsWithName: false, commands });

/** The same with more at its end. */
export const longer = (first: Sentence, more: string): Sentence => ({ ...first, text: `${first.text}${more}` });

/** As it stands at the beginning of a line. */
export const capitalized = ({ text, beginsWithName }: Sentence): string =>
  beginsWithName ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
