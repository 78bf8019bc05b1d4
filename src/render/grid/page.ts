/// <reference path="../page-script.d.ts" />
import type { GridData } from '../../page/grid/data.ts';
import script from '../../page/grid/main.ts?script';
import { markup } from '../markup.ts';
import { page } from '../page.ts';
import { list } from './list.ts';
import { GRID_STYLE } from './style.ts';

/** A page with a grid: with a script to look around in, without one to read. `lead`: one line that says what is in it. */
export const gridPage = (data: GridData, title: string, lead: string, notes: readonly string[]): string =>
  page({
    title,
    style: GRID_STYLE,
    script,
    data,
    body: markup`<main>
<h1>${title}</h1>
<p class="lead">${lead}</p>
${notes.map((note) => markup`<p class="faint">${note}</p>\n`)}<div id="grid"></div>
${list(data)}</main>`,
  });
