import { expect, test } from 'vitest';
import { addAddress } from '../../src/datapath/add-address.ts';
import { addBridge, finish, newNetns } from '../../src/datapath/build.ts';
import { addRoute, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import { formatAddress, ip } from '../../src/net/address.ts';
import { DEFAULT_PREFIX, prefixOf } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { sourceTowards } from '../../src/stage/routing.ts';

const origin = inferred(null);

/** Addresses in the order in which they were added; the default route leaves by e0. */
function machine() {
  const builder = newNetns({ name: 'm', node: 'm', role: 'node' }, origin, [], ['IPv6']);
  const [e0, e2] = [addBridge(builder, 'e0', 1500, origin), addBridge(builder, 'e2', 1500, origin)];
  for (const a of ['fd00:1::1', '2001:db8:1::1', 'fd00:1::2'].map(ip)) addAddress(builder, e0, a, prefixOf(a, 64), origin);
  addAddress(builder, e2, ip('fd00:2::1'), prefixOf(ip('fd00:2::1'), 64), origin);
  addRoute(builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX.IPv6, ip('fd00:1::9'), 'e0', origin));
  return finish(builder, null);
}

/** What `ip -6 route get` said (Linux 6.18) on a machine with these devices, addresses and routes. */
test.each([
  ['fd00:1::99', 'fd00:1::2', 'on the link: of equals the newest'],
  ['fd00:9::1', 'fd00:1::2', 'a unique local one for a unique local one'],
  ['2001:db8:9::1', '2001:db8:1::1', 'a global one for a global one, though it is not the newest'],
  ['fd00:2::7', 'fd00:2::1', 'of the device that it leaves by'],
  ['2001:db8:1::1', '2001:db8:1::1', 'the destination itself'],
])('to %s from %s: %s', (destination, source) => {
  const found = sourceTowards(machine(), ip(destination));
  expect(found === null ? null : formatAddress(found)).toBe(source);
});

/** The same, for 6to4 (2002::/16): its label counts for more than the bits in common, of which a /3 has three at most. */
test('of the label of the destination, however few bits they share', () => {
  const builder = newNetns({ name: 'm', node: 'm', role: 'node' }, origin, [], ['IPv6']);
  const e0 = addBridge(builder, 'e0', 1500, origin);
  addAddress(builder, e0, ip('2002:a::1'), prefixOf(ip('2002:a::1'), 3), origin);
  addAddress(builder, e0, ip('2001:db8::1'), prefixOf(ip('2001:db8::1'), 64), origin);
  expect(formatAddress(sourceTowards(finish(builder, null), ip('2002:db8::1')) ?? ip('::'))).toBe('2002:a::1');
});
