import { describe, expect, test } from 'vitest';
import { type Fib, type FlowKey, lookUp, MAIN_TABLE, type RoutingRule } from '../../src/datapath/fib.ts';
import type { Route } from '../../src/datapath/route.ts';
import { ip } from '../../src/net/address.ts';
import { cidr } from '../../src/net/prefix.ts';
import { PrefixTable } from '../../src/net/prefix-table.ts';
import { inferred } from '../../src/source/origin.ts';

/** Which packets a routing rule selects: fib_rule_match, net/core/fib_rules.c. */

const origin = inferred(null);
const OWN_TABLE = 50;

function table(id: number): readonly [number, Fib] {
  const routes = new PrefixTable<Route>();
  const prefix = cidr('0.0.0.0/0');
  routes.add(prefix, { prefix, type: 'blackhole', metric: 0, nextHops: [], source: null, origin });
  return [id, { id, routes, shared: null, hides: () => false, removed: [] }];
}

type Selector = Partial<Omit<RoutingRule, 'priority' | 'origin'>>;
const ALL = { from: null, to: null, iif: null, mark: null };
/** From port 40000. */
const HTTPS = { protocol: 6, sourcePort: 40000, destinationPort: 443 };
const tables = new Map([table(OWN_TABLE), table(MAIN_TABLE)]);

/** The table that decides when a rule with this selector comes before the one of the main table. */
function deciding(selector: Selector, flow: Partial<FlowKey>): number | null {
  const rules: readonly RoutingRule[] = [
    { ...ALL, priority: 100, table: OWN_TABLE, origin, ...selector },
    { ...ALL, priority: 32766, table: MAIN_TABLE, origin },
  ];
  const key = { destination: ip('10.2.0.1'), source: ip('10.1.0.1'), iif: 'cni0', mark: 0, ...flow };
  const found = lookUp({ rules, tables, devices: new Map() }, key);
  return found.route === null ? null : found.table;
}

describe('a rule selects', () => {
  test.each<readonly [string, Selector, Partial<FlowKey>, boolean]>([
    ['all, without a selector', {}, {}, true],
    ['what came in by its device', { iif: 'cni0' }, {}, true],
    ['not what came in by another', { iif: 'cni0' }, { iif: 'eth0' }, false],
    ['not what the machine sends itself, by the device of others', { iif: 'cni0' }, { iif: null }, false],
    ['what the machine sends itself, as iif lo', { iif: 'lo' }, { iif: null }, true],
    ['not what came in, as iif lo', { iif: 'lo' }, { iif: 'eth0' }, false],
    ['a source', { from: cidr('10.1.0.0/16') }, {}, true],
    ['not another source', { from: cidr('10.9.0.0/16') }, {}, false],
    ['not a packet whose source is still to be chosen, by a source', { from: cidr('0.0.0.0/0') }, { source: null }, false],
    ['a destination', { to: cidr('10.2.0.0/16') }, {}, true],
    ['not another destination', { to: cidr('10.9.0.0/16') }, {}, false],
    ['a mark, as far as the mask goes', { mark: { value: 0x10, mask: 0xf0 } }, { mark: 0x31f & ~0x20f }, true],
    ['a mark with other bits beyond the mask', { mark: { value: 0x10, mask: 0xf0 } }, { mark: 0xf1f }, true],
    ['not another mark', { mark: { value: 0x10, mask: 0xf0 } }, { mark: 0x20 }, false],
    ['what a sender bound to the device sends', { oif: 'eth0' }, { iif: null, oif: 'eth0' }, true],
    ['not what is bound to no device, by one', { oif: 'eth0' }, { iif: null }, false],
    ['a protocol', { protocol: 6 }, { transport: HTTPS }, true],
    ['not another protocol', { protocol: 17 }, { transport: HTTPS }, false],
    ['not a packet of which no protocol is said, by one', { protocol: 6 }, {}, false],
    ['a port, of whichever protocol', { destinationPorts: [443, 443] }, { transport: HTTPS }, true],
    ['ports from the first', { sourcePorts: [40000, 40010] }, { transport: HTTPS }, true],
    ['ports to the last', { sourcePorts: [39990, 40000] }, { transport: HTTPS }, true],
    ['not a port beyond the last', { sourcePorts: [39990, 39999] }, { transport: HTTPS }, false],
    ['not what it asks for, after not', { inverted: true, from: cidr('10.1.0.0/16') }, {}, false],
    ['all else, after not', { inverted: true, from: cidr('10.9.0.0/16') }, {}, true],
    ['what one of its selectors keeps out, after not', { inverted: true, from: cidr('10.1.0.0/16'), iif: 'eth0' }, {}, true],
    ['nothing, after not all', { inverted: true }, {}, false],
    ['packets of its family', { family: 'IPv4' }, {}, true],
    ['not those of the other', { family: 'IPv6' }, {}, false],
    ['not what another selector keeps out, whatever it is that is not modelled', { iif: 'eth0', unmodelled: 'tos 0x10' }, {}, false],
    ['only what fits all of it', { from: cidr('10.1.0.0/16'), iif: 'cni0' }, { iif: null }, false],
  ])('%s', (_, selector, flow, selected) => {
    expect(deciding(selector, flow)).toBe(selected ? OWN_TABLE : MAIN_TABLE);
  });
});

