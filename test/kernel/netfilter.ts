import { routeVia } from '../../src/datapath/builder.ts';
import type { RulesetBuilder } from '../../src/datapath/netfilter/builder.ts';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { nftRule, nftTable } from '../../src/datapath/netfilter/nft-table.ts';
import type { BaseChainSpec, Hook, NftTable, Rule } from '../../src/datapath/netfilter/ruleset.ts';
import { type KeyPart, type MapVerdict, namedSet, type Selector, verdictMap } from '../../src/datapath/netfilter/sets.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import type { Overrides } from '../../src/datapath/overrides.ts';
import { ip } from '../../src/net/address.ts';
import { cidr, DEFAULT_PREFIX } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { type Ask, accept, CLIENT, drop, rule } from '../stage/two-hosts.ts';

/**
 * Rules on the router between a client (10.1.0.2) and a server (10.2.0.2, listening on all ports) and what becomes of a connection to the
 * server's port 80. The kernel is asked of each (test/kernel-lab/rules.kernel.ts); none of it was derived from the model.
 */
export interface RulesRow {
  readonly name: string;
  readonly program: (rules: RulesetBuilder) => void;
  readonly ask?: Ask;
  /** Further settings of the router's. */
  readonly overrides?: Overrides;
  /** `PORT` where the server is reached on that port; else what the client sees. Several: one of them, at random. */
  readonly expected: readonly (string | number)[];
}

const origin = inferred(null);
const nft = (target: Target | null, ...matches: Match[]): Rule => nftRule(matches, target, origin);
const to = (port: number): Target => ({ kind: 'DNAT', address: ip('10.2.0.2'), port });
const mark = (value: number): Target => ({ kind: 'MARK', value, mask: 0xffffffff });
const marked = (value: number): Match => ({ kind: 'mark', value, mask: 0xffffffff, negated: false });
const dport = (port: number): Match => ({ kind: 'dport', protocol: 'tcp', first: port, last: port, negated: false });
const tcp: Match = { kind: 'protocol', protocol: 'tcp', negated: false };
const input = (name: string): Match => ({ kind: 'in-interface', name, negated: false });
const ACCEPT: Target = { kind: 'ACCEPT' };
const DROP: Target = { kind: 'DROP' };

type Base = Pick<BaseChainSpec, 'type' | 'hook' | 'priority'> & { readonly policy?: 'DROP' };
const filter = (hook: Hook, priority: number, policy?: 'DROP'): Base => ({ type: 'filter', hook, priority, ...(policy && { policy }) });
const natAt = (hook: Hook, priority: number): Base => ({ type: 'nat', hook, priority });

/** A table whose chains are a0, a1, …; one without a base is called by its name. */
function table(name: string, ...chains: readonly (readonly [base: Base | string, ...rules: Rule[]])[]): NftTable {
  return nftTable({
    family: 'ip',
    name,
    chains: chains.map(([base, ...rules], i) => (typeof base === 'string' ? { name: base, rules } : { name: `a${i}`, base, rules })),
  });
}

const tables =
  (...all: readonly NftTable[]) =>
  (r: RulesetBuilder) => {
    for (const t of all) r.nft(t);
  };

const forward = (priority: number, ...rules: Rule[]) => [filter('FORWARD', priority), ...rules] as const;
const dstnat = (priority: number, ...rules: Rule[]) => [natAt('PREROUTING', priority), ...rules] as const;

