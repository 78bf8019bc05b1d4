import type { Reporter } from './reporter.ts';

export const json: Reporter = (document) => `${JSON.stringify(document, null, 2)}\n`;
