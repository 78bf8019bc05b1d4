import { named, type Sentence } from '../source/sentence.ts';
import type { ReasonDocument } from './trace-schema.ts';

/** The texts of a reason, for the beginning of a line. */
export interface ReasonSentences {
  readonly message: Sentence;
  readonly fix: readonly Sentence[];
}

/**
 * Kept beside the documents: they are plain data, which is printed as it is. All copies of a reason have the same list of fixes, so that
 * is the key.
 */
const SENTENCES = new WeakMap<ReasonDocument['fix'], ReasonSentences>();

/** The texts as the documents have them. */
export function plainTexts({ message, fix }: ReasonSentences): Pick<ReasonDocument, 'message' | 'fix'> {
  const texts = fix.map((f) => f.text);
  SENTENCES.set(texts, { message, fix });
  return { message: message.text, fix: texts };
}

/** The sentences that the texts were made of. Of a document that was read from JSON it is not known with which words they begin. */
export const sentencesOf = ({ message, fix }: ReasonDocument): ReasonSentences =>
  SENTENCES.get(fix) ?? { message: named(message), fix: fix.map(named) };
