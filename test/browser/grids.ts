import type { Page } from 'playwright-core';

/** The cell of a row and a column, by the names that they have in the headings. */
export async function cell(page: Page, row: string, column: string) {
  const at = (role: string, name: string) =>
    page
      .locator(`[role=${role}]`, { has: page.getByText(name, { exact: true }) })
      .getAttribute(role === 'rowheader' ? 'data-row' : 'data-column');
  return page.locator(`#at${await at('rowheader', row)}_${await at('columnheader', column)}`);
}

/** What a screen reader says of the cells that say something. */
export const labels = (page: Page) => page.locator('.cell[title]').evaluateAll((cells) => cells.map((c) => c.getAttribute('aria-label')));
