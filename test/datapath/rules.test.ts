import { describe, expect, test } from 'vitest';
import { type Fib, type FlowKey, lookUp, MAIN_TABLE, type Route, type RoutingRule } from '../../src/datapath/fib.ts';
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

type Selector = Partial<Pick<RoutingRule, 'from' | 'to' | 'iif' | 'mark'>>;
const ALL = { from: null, to: null, iif: null, mark: null };
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
    ['only what fits all of it', { from: cidr('10.1.0.0/16'), iif: 'cni0' }, { iif: null }, false],
  ])('%s', (_, selector, flow, selected) => {
    expect(deciding(selector, flow)).toBe(selected ? OWN_TABLE : MAIN_TABLE);
  });
});
