import { afterAll, beforeAll, describe } from 'vitest';
import { type Browser, isThere, launch, type Opened } from './browser.ts';
import { diffSuite } from './diff.suite.ts';
import { frameSuite } from './frame.suite.ts';
import { gridSuite } from './grid.suite.ts';
import { traceSuite } from './trace.suite.ts';

/** Pages in a real Chromium. All suites are here, so that there is one browser. */
let browser: Browser | null = null;

if (!isThere) process.stderr.write('skipped: pages in a browser need /usr/bin/chromium (Debian: chromium)\n');

// A browser is late on a busy machine. What took two is reported so.
describe.skipIf(!isThere)('in Chromium', { retry: 1 }, () => {
  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(() => browser?.close());

  const open = (...args: Parameters<Browser['open']>): Promise<Opened> => {
    if (browser === null) throw new Error('the browser has not started');
    return browser.open(...args);
  };

  describe('the frame of all pages', () => frameSuite(open));
  describe('grids', () => gridSuite(open));
  describe('a diff', () => diffSuite(open));
  describe('a trace', () => traceSuite(open));
});
