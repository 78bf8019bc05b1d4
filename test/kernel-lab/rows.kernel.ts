import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadNetwork, type Network, prepareTrace } from '../../src/index.ts';
import { type Claim, type Verdict, verify } from '../../src/lab/verify.ts';
import { containers } from '../kernel/containers.ts';
import { crossings } from '../kernel/crossings.ts';
import { aws, fabric } from '../kernel/fabric.ts';
import { errors, links, odd, sizes } from '../kernel/faults.ts';
import { firewalls } from '../kernel/firewall.ts';
import { flannel } from '../kernel/flannel.ts';
import { internet } from '../kernel/internet.ts';
import { ipv6 } from '../kernel/ipv6.ts';
import { localTable, localTable6 } from '../kernel/local-table.ts';
import { nics } from '../kernel/nics.ts';
import { policies } from '../kernel/policies.ts';
import { calico, calicoIpv4, calicoTunnels, canal, kindnet } from '../kernel/routed.ts';
import type { Row } from '../kernel/rows.ts';
import { services } from '../kernel/services.ts';
import { inIpv6, topologyInIpv6 } from './ipv6.ts';
import { machine, whyNot } from './machine.ts';
import { claimOf, explain } from './run.ts';

/** The rows of test/kernel were written down from captures once; here each of them is asked of this kernel again, a lab a fixture. */
const IPV4 = [
  ...crossings,
  ...containers,
  ...links,
  ...errors,
  ...odd,
  ...sizes,
  ...firewalls,
  ...internet,
  ...services,
  ...kindnet,
  ...calico,
  ...calicoTunnels,
  ...canal,
  ...nics,
  ...fabric,
  ...flannel,
  ...policies,
];
/** `lo` of pod-b is down: IPv6 then sends to ::1 by its eth0, with a link-local source, which the model has none of. */
const NOT_IN_IPV6 = ['app@pod-b'];

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const skipped = whyNot === null ? '' : ` (skipped: ${whyNot})`;

describe.skipIf(whyNot !== null)(`captured rows, asked again${skipped}`, () => {
  it.concurrent.each(byFixture([...IPV4, ...aws, ...calicoIpv4, ...localTable, ...ipv6, ...localTable6]))('%s', async (fixture, rows) => {
    await agree(fixture, textOf(fixture), rows);
  });
});

describe.skipIf(whyNot !== null)(`the same rows with IPv6 addresses${skipped}`, () => {
  it.concurrent.each(byFixture(IPV4.filter((row) => !NOT_IN_IPV6.includes(row.ask[0]))))('%s', async (fixture, rows) => {
    const asked = rows.map((row): Row => ({ ...row, ask: [row.ask[0], inIpv6(row.ask[1])] }));
    await agree(fixture, topologyInIpv6(textOf(fixture)), asked);
  });
});

/** Model and kernel are compared: the captured crossings are those of iptables mode. */
describe.skipIf(whyNot !== null)(`the rows of services with kube-proxy in nftables mode${skipped}`, () => {
  const rows = [...crossings, ...odd, ...services].filter(({ fixture }) => fixture.startsWith('kernel/') || fixture === 'four-pods.yaml');

  it.concurrent.each(byFixture(rows))('%s', async (fixture, asked) => {
    await agree(fixture, textOf(fixture), asked, 'nftables');
  });

  it.concurrent.each(byFixture(services))('%s, with IPv6 addresses', async (fixture, asked) => {
    const inOther = asked.map((row): Row => ({ ...row, ask: [row.ask[0], inIpv6(row.ask[1])] }));
    await agree(fixture, topologyInIpv6(textOf(fixture)), inOther, 'nftables');
  });
});

const textOf = (fixture: string) => readFileSync(join(FIXTURES, fixture), 'utf8');

function byFixture(rows: readonly Row[]): readonly [string, Row[]][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.fixture, [...(groups.get(row.fixture) ?? []), row]);
  return [...groups];
}

async function agree(fixture: string, text: string, rows: readonly Row[], kubeProxyMode?: string): Promise<void> {
  const flags = kubeProxyMode === undefined ? {} : { kubeProxyMode };
  const loaded = loadNetwork([{ name: fixture, bytes: new TextEncoder().encode(text) }], { flags });
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  const verdicts = await verify(
    machine,
    loaded.value,
    rows.flatMap((row) => claims(loaded.value, row)),
  );
  expect(verdicts.filter((v: Verdict) => !v.comparison.agrees).map(explain)).toEqual([]);
  expect(verdicts.length).toBeGreaterThanOrEqual(rows.length);
}

/** One of each connection: a row that names things of both IP families is sent in both. */
function claims(network: Network, { ask, more }: Row): readonly Claim[] {
  const answer = prepareTrace(network, { source: ask[0], destination: ask[1], ...more });
  if (!answer.ok) throw new Error(answer.message);
  return answer.traces.map(claimOf);
}
