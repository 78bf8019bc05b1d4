import type { Reporter } from './reporter.ts';

/** The document itself. */
export const json: Reporter = (document) => `${JSON.stringify(document, null, 2)}\n`;