export const priorities: readonly RulesRow[] = [
  {
    name: 'the lower priority is first',
    program: tables(table('x', forward(10, nft(DROP, marked(1))), forward(-10, nft(mark(1))))),
    expected: ['time-out'],
  },
  {
    name: 'the higher is later',
    program: tables(table('x', forward(-10, nft(DROP, marked(1))), forward(10, nft(mark(1))))),
    expected: [80],
  },
  {
    name: 'of two tables at one place, the later one is first',
    program: tables(table('x', forward(0, nft(DROP, marked(1)))), table('y', forward(0, nft(mark(1))))),
    expected: ['time-out'],
  },
  {
    name: 'the other way round',
    program: tables(table('x', forward(0, nft(mark(1)))), table('y', forward(0, nft(DROP, marked(1))))),
    expected: [80],
  },
  {
    name: 'of two chains of one table, too',
    program: tables(table('x', forward(0, nft(DROP, marked(1))), forward(0, nft(mark(1))))),
    expected: ['time-out'],
  },
  {
    name: 'the other way round in one table',
    program: tables(table('x', forward(0, nft(mark(1))), forward(0, nft(DROP, marked(1))))),
    expected: [80],
  },
  {
    name: 'nft after iptables',
    program: (r) => {
      r.append('filter', 'FORWARD', drop(marked(1)));
      r.nft(table('x', forward(0, nft(mark(1)))));
    },
    expected: ['time-out'],
  },
  {
    name: 'nft before iptables',
    program: (r) => {
      r.nft(table('x', forward(0, nft(mark(1)))));
      r.append('filter', 'FORWARD', drop(marked(1)));
    },
    expected: [80],
  },
  {
    name: 'accept ends its own base chain only',
    program: tables(table('x', forward(-10, nft(ACCEPT)), forward(10, nft(DROP)))),
    expected: ['time-out'],
  },
  {
    name: "and iptables' ACCEPT does not help against nft",
    program: (r) => {
      r.append('filter', 'FORWARD', accept());
      r.nft(table('x', forward(10, nft(DROP))));
    },
    expected: ['time-out'],
  },
  {
    name: 'drop ends all',
    program: tables(table('x', forward(-10, nft(DROP)), forward(10, nft(ACCEPT)))),
    expected: ['time-out'],
  },
  {
    name: "a base chain's policy decides what its rules do not",
    program: tables(table('x', [filter('FORWARD', 0, 'DROP'), nft(mark(1))])),
    expected: ['time-out'],
  },
  {
    name: 'a policy, against what its rules accept',
    program: tables(table('x', [filter('FORWARD', 0, 'DROP'), nft(ACCEPT)])),
    expected: [80],
  },
  {
    name: 'raw is before a chain at -200',
    program: (r) => {
      r.append('raw', 'PREROUTING', rule([], mark(1)));
      r.nft(table('x', [filter('PREROUTING', -250), nft(DROP, marked(1))]));
    },
    expected: ['time-out'],
  },
  {
    name: 'mangle is after it',
    program: (r) => {
      r.append('mangle', 'PREROUTING', rule([], mark(1)));
      r.nft(table('x', [filter('PREROUTING', -250), nft(DROP, marked(1))]));
    },
    expected: [80],
  },
];

export const nat: readonly RulesRow[] = [
  {
    name: 'the first chain that translates ends the search',
    program: tables(table('x', dstnat(-110, nft(to(8080), tcp)), dstnat(-90, nft(to(9090), tcp)))),
    expected: [8080],
  },
  {
    name: 'accept does not: the next chain is asked',
    program: tables(table('x', dstnat(-110, nft(ACCEPT)), dstnat(-90, nft(to(9090), tcp)))),
    expected: [9090],
  },
  {
    name: 'the rules behind it in its chain are not met either',
    program: tables(table('x', dstnat(-100, nft(to(8080), tcp), nft(mark(1))), forward(0, nft(DROP, marked(1))))),
    expected: [8080],
  },
  {
    name: 'nft after iptables',
    program: (r) => {
      r.append('nat', 'PREROUTING', rule([tcp], to(8080)));
      r.nft(table('x', dstnat(-100, nft(to(9090), tcp))));
    },
    expected: [9090],
  },
  {
    name: 'nft before iptables',
    program: (r) => {
      r.nft(table('x', dstnat(-100, nft(to(9090), tcp))));
      r.append('nat', 'PREROUTING', rule([tcp], to(8080)));
    },
    expected: [8080],
  },
  {
    name: "iptables' ACCEPT in nat does not end nft's search",
    program: (r) => {
      r.nft(table('x', dstnat(-100, nft(to(9090), tcp))));
      r.append('nat', 'PREROUTING', accept());
    },
    expected: [9090],
  },
  {
    name: 'a filter chain at -110 sees the old destination',
    program: tables(table('x', dstnat(-100, nft(to(8080), tcp)), [filter('PREROUTING', -110), nft(DROP, dport(80))])),
    expected: ['time-out'],
  },
  {
    name: 'and one at -90 the new one',
    program: tables(table('x', dstnat(-100, nft(to(8080), tcp)), [filter('PREROUTING', -90), nft(DROP, dport(8080))])),
    expected: ['time-out'],
  },
  {
    name: 'one at -90 does not see the old one',
    program: tables(table('x', dstnat(-100, nft(to(8080), tcp)), [filter('PREROUTING', -90), nft(DROP, dport(80))])),
    expected: [8080],
  },
  {
    name: "a nat chain's own priority does not bring it before others: -190 still translates at -100",
    program: tables(table('x', dstnat(-190, nft(to(8080), tcp)), [filter('PREROUTING', -150), nft(DROP, dport(8080))])),
    expected: [8080],
  },
  {
    name: 'nor behind them: 50 still translates at -100',
    program: tables(table('x', dstnat(50, nft(to(8080), tcp)), [filter('PREROUTING', 0), nft(DROP, dport(8080))])),
    expected: ['time-out'],
  },
  {
    name: 'a filter chain at -100 that came after nat is before it',
    program: tables(table('x', dstnat(-100, nft(to(8080), tcp)), [filter('PREROUTING', -100), nft(DROP, dport(80))])),
    expected: ['time-out'],
  },
  {
    name: 'and one that came before nat is behind it',
    program: tables(table('x', [filter('PREROUTING', -100), nft(DROP, dport(80))], dstnat(-100, nft(to(8080), tcp)))),
    expected: [8080],
  },
  {
    name: 'a nat chain may drop',
    program: tables(table('x', dstnat(-100, nft(DROP)), [natAt('POSTROUTING', 100), nft({ kind: 'MASQUERADE', randomFully: false })])),
    expected: ['time-out'],
  },
  {
    name: 'but sleeps until a rule of its own kind, or a match of conntrack, wakes it',
    program: tables(table('x', dstnat(-100, nft(DROP)))),
    expected: [80],
  },
  {
    name: "a nat chain's policy",
    program: tables(table('x', [{ ...natAt('PREROUTING', -100), policy: 'DROP' }, nft(to(8080), dport(81))])),
    expected: ['time-out'],
  },
  {
    name: 'masquerade behind dnat',
    program: tables(
      table('x', dstnat(-100, nft(to(8080), tcp)), [natAt('POSTROUTING', 100), nft({ kind: 'MASQUERADE', randomFully: true })]),
    ),
    expected: [8080],
  },
];

