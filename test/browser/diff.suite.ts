import { expect, test } from 'vitest';
import { diffHtml } from '../../src/render/grid/diff.ts';
import { type Browser, overhang } from './browser.ts';
import { CHANGES, SAME } from './diffs.ts';
import { cell, labels } from './grids.ts';

const page = () => diffHtml(CHANGES, { POLICY_DEFAULT_DENY: 'No rule lets it pass.' });

export function diffSuite(open: Browser['open']): void {
  test('what is gained, lost and changed has a sign each; a click names what made it so', async () => {
    const { page: shown, complaints, requests } = await open(page());
    const text = async (row: string, column: string) => (await cell(shown, row, column)).textContent();
    expect(await text('api', 'db')).toBe('+ 5432');
    expect(await text('new', '203.0.113.0/24')).toBe('− 443');
    expect(await text('nodes', 'db')).toBe('~ 5432');
    expect(await text('web', 'db')).toBe('± 5432, 9187');
    expect(await shown.locator('main > p').allTextContents()).toEqual([
      '5 changes of connections: 2 gained, 2 lost, 1 changed',
      'New: Deployment/shop/new',
      'Without effect on any connection: Service/shop/web added',
      '3 connections end as before, and were not followed to see whether they go the same way.',
    ]);
    await (await cell(shown, 'api', 'db')).click();
    const panel = shown.getByRole('complementary', { name: 'Reason' });
    expect(await panel.locator('.fact > p').first().textContent()).toBe('now delivered; before dropped (POLICY_DEFAULT_DENY)');
    expect(await panel.locator('.cause').textContent()).toBe(
      'because of NetworkPolicy/data/db: changed− before, db.yaml:14- podSelector: {}+ after, db.yaml:14- namespaceSelector: {}',
    );
    expect([complaints, requests]).toEqual([[], []]);
  });

  test('the filter knows kinds of changes, codes and causes', async () => {
    const { page: shown } = await open(page());
    await shown.getByRole('button', { name: 'lost' }).click();
    expect(await labels(shown)).toEqual([expect.stringMatching(/shop\/new to 203/)]);
    await shown.getByRole('button', { name: 'Clear' }).click();
    await shown.getByLabel('Code or cause').selectOption('NetworkPolicy/data/db');
    expect(await labels(shown)).toEqual([expect.stringMatching(/shop\/api to/), expect.stringMatching(/shop\/web to/)]);
  });

  test('nothing changes', async () => {
    const { page: shown, complaints } = await open(diffHtml(SAME, {}), { width: 360, scheme: 'dark' });
    expect(await shown.locator('main').textContent()).toContain('No connection changes.');
    expect(await overhang(shown)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  test('without scripts: a list, with the places of what made it so', async () => {
    const { page: shown } = await open(page(), { script: false, width: 360 });
    const db = shown.locator('h3', { hasText: 'to StatefulSet data/db' }).locator('+ ul > li');
    expect(await db.allTextContents()).toEqual([
      '+ 5432/TCP now delivered; before dropped (POLICY_DEFAULT_DENY)  from shop: api, webbecause of NetworkPolicy/data/db: changed, was db.yaml:14, is db.yaml:14',
      '− 9187/TCP now dropped (POLICY_DEFAULT_DENY); before delivered  from shop: webbecause of NetworkPolicy/shop/deny: added, is deny.yaml:1',
      '~ 5432/TCP received by Pod/data/db-1:5432; before by Pod/data/db-0:5432  from Nodes: nodes',
    ]);
    expect(await overhang(shown)).toBeLessThanOrEqual(0);
  });
}
