import { expect, test } from 'vitest';
import { addAddress } from '../../src/datapath/add-address.ts';
import { addVethPair, finish, newNetns } from '../../src/datapath/build.ts';
import { addRoute, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import { rulesetBuilder } from '../../src/datapath/netfilter/builder.ts';
import type { Rule } from '../../src/datapath/netfilter/ruleset.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import { ip } from '../../src/net/address.ts';
import { cidr, DEFAULT_PREFIX } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import type { FlowPath } from '../../src/walk/flow-path.ts';
import { type Rules, rule, send } from './two-hosts.ts';

/**
 * Rules that write the TTL. A client sends with 64; a router takes one off between PREROUTING and FORWARD, and passes nothing on that came with 1 or less (ip_forward,
 * net/ipv4/ip_forward.c). More than 255 and less than 0 there is not (ttl_tg, net/netfilter/xt_HL.c).
 */
type Action = Extract<Target, { kind: 'TTL' }>['action'];
const write = (action: Action, value: number): Rule => rule([], { kind: 'TTL', family: 'IPv4', action, value });
const dropAt = (value: number): Rule => rule([{ kind: 'ttl', compare: 'eq', value, negated: false }], { kind: 'DROP' });

function seen([path]: readonly FlowPath[]): string {
  const out = path?.forward.hops.findLast((h) => h.kind === 'interface' && h.netns === 'router' && h.direction === 'out');
  return path?.failure == null ? `leaves with ${out?.packet.ttl}` : `${path.outcome} ${path.failure.code}`;
}

test.each<readonly [string, Rules, string]>([
  ['none', [], 'leaves with 63'],
  ['before it is routed', [['mangle', 'PREROUTING', write('set', 20)]], 'leaves with 19'],
  ['2 is enough for one more machine', [['mangle', 'PREROUTING', write('set', 2)]], 'leaves with 1'],
  ['1 is not', [['mangle', 'PREROUTING', write('set', 1)]], 'rejected TTL_EXPIRED'],
  ['taken off', [['mangle', 'PREROUTING', write('dec', 63)]], 'rejected TTL_EXPIRED'],
  ['below 0', [['mangle', 'POSTROUTING', write('dec', 200)]], 'leaves with 0'],
  ['added', [['mangle', 'PREROUTING', write('inc', 1)]], 'leaves with 64'],
  ['above 255', [['mangle', 'PREROUTING', write('inc', 250)]], 'leaves with 254'],
  ['after it was routed', [['mangle', 'POSTROUTING', write('set', 1)]], 'leaves with 1'],
  ['the next rule sees it', [['mangle', 'PREROUTING', write('set', 20), dropAt(20)]], 'dropped FILTER_DROP'],
  ['and no more what it was', [['mangle', 'PREROUTING', write('set', 20), dropAt(64)]], 'leaves with 19'],
  [
    'the next chain sees it',
    [
      ['mangle', 'PREROUTING', write('set', 20)],
      ['filter', 'FORWARD', dropAt(19)],
    ],
    'dropped FILTER_DROP',
  ],
])('%s', (_what, rules, expected) => expect(seen(send(rules))).toBe(expected));

test('a circle is told as one, though a rule gives the packet a new TTL each time', () => {
  const origin = inferred(null);
  const [left, right] = ['left', 'right'].map((name) => newNetns({ name, node: name, role: 'node' }, origin, []));
  if (left === undefined || right === undefined) throw new Error('there are two');
  const [near, far] = addVethPair({ builder: left, name: 'eth0' }, { builder: right, name: 'eth0' }, 1500, origin);
  const ends = [ip('10.1.0.1'), ip('10.1.0.2')] as const;
  for (const [builder, end, own, other] of [
    [left, near, ...ends],
    [right, far, ends[1], ends[0]],
  ] as const) {
    addAddress(builder, end, own, cidr('10.1.0.0/24'), origin);
    addRoute(builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX.IPv4, other, 'eth0', origin));
    builder.sysctls.set('net.ipv4.ip_forward', { value: 1, origin });
    builder.sysctls.set('net.ipv4.conf.eth0.accept_local', { value: 1, origin });
  }
  const rules = rulesetBuilder();
  rules.append('mangle', 'PREROUTING', write('set', 64));
  right.rulesets.IPv4 = rules.build();
  const [netns] = [left, right].map((b) => finish(b, null));
  if (netns === undefined) throw new Error('there are two');
  const asked = { process: 'left', source: ends[0], destination: ip('10.9.0.9'), port: 80, protocol: 'tcp', size: null } as const;
  const [path] = traceFlow({ netns, ...asked });
  expect(`${path?.outcome} ${path?.failure?.code}`).toBe('looped ROUTING_LOOP');
});