const lookup = (key: readonly Selector[], parts: readonly KeyPart[], flags: readonly 'interval'[] = [], negated = false): Match => ({
  kind: 'lookup',
  key,
  negated,
  set: namedSet({
    name: null,
    type: [key[0] === 'tcp dport' ? 'inet_service' : 'ipv4_addr'],
    flags,
    elements: [{ key: parts, comment: null }],
  }),
});
const entry = (verdict: MapVerdict, ...key: KeyPart[]) => ({ key, comment: null, verdict, origin });
const goto = (chain: string) => ({ kind: 'goto', chain }) as const;

const services = verdictMap({
  name: 'services',
  type: ['ipv4_addr', 'inet_proto', 'inet_service'],
  elements: [
    entry({ kind: 'DROP' }, ip('10.2.0.2'), 'udp', 80),
    entry(goto('b'), ip('10.2.0.2'), 'tcp', 80),
    entry({ kind: 'DROP' }, ip('10.2.0.2'), 'tcp', 81),
    entry({ kind: 'DROP' }, ip('10.2.0.3'), 'tcp', 80),
  ],
});
const byMap = (): NftTable =>
  nftTable({
    family: 'ip',
    name: 'x',
    sets: [services],
    chains: [
      {
        name: 'a',
        base: natAt('PREROUTING', -100),
        rules: [nft({ kind: 'vmap', key: ['ip daddr', 'meta l4proto', 'th dport'], map: services })],
      },
      { name: 'b', rules: [nft(to(8080), tcp)] },
    ],
  });

const clients = namedSet({ name: 'clients', type: ['ipv4_addr'], flags: ['dynamic', 'timeout'], timeout: 10800, elements: [] });

const drawn = (modulus: number, ...elements: Parameters<typeof entry>[]): Target => ({
  kind: 'numgen',
  modulus,
  map: verdictMap({ name: null, type: ['integer'], elements: elements.map((e) => entry(...e)) }),
});

