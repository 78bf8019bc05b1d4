import { jsonText } from '../render/text.ts';
import type { Reporter } from './reporter.ts';

/** The document itself. */
export const json: Reporter = (document) => `${jsonText(document)}\n`;
