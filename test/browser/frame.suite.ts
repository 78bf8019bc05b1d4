import { expect, test } from 'vitest';
import { markup } from '../../src/render/markup.ts';
import { page, tabs } from '../../src/render/page.ts';
import { type Browser, overhang } from './browser.ts';

/** Names that break out of what is not escaped: of tags, attributes, scripts, JSON, and of a line of text. */
export const HOSTILE = [
  '</script><script>window.hacked = 1</script>',
  '"><img src=x onerror="window.hacked = 1">',
  "'><svg onload=window.hacked=1>",
  '<!--<script>',
  ']]>&lt;b&gt;&amp;',
  'turned\u202egnp.exe\u2066',
  'line\nbreak\u2028and\u0000nul\u001b[31m',
  'half \ud800 letter, 名前, 🙂',
];

const twoTabs = tabs(
  't',
  'Paths',
  ['one', 'two'].map((word) => ({ label: markup`Tab ${word}`, panel: markup`<p>Panel ${word}</p>` })),
);

const hostilePage = () =>
  page({
    title: HOSTILE.join(' '),
    style: '',
    script: 'document.body.classList.add("ran")',
    body: markup`<main><h1>Names</h1>${HOSTILE.map((name) => markup`<p class="name" title="${name}">${name}</p>`)}${twoTabs}</main>`,
    data: { names: HOSTILE },
  });

export function frameSuite(open: Browser['open']): void {
  test('hostile names are text: nothing of theirs runs, is loaded or complained about', async () => {
    const { page, complaints, requests } = await open(hostilePage());
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img, svg, body script:not([id])').count()).toBe(1);
    const shown = await page.locator('.name').allTextContents();
    expect(shown).toEqual([
      ...HOSTILE.slice(0, 5),
      'turned\\u202egnp.exe\\u2066',
      'line\\u000abreak\\u2028and\\u0000nul\\u001b[31m',
      'half \ufffd letter, 名前, 🙂',
    ]);
    expect(await page.evaluate('[...document.querySelectorAll(".name")].map((x) => x.title)')).toEqual(shown);
    expect([complaints, requests]).toEqual([[], []]);
  });

  test('the embedded data is what went in', async () => {
    const { page } = await open(hostilePage());
    const text = await page.locator('#data').textContent();
    expect(JSON.parse(text ?? '')).toEqual({ names: HOSTILE });
  });

  test('its own script runs; one that was injected does not, nor a style or a request', async () => {
    const { page, complaints, requests } = await open(hostilePage());
    expect(await page.locator('body.ran').count()).toBe(1);
    await page.evaluate(`
      document.body.insertAdjacentHTML('beforeend', '<img src="https://example.invalid/x.png" onerror="window.hacked = 1"><b id="b" style="color:red">b</b>');
      const script = document.createElement('script');
      script.textContent = 'window.hacked = 1';
      document.body.append(script);
      setTimeout('window.hacked = 1');
    `);
    await expect.poll(() => complaints.length).toBeGreaterThanOrEqual(4);
    expect(complaints.every((c) => /Content Security Policy/.test(c))).toBe(true);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(requests).toEqual([]);
  });

  test.each([true, false])('tabs, with scripts: %s', async (script) => {
    const { page } = await open(hostilePage(), { script });
    expect(await page.locator('.panel').nth(0).isVisible()).toBe(true);
    expect(await page.locator('.panel').nth(1).isVisible()).toBe(false);
    await page.getByText('Tab two').click();
    expect(await page.locator('.panel').nth(0).isVisible()).toBe(false);
    expect(await page.locator('.panel').nth(1).isVisible()).toBe(true);
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('.panel').nth(0).isVisible()).toBe(true);
  });

  test.each([360, 768, 1440])('nothing is wider than a window of %d pixels', async (width) => {
    const { page } = await open(hostilePage(), { width });
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });
}