export const expressions: readonly RulesRow[] = [
  { name: 'an entry of a map over several fields', program: (r) => r.nft(byMap()), expected: [8080] },
  { name: 'another port has none', program: (r) => r.nft(byMap()), ask: { port: 82 }, expected: [82] },
  { name: 'an entry that drops', program: (r) => r.nft(byMap()), ask: { port: 81 }, expected: ['time-out'] },
  { name: 'another protocol', program: (r) => r.nft(byMap()), ask: { protocol: 'udp' }, expected: ['time-out'] },
  { name: 'a ping has no port', program: (r) => r.nft(byMap()), ask: { protocol: 'icmp' }, expected: ['answer'] },
  {
    name: 'a set with an interval that has the source',
    program: tables(table('x', forward(0, nft(DROP, lookup(['ip saddr'], [cidr('10.1.0.0/16')], ['interval']))))),
    expected: ['time-out'],
  },
  {
    name: 'a set without it',
    program: tables(table('x', forward(0, nft(DROP, { ...lookup(['ip saddr'], [cidr('10.9.0.0/16')], ['interval']) }, input('eth0'))))),
    expected: [80],
  },
  {
    name: 'not in the set',
    program: tables(table('x', forward(0, nft(DROP, lookup(['ip saddr'], [cidr('10.9.0.0/16')], ['interval'], true))))),
    expected: ['time-out'],
  },
  {
    name: 'a set of ports in a range',
    program: tables(table('x', forward(0, nft(DROP, lookup(['tcp dport'], [{ first: 79, last: 81 }], ['interval']))))),
    expected: ['time-out'],
  },
  {
    name: 'a set that packets fill is empty at first',
    program: (r) =>
      r.nft(
        nftTable({
          family: 'ip',
          name: 'x',
          sets: [clients],
          chains: [
            {
              name: 'a',
              base: natAt('PREROUTING', -100),
              rules: [
                nft(DROP, { kind: 'lookup', key: ['ip daddr'], set: clients, negated: false }),
                nft(null, { kind: 'update', key: ['ip saddr'], set: clients }),
                nft(to(8080), tcp),
              ],
            },
          ],
        }),
      ),
    expected: [8080],
  },
  {
    name: 'numgen takes one of its entries',
    program: tables(
      table('x', dstnat(-100, nft(drawn(2, [goto('b'), 0], [goto('c'), 1]))), ['b', nft(to(8080), tcp)], ['c', nft(to(9090), tcp)]),
    ),
    expected: [8080, 9090],
  },
  {
    name: 'numgen of one',
    program: tables(table('x', dstnat(-100, nft(drawn(1, [goto('b'), 0])), nft(to(9090), tcp)), ['b', nft(to(8080), tcp)])),
    expected: [8080],
  },
  {
    name: 'goto does not come back, a jump does',
    program: tables(
      table('x', forward(0, nft({ kind: 'jump', chain: 'b' }), nft(goto('b')), nft(DROP)), ['b', nft({ kind: 'RETURN' }, tcp), nft(DROP)]),
    ),
    expected: [80],
  },
  {
    name: 'fib: no local destination is forwarded',
    program: tables(table('x', dstnat(-100, nft(to(8080), { kind: 'dst-type', type: 'LOCAL', negated: false }, tcp)))),
    expected: [80],
  },
  {
    name: "fib: one of the router's own",
    program: tables(table('x', dstnat(-100, nft(to(8080), { kind: 'dst-type', type: 'LOCAL', negated: false }, tcp)))),
    ask: { destination: ip('10.2.0.1') },
    expected: [8080],
  },
  {
    name: 'ct state new is the first packet',
    program: tables(table('x', forward(0, nft(DROP, { kind: 'ctstate', states: ['NEW'], negated: false })))),
    expected: ['time-out'],
  },
  {
    name: 'ct state established is the answer',
    program: tables(table('x', forward(0, nft(DROP, { kind: 'ctstate', states: ['ESTABLISHED'], negated: false })))),
    expected: ['time-out'],
  },
  {
    name: 'reject in prerouting',
    program: tables(table('x', [filter('PREROUTING', -110), nft({ kind: 'REJECT', with: 'icmp-port-unreachable' }, input('eth0'))])),
    expected: ['refused'],
  },
  {
    name: 'reject in prerouting, with a reset',
    program: tables(table('x', [filter('PREROUTING', -110), nft({ kind: 'REJECT', with: 'tcp-reset' }, input('eth0'))])),
    expected: ['refused'],
  },
  {
    name: 'reject in input',
    program: tables(table('x', [filter('INPUT', -110), nft({ kind: 'REJECT', with: 'icmp-port-unreachable' }, tcp)])),
    ask: { destination: ip('10.2.0.1') },
    expected: ['refused'],
  },
  {
    name: 'reject in output',
    program: tables(table('x', [filter('OUTPUT', -110), nft({ kind: 'REJECT', with: 'icmp-port-unreachable' }, tcp)])),
    ask: { source: 'router' },
    expected: ['refused'],
  },
  {
    name: 'the wildcard of a device name',
    program: tables(table('x', forward(0, nft(DROP, input('et+'))))),
    expected: ['time-out'],
  },
];

const restore: Target = { kind: 'CONNMARK', action: 'restore', mask: 0xff };
const setConnmark: Target = { kind: 'CONNMARK', action: 'set', value: 0x80, mask: 0x80 };

