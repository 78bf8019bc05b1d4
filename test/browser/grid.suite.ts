import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { matrixHtml } from '../../src/render/grid/matrix.ts';
import { type Browser, overhang } from './browser.ts';
import { HOSTILE } from './frame.suite.ts';
import { cell, labels } from './grids.ts';
import { askedOf, connection, DENIED, FIVE, many, workload } from './matrices.ts';

const MEANINGS = { POLICY_DEFAULT_DENY: 'No rule lets it pass.', NO_ROUTE: 'There is no way.' };
const five = () => matrixHtml(FIVE, MEANINGS);

export function gridSuite(open: Browser['open']): void {
  test('each kind of cell has a sign and a word of its own', async () => {
    const { page, complaints, requests } = await open(five());
    const text = async (row: string, column: string) => (await cell(page, row, column)).textContent();
    expect(await text('web', 'api')).toBe('● 8080');
    expect(await text('web', 'db')).toBe('× policy default deny');
    expect(await text('web', 'internet')).toBe('→ 443');
    expect(await text('api', 'db')).toBe('◐ 5432');
    expect(await text('api', 'cache')).toBe('◐ 6379');
    expect(await text('db', 'cache')).toBe('? fact missing');
    expect(await text('nightly', 'db')).toBe('● 53/udp');
    expect(await text('nightly', 'nodes')).toBe('● icmp');
    expect(await text('db', 'api')).toBe('');
    expect([complaints, requests]).toEqual([[], []]);
  });

  test('a click shows why, and how to look at it hop by hop', async () => {
    const { page } = await open(five());
    await (await cell(page, 'web', 'db')).click();
    const panel = page.getByRole('complementary', { name: 'Reason' });
    expect(await panel.locator('h2').textContent()).toBe('Deployment shop/web → StatefulSet data/db');
    expect(await panel.textContent()).toContain('dropped POLICY_DEFAULT_DENYNo rule lets it pass.');
    expect(await panel.locator('.command').textContent()).toBe('k8s-trace shop/deployment/web data/statefulset/db:5432');
    await (await cell(page, 'api', 'cache')).click();
    expect(await panel.textContent()).toContain('delivered, for 50 % of the pairs');
    expect(await panel.textContent()).toContain('There is no way.');
    await page.keyboard.press('Escape');
    expect(await panel.isVisible()).toBe(false);
  });

  describe('the filter', () => {
    const filters: readonly (readonly [what: string, act: (page: Page) => Promise<unknown>, left: readonly RegExp[]])[] = [
      ['from', (page) => page.getByLabel('From').fill('api'), [/shop\/api to StatefulSet data\/db/, /shop\/api to Deployment data\/cache/]],
      [
        'to, a namespace and a kind',
        (page) => page.getByLabel('To', { exact: true }).fill('DATA/ stateful'),
        [/web to .*db/, /api to .*db/, /nightly to .*db/],
      ],
      ['port', (page) => page.getByLabel('Port').fill('8000-9000'), [/web to Deployment shop\/api/]],
      ['port and protocol', (page) => page.getByLabel('Port').fill('53/udp'), [/nightly to StatefulSet/]],
      ['protocol', (page) => page.getByLabel('Port').fill('icmp'), [/nightly to Node nodes/]],
      ['code', (page) => page.getByLabel('Outcome or code').selectOption('NO_ROUTE'), [/api to Deployment data\/cache/]],
      ['outcome', (page) => page.getByLabel('Outcome or code').selectOption('exits'), [/web to the internet/]],
      ['mark', (page) => page.getByRole('button', { name: 'unknown' }).click(), [/db to Deployment data\/cache/]],
    ];
    test('by each of its fields, and clears', async () => {
      const { page } = await open(five());
      for (const [what, act, left] of filters) {
        await act(page);
        expect(await labels(page), what).toEqual(left.map((one) => expect.stringMatching(one)));
        expect(await page.getByRole('status').textContent()).toBe(`${left.length} of 8 pairs`);
        await page.getByRole('button', { name: 'Clear' }).click();
        expect(await page.getByRole('status').textContent()).toBe('8 pairs');
      }
    });

    test('at one port a cell says what is so there; what fits nothing is said', async () => {
      const { page } = await open(five());
      await page.getByLabel('Port').fill('9187');
      expect(await (await cell(page, 'api', 'db')).textContent()).toBe('× policy default deny');
      await page.getByLabel('From').fill('nobody');
      expect(await page.getByText('Nothing fits the filter.').isVisible()).toBe(true);
    });
  });

  test('a namespace folds into one row and one column, and says how many of its pairs are reached', async () => {
    const { page } = await open(five());
    await page.locator('.row .section', { hasText: 'shop' }).click();
    await page.locator('.band', { hasText: 'data' }).click();
    // Of web and api to db and cache: api reaches db and cache in part, web's call of db is blocked.
    const folded = await cell(page, '▸ shop', '▸ data');
    expect(await folded.textContent()).toBe('2 of 3');
    await folded.click();
    const pair = page.getByRole('button', { name: '× Deployment shop/web → StatefulSet data/db' });
    await pair.click();
    expect(await page.locator('.command').textContent()).toContain('data/statefulset/db:5432');
  });

  test('the keyboard alone: arrows, Enter, Escape', async () => {
    const { page } = await open(five());
    const grid = page.getByRole('grid');
    await grid.focus();
    // Row 0 is the heading of the namespace.
    for (const key of ['ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    expect(await page.locator('.active').getAttribute('aria-label')).toContain(
      'Deployment shop/web to StatefulSet data/db: 5432/TCP dropped',
    );
    expect(await grid.getAttribute('aria-activedescendant')).toBe(await page.locator('.active').getAttribute('id'));
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.className')).toBe('reasons');
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.className')).toContain('grid');
    await page.keyboard.press('Control+End');
    expect(await page.locator('.active').getAttribute('aria-colindex')).toBe(await grid.getAttribute('aria-colcount'));
  });

  test('500 workloads: folded first, unfolded drawn as far as seen, headings stay, the filter finds one', async () => {
    const { page, complaints } = await open(matrixHtml(many(500), MEANINGS));
    expect(await page.locator('.row').count()).toBe(20);
    // In a namespace of 25, 5 reach all; within it all reach all.
    expect(await (await cell(page, '▸ ns-0', '▸ ns-1')).textContent()).toBe('125');
    expect(await (await cell(page, '▸ ns-0', '▸ ns-0')).textContent()).toBe('625');
    await page.getByRole('button', { name: 'Unfold all' }).click();
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('521');
    expect(await page.locator('.cell').count()).toBeLessThan(4000);
    await page.locator('.grid').evaluate((grid) => grid.scrollTo(6000, 8000));
    await expect.poll(() => page.locator('.cell').first().getAttribute('data-row')).not.toBe('0');
    const box = async (name: string) => (await page.locator(name).first().boundingBox()) ?? { x: -1, y: -1 };
    const grid = await box('.grid');
    expect((await box('.heads')).y - grid.y).toBeLessThan(3);
    expect((await page.locator('.row .head').first().boundingBox())?.x).toBeCloseTo(grid.x + 1, 0);
    await page.getByLabel('From').fill('app-499');
    await page.getByLabel('To', { exact: true }).fill('ns-3/ app-99');
    expect(await labels(page)).toEqual(['Deployment ns-19/app-499 to Deployment ns-3/app-99: 80/TCP dropped POLICY_DEFAULT_DENY']);
    expect(complaints).toEqual([]);
  });

  test.each([true, false])('hostile names are text, with scripts: %s', async (script) => {
    const groups = HOSTILE.map((name, i) => ({ ...workload(`Deployment/ns/w${i}`), namespace: name, name, members: [name] }));
    const [first = workload('a/b/c')] = groups;
    const document = {
      asked: askedOf(groups),
      groups,
      connections: groups.map((to) => connection(first, to, DENIED)),
      notAsked: [...HOSTILE],
    };
    const { page, complaints, requests } = await open(matrixHtml(document, { POLICY_DEFAULT_DENY: HOSTILE.join() }), { script });
    if (script) {
      await page.locator('.cell[title]').first().click();
      await page.locator('.heads .head').nth(1).click();
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.locator('.heads').textContent()).toContain('turned\\u202egnp.exe');
    }
    expect(await page.locator('img, svg').count()).toBe(0);
    expect([complaints, requests]).toEqual([[], []]);
  });

  test('without scripts it is a list by destination', async () => {
    const { page } = await open(five(), { script: false });
    expect(await page.locator('.list').isVisible()).toBe(true);
    const db = page.locator('h3', { hasText: 'to StatefulSet data/db' }).locator('+ ul > li');
    expect(await db.allTextContents()).toEqual([
      '● 5432/TCP delivered IPv4, assumed from shop: api',
      '● 53/UDP delivered IPv4 from batch: nightly',
      '× 5432/TCP dropped POLICY_DEFAULT_DENY IPv4 from shop: web',
      '× 9187/TCP dropped POLICY_DEFAULT_DENY IPv4 from shop: api',
    ]);
  });

  test.each([
    [360, 'light'],
    [768, 'dark'],
    [1440, 'light'],
  ] as const)('nothing is wider than a window of %d pixels, %s', async (width, scheme) => {
    for (const script of [true, false]) {
      const { page } = await open(five(), { width, scheme, script });
      expect(await overhang(page)).toBeLessThanOrEqual(0);
      if (!script) continue;
      await (await cell(page, 'web', 'api')).click();
      expect(await page.locator('.reasons').isVisible()).toBe(true);
      expect(await overhang(page)).toBeLessThanOrEqual(0);
      await page.getByLabel('details in cells').click();
      expect(await overhang(page)).toBeLessThanOrEqual(0);
    }
  });

  test('on paper: the whole grid, and the list', async () => {
    const { page } = await open(matrixHtml(many(40), MEANINGS));
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.cell').count()).toBe(1600);
    expect(await page.locator('.list').isVisible()).toBe(true);
    expect(await page.locator('.tools').isVisible()).toBe(false);
  });
}
