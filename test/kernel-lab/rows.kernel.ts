import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadNetwork, type Network, prepareTrace } from '../../src/index.ts';
import { type Claim, type Verdict, verify } from '../../src/lab/verify.ts';
import { containers } from '../kernel/containers.ts';
import { crossings } from '../kernel/crossings.ts';
import { errors, links, odd, sizes } from '../kernel/faults.ts';
import { firewalls } from '../kernel/firewall.ts';
import { internet } from '../kernel/internet.ts';
import { ipv6 } from '../kernel/ipv6.ts';
import type { Row } from '../kernel/rows.ts';
import { services } from '../kernel/services.ts';
import { machine, whyNot } from './machine.ts';
import { claimOf, explain } from './run.ts';

/** The rows of test/kernel were written down from captures once; here each of them is asked of this kernel again, a lab a fixture. */
const ROWS = [...crossings, ...containers, ...links, ...errors, ...odd, ...sizes, ...firewalls, ...internet, ...ipv6, ...services];
const byFixture = new Map<string, Row[]>();
for (const row of ROWS) byFixture.set(row.fixture, [...(byFixture.get(row.fixture) ?? []), row]);

const FIXTURES = join(import.meta.dirname, '../../fixtures');

describe.skipIf(whyNot !== null)(`captured rows, asked again${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it.concurrent.each([...byFixture])('%s', async (fixture, rows) => {
    const loaded = loadNetwork([{ name: fixture, bytes: readFileSync(join(FIXTURES, fixture)) }]);
    if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
    const verdicts = await verify(
      machine,
      loaded.value,
      rows.map((row) => claim(loaded.value, row)),
    );
    expect(verdicts.filter((v: Verdict) => !v.comparison.agrees).map(explain)).toEqual([]);
    expect(verdicts.length).toBeGreaterThanOrEqual(rows.length);
  });
});

function claim(network: Network, { ask, more }: Row): Claim {
  const answer = prepareTrace(network, { source: ask[0], destination: ask[1], ...more });
  if (!answer.ok) throw new Error(answer.message);
  return claimOf(answer.trace);
}
