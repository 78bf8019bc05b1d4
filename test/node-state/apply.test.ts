import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Network, type Request, render } from '../../src/index.ts';
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
import { calico, calicoIpip, calicoIpv4, calicoTunnels, canal, kindnet } from '../kernel/routed.ts';
import type { Row } from '../kernel/rows.ts';
import { services } from '../kernel/services.ts';
import { askIn, networkOf } from '../tracing.ts';
import { allAsFound } from './as-found.ts';

/** What is compiled of a node, given back as found on it, changes nothing. */

const ROWS: readonly Row[] = [
  ...[containers, crossings, aws, fabric, errors, links, odd, sizes, firewalls, flannel, internet, ipv6, localTable, localTable6, nics],
  ...[policies, calico, calicoIpip, calicoIpv4, calicoTunnels, canal, kindnet, services],
].flat();

const minimal = (network: Network, source: string, destination: string, more: Partial<Request> = {}): string =>
  render('minimal', askIn(network, source, destination, more), { color: false, width: 200, allPaths: true, reply: true, verbose: true });

const FIXTURES = [...new Set(ROWS.map((row) => row.fixture))].map(
  (fixture) => [fixture, ROWS.filter((row) => row.fixture === fixture)] as const,
);

describe.each(FIXTURES)('%s', (fixture, rows) => {
  const network = networkOf(readFileSync(new URL(`../../fixtures/${fixture}`, import.meta.url)), fixture);
  const found = allAsFound(network);
  it.each(rows)('$name', ({ ask: [source, destination], more }) => {
    expect(minimal(found, source, destination, more)).toBe(minimal(network, source, destination, more));
  });
});
