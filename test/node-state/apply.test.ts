import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NOTHING_FOUND } from '../../src/datapath/found-state.ts';
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
import { asBefore, underOtherNames } from './under-other-names.ts';

/** What is compiled of a node, given back as found on it, changes nothing. */

const ROWS: readonly Row[] = [
  ...[containers, crossings, aws, fabric, errors, links, odd, sizes, firewalls, flannel, internet, ipv6, localTable, localTable6, nics],
  ...[policies, calico, calicoIpip, calicoIpv4, calicoTunnels, canal, kindnet, services],
].flat();

const minimal = (network: Network, source: string, destination: string, more: Partial<Request> = {}): string =>
  render('minimal', askIn(network, source, destination, more), { color: false, width: 200, allPaths: true, reply: true, verbose: true });

/** Of each fixture the first; with STATE_ROWS=all, all. */
const MOST = process.env['STATE_ROWS'] === 'all' ? Number.POSITIVE_INFINITY : 1;

const FIXTURES = [...new Set(ROWS.map((row) => row.fixture))].map(
  (fixture) => [fixture, ROWS.filter((row) => row.fixture === fixture).slice(0, MOST)] as const,
);

describe.each(FIXTURES)('%s', (fixture, rows) => {
  const network = networkOf(readFileSync(new URL(`../../fixtures/${fixture}`, import.meta.url)), fixture);
  const found = allAsFound(network);
  const renamed = allAsFound(network, underOtherNames);
  const routesOnly = allAsFound(network, (state) => {
    const { iptables, routes, areAllTables, rules, neighbours, sysctls } = underOtherNames(state);
    return { ...NOTHING_FOUND, iptables, routes, areAllTables, rules, neighbours, sysctls };
  });
  it.each(rows)('$name', ({ ask: [source, destination], more }) => {
    const expected = minimal(network, source, destination, more);
    expect(minimal(found, source, destination, more)).toBe(expected);
    expect(asBefore(minimal(renamed, source, destination, more)), 'by other names').toBe(expected);
    expect(asBefore(minimal(routesOnly, source, destination, more)), 'of which only routes tell the names').toBe(expected);
  });
});
