import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** The browser that pages are looked at with: Debian's. */
const CHROMIUM = '/usr/bin/chromium';
export const isThere = existsSync(CHROMIUM);

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Look {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly script?: boolean;
}

/** A page in the browser, and what it did beside showing itself. */
export interface Opened {
  readonly page: Page;
  /** Errors on the console, exceptions, and what its content policy has refused. */
  readonly complaints: readonly string[];
  /** All that it sent for, but itself. */
  readonly requests: readonly string[];
}

export interface Browser {
  open(html: string, look?: Look): Promise<Opened>;
  close(): Promise<void>;
}

/** One browser for all tests; each page has a context of its own. */
export async function launch(): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-trace-browser-'));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...QUIET] });
  const contexts: BrowserContext[] = [];
  return {
    async open(html, { width = 1440, scheme = 'light', script = true } = {}) {
      const file = join(folder, `${contexts.length}.html`);
      writeFileSync(file, html);
      const url = pathToFileURL(file).href;
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: script });
      contexts.push(context);
      const page = await context.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => request.url() !== url && requests.push(request.url()));
      // What the policy forbids is announced, and never sent.
      page.on('requestfailed', (request) => request.failure()?.errorText === 'csp' && requests.splice(requests.indexOf(request.url()), 1));
      await page.goto(url);
      return { page, complaints, requests };
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** By how many pixels the page is wider than its window. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
