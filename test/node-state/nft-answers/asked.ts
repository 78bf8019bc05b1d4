import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Network, type PathDocument, traceRequest } from '../../../src/index.ts';
import { machine } from '../machine.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/node-state');

/** What was asked of the kernel: a packet of a name, from an address, to one, that comes in by a device (null: it is sent there). */
export type Row = readonly [name: string, source: string, destination: string, enters: string | null, ways: string, rule?: string];

/** A machine of fixtures/node-state is asked all of them. */
export function ask(fixture: string, rows: readonly Row[]): void {
  const network = machine(fixture);
  test.each(rows.map((row) => ({ row, title: `${row[0]}: ${row[1]} > ${row[2]}` })))(
    '$title',
    ({ row: [, source, destination, enters, ways, rule = null] }) => {
      expect(asked(network, source, destination, enters)).toEqual([ways, rule]);
    },
  );
}

/**
 * Where the packet comes out of the machine, and as what, or what becomes of it there: each way once. And of one that does not get
 * through, the code and the line of the state that it is told to have ended at. Its answer is not looked at: the kernel sent none.
 */
export function asked(
  network: Network,
  source: string,
  destination: string,
  enters: string | null,
): readonly [ways: string, rule: string | null] {
  const found = traceRequest(network, { source, destination, ...(enters === null ? {} : { in: `node/${enters}` }) });
  if (!found.ok) throw new Error(found.message);
  const { paths } = found.trace;
  const ways = [...new Set(paths.map(wayOf))].toSorted().join(' | ');
  return [ways, paths.map(endedAt).find((line) => line !== null) ?? null];
}

function wayOf({ outcome: whole, forward }: PathDocument): string {
  const outcome = forward?.outcome ?? whole;
  if (outcome !== 'delivered' && outcome !== 'exits') return outcome;
  const out = forward?.hops.findLast((h) => h.kind === 'interface' && h.direction === 'out' && h.netns === 'node');
  if (out === undefined) return 'here';
  const { source, destination, destinationPort } = out.packet;
  return `${out.kind === 'interface' ? out.device : ''}: ${source} > ${destination}${destinationPort === null ? '' : `:${destinationPort}`}`;
}

function endedAt({ forward, reason }: PathDocument): string | null {
  if (reason === null || reason.walk !== 'forward' || forward?.outcome === 'delivered' || forward?.outcome === 'exits') return null;
  const { file, line } = reason.source ?? {};
  if (file === undefined || line === undefined || !file.includes('/')) return null;
  return `${reason.code} ${readFileSync(join(FIXTURES, file), 'utf8').split('\n')[line - 1]?.trim()}`;
}
