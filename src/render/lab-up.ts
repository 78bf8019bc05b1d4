import type { UpView } from '../document/lab-schema.ts';
import { paint } from './paint.ts';
import { plainTable } from './plain-table.ts';
import { safe } from './text.ts';

/** The places of a lab, and how to get in and out. */
export function upText(view: UpView, { color, width }: { readonly color: boolean; readonly width: number }): string {
  const p = paint(color);
  const head = ['PLACE', 'NAMESPACE', 'ADDRESSES', 'LISTENS ON'];
  const table = plainTable(
    head.map((h) => p.faint(h)),
    head,
    view.namespaces.map((n) => [n.place, n.file, n.addresses.join(' '), n.listens.join(' ')]),
    width,
  );
  const count = `${view.namespaces.length} network namespaces`;
  // Lines to be copied are not wrapped.
  const line = (title: string, command: string) => `${p.strong(title.padEnd(7))} ${safe(command)}`;
  return `${[
    `${p.strong(`The lab "${safe(view.name)}" is up`)} on Linux ${safe(view.kernel)}: ${count}, held by process ${view.pid}.`,
    '',
    table,
    '',
    "Each port answers HTTP with its namespace's name, and anything else that is sent to it with one byte.",
    '',
    line('Enter', view.enter.exec),
    line('or', view.enter.raw),
    line('End it', view.enter.down),
  ].join('\n')}\n`;
}