const other = table(60)[1];
const [route] = other.routes.values();
const own: RoutingRule = { ...ALL, priority: 100, table: 60, origin };
const main: RoutingRule = { ...ALL, priority: 32766, table: MAIN_TABLE, origin };
const key: FlowKey = { destination: ip('10.2.0.1'), source: ip('10.1.0.1'), iif: 'cni0', mark: 0 };
const ask = (rules: readonly RoutingRule[], flow: Partial<FlowKey> = {}) =>
  lookUp({ rules, tables: new Map([...tables, [60, other]]), devices: new Map() }, { ...key, ...flow });

describe('a rule that selects the packet', () => {
  test.each(['blackhole', 'unreachable', 'prohibit'] as const)('may refuse it: %s', (kind) => {
    const { route: found } = ask([{ ...own, action: { kind } }, main]);
    expect(found?.type).toBe(kind);
  });

  test('may do nothing', () => {
    expect(ask([{ ...own, action: { kind: 'nop' } }, main])).toMatchObject({ table: MAIN_TABLE });
  });

  test('may go to another one, past those between', () => {
    const goto: RoutingRule = { ...own, priority: 90, action: { kind: 'goto', priority: 32766 } };
    expect(ask([goto, own, main])).toMatchObject({ table: MAIN_TABLE });
  });

  test('goes on where there is none of that priority', () => {
    const goto: RoutingRule = { ...own, priority: 90, action: { kind: 'goto', priority: 200 } };
    expect(ask([goto, own, main])).toMatchObject({ table: 60 });
  });

  test.each([
    [0, MAIN_TABLE],
    [32, MAIN_TABLE],
    [-1, 60],
  ])('passes over routes of so many bits or fewer: %i', (suppressPrefixLength, expected) => {
    const unicast: Route = { prefix: cidr('0.0.0.0/0'), type: 'unicast', metric: 0, nextHops: [], source: null, origin };
    const routes = new PrefixTable<Route>();
    routes.add(unicast.prefix, unicast);
    const found = lookUp(
      { rules: [{ ...own, suppressPrefixLength }, main], tables: new Map([...tables, [60, { ...other, routes }]]), devices: new Map() },
      key,
    );
    expect(found).toMatchObject({ table: expected });
  });

  test('does not pass over a route that refuses', () => {
    expect(ask([{ ...own, suppressPrefixLength: 0 }, main])).toMatchObject({ table: 60 });
  });

  test('may do what is not modelled: nobody knows the way', () => {
    const rule: RoutingRule = { ...own, action: { kind: 'unmodelled', text: 'lookup [l3mdev-table]' } };
    expect(ask([rule, main])).toMatchObject({ route: null, undecided: { kind: 'action', rule } });
  });
});

describe('a rule of which nobody knows whether it selects the packet', () => {
  const open: RoutingRule = { ...own, unmodelled: 'uidrange 1000-2000' };

  test('leaves the way open', () => {
    expect(ask([open, main])).toMatchObject({ route: null, undecided: { kind: 'selector', rule: open } });
  });

  test('does not matter where the packet goes one way', () => {
    expect(ask([open, { ...main, table: 60 }]).route).toBe(route);
  });

  test('does not matter where its table has no route', () => {
    expect(ask([{ ...open, table: 70 }, main])).toMatchObject({ table: MAIN_TABLE });
  });

  test.each([
    [true, 60],
    [false, MAIN_TABLE],
  ])('is taken to select it, or not: %s', (taken, expected) => {
    expect(ask([open, main], { supposed: () => taken })).toMatchObject({ table: expected });
  });

  test('leaves it open where it goes elsewhere', () => {
    expect(ask([{ ...open, action: { kind: 'goto', priority: 32766 } }, own, main])).toMatchObject({ undecided: { kind: 'selector' } });
  });
});

test('a route with something that is not modelled leaves the way open', () => {
  const odd: Route = {
    prefix: cidr('10.2.0.0/16'),
    type: 'unicast',
    metric: 0,
    nextHops: [],
    source: null,
    origin,
    unmodelled: 'encap mpls 100',
  };
  const routes = new PrefixTable<Route>();
  routes.add(odd.prefix, odd);
  const found = lookUp({ rules: [own, main], tables: new Map([...tables, [60, { ...other, routes }]]), devices: new Map() }, key);
  expect(found).toMatchObject({ route: null, undecided: { kind: 'route', route: odd } });
});

/** `ip route get fd02::2 iif …` of Linux 6.18, with `fd02::2 dev va` and, appended, `fd02::2 via fd01::9 dev vb`. */
test.each([
  ['by the device of neither: the first', 'vc', 'va'],
  ['by the device of the first', 'va', 'va'],
  ['by the device of the second, which is nearer', 'vb', 'vb'],
  ['from the machine itself: the first', null, 'va'],
] as const)('of IPv6 routes that are alike, %s', (_name, iif, device) => {
  const prefix = cidr('fd02::2/128');
  const routes = new PrefixTable<Route>();
  for (const [via, by] of [[null, 'va'] as const, [ip('fd01::9'), 'vb'] as const])
    routes.add(prefix, {
      prefix,
      type: 'unicast',
      metric: 1024,
      nextHops: [{ via, device: by, onlink: false, weight: 1 }],
      source: null,
      origin,
    });
  const fib = { id: MAIN_TABLE, routes, shared: null, hides: () => false, removed: [] };
  const rules = [{ ...ALL, priority: 32766, table: MAIN_TABLE, origin }];
  const devices = new Map(['va', 'vb', 'vc'].map((name) => [name, { down: null }]));
  const found = lookUp(
    { rules, tables: new Map([[MAIN_TABLE, fib]]), devices },
    { destination: ip('fd02::2'), source: ip('fd05::2'), iif, mark: 0 },
  );
  expect(found.route === null ? null : found.nextHops[0]?.device).toBe(device);
});