export const connmarks: readonly RulesRow[] = [
  {
    name: "the connection's mark comes back with the answer",
    program: (r) => {
      r.append('mangle', 'PREROUTING', rule([input('eth0')], setConnmark), rule([input('eth1')], restore));
      r.append('filter', 'FORWARD', drop(marked(0x80)));
    },
    expected: ['time-out'],
  },
  {
    name: 'without the restore nothing is marked',
    program: (r) => {
      r.append('mangle', 'PREROUTING', rule([input('eth0')], setConnmark));
      r.append('filter', 'FORWARD', drop(marked(0x80)));
    },
    expected: [80],
  },
  {
    name: 'a match asks it',
    program: (r) => {
      r.append('mangle', 'PREROUTING', rule([input('eth0')], setConnmark));
      r.append('filter', 'FORWARD', drop(input('eth1'), { kind: 'connmark', value: 0x80, mask: 0x80, negated: false }));
    },
    expected: ['time-out'],
  },
  {
    name: 'in nat only the first packet of a connection is asked',
    program: (r) => {
      r.append('nat', 'PREROUTING', rule([], restore), rule([], { ...setConnmark }));
      r.append('filter', 'FORWARD', drop(marked(0x80)));
    },
    expected: [80],
  },
  {
    name: 'in nft, set and restored',
    program: tables(
      table(
        'x',
        [filter('PREROUTING', -150), nft(setConnmark, input('eth0')), nft(restore, input('eth1'))],
        forward(0, nft(DROP, marked(0x80))),
      ),
    ),
    expected: ['time-out'],
  },
  {
    name: 'saved from the packet',
    program: (r) => {
      r.append(
        'mangle',
        'PREROUTING',
        rule([input('eth0')], mark(0x83)),
        rule([input('eth0')], { kind: 'CONNMARK', action: 'save', mask: 0xf }),
      );
      r.append('mangle', 'FORWARD', rule([], restore));
      r.append('filter', 'FORWARD', drop(input('eth1'), marked(0x3)));
    },
    expected: ['time-out'],
  },
];

/** Packets with the mark 1 go to the client, which hands nothing on. */
const byMark: Overrides = {
  sysctls: new Map(),
  routes: [{ table: 5, route: routeVia(DEFAULT_PREFIX.IPv4, CLIENT, 'eth0', origin) }],
  removedRoutes: [],
  rules: [{ priority: 100, from: null, to: null, iif: null, mark: { value: 1, mask: 0xffffffff }, table: 5, origin }],
  removedRules: [],
  devices: new Map(),
  addresses: [],
  neighbours: [],
  fdb: [],
};
const sent = { ask: { source: 'router' }, overrides: byMark } as const;

export const routedAgain: readonly RulesRow[] = [
  { name: 'mangle OUTPUT', program: (r) => r.append('mangle', 'OUTPUT', rule([tcp], mark(1))), ...sent, expected: ['time-out'] },
  {
    name: 'a chain of the type route',
    program: tables(table('x', [{ type: 'route', hook: 'OUTPUT', priority: 0 }, nft(mark(1), tcp)])),
    ...sent,
    expected: ['time-out'],
  },
  { name: 'not for raw OUTPUT', program: (r) => r.append('raw', 'OUTPUT', rule([tcp], mark(1))), ...sent, expected: [80] },
  { name: 'not for filter OUTPUT', program: (r) => r.append('filter', 'OUTPUT', rule([tcp], mark(1))), ...sent, expected: [80] },
  {
    name: 'not for nat OUTPUT',
    program: (r) => r.append('nat', 'OUTPUT', rule([tcp], mark(1)), rule([tcp, dport(81)], to(82))),
    ...sent,
    expected: [80],
  },
  {
    name: 'nor for a filter chain of nft',
    program: tables(table('x', [filter('OUTPUT', -150), nft(mark(1), tcp)])),
    ...sent,
    expected: [80],
  },
  {
    name: 'but where nat gives it another port only, it is not',
    program: (r) => r.append('nat', 'OUTPUT', rule([tcp], mark(1)), rule([tcp], to(8080))),
    ...sent,
    expected: [8080],
  },
  {
    name: 'and where nat gives it another destination, with the mark',
    program: (r) => r.append('nat', 'OUTPUT', rule([tcp], mark(1)), rule([tcp], to(8080))),
    ask: { source: 'router', destination: ip('10.2.0.9') },
    overrides: byMark,
    expected: ['time-out'],
  },
  {
    name: 'PREROUTING comes before the route, whatever its table is',
    program: (r) => r.append('nat', 'PREROUTING', rule([tcp, input('eth0')], mark(1)), rule([tcp, dport(81)], to(82))),
    overrides: byMark,
    expected: ['time-out'],
  },
];

export const rulesRows: readonly RulesRow[] = [...priorities, ...nat, ...expressions, ...connmarks, ...routedAgain];
