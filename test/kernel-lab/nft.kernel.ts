import { describe, expect, it } from 'vitest';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { nftList } from '../../src/datapath/netfilter/nft-list.ts';
import { nftRule, nftTable } from '../../src/datapath/netfilter/nft-table.ts';
import { type KeyPart, type MapVerdict, namedSet, verdictMap } from '../../src/datapath/netfilter/sets.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import { ip } from '../../src/net/address.ts';
import { cidr } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { isolated, whyNot } from './machine.ts';

/** What nft prints of a table is not what was written: it has an order, lines and names of its own. Here it is asked. */
const origin = inferred(null);
const rule = (target: Target | null, ...matches: Match[]) => nftRule(matches, target, origin);
const element = (...key: KeyPart[]) => ({ key, comment: null });
const entry = (verdict: MapVerdict, ...key: KeyPart[]) => ({ key, comment: null, verdict, origin });
const ACCEPT = { kind: 'ACCEPT' } as const;
const DROP = { kind: 'DROP' } as const;
const RETURN = { kind: 'RETURN' } as const;
const to = (chain: string) => ({ kind: 'goto', chain }) as const;
const mark = (kind: 'mark' | 'connmark', value: number, mask: number, negated = false): Match => ({ kind, value, mask, negated });

const addresses = namedSet({
  name: 'addresses',
  type: ['ipv4_addr'],
  comment: 'Some of them',
  elements: [...['10.0.0.10', '10.0.0.9', '9.255.0.1', '10.0.1.0'].map((a) => element(ip(a))), { key: [ip('10.0.0.1')], comment: 'x y' }],
});
const ranges = namedSet({
  name: 'ranges',
  type: ['ipv4_addr'],
  flags: ['interval'],
  elements: [element(cidr('172.16.0.0/12')), element(cidr('10.0.0.0/8')), element(ip('1.1.1.1'))],
});
const ports = namedSet({
  name: 'ports',
  type: ['inet_service'],
  flags: ['interval'],
  elements: [element({ first: 8000, last: 8100 }), element(443), element(80), element(1), element(2), element(3), element(4)],
});
const clients = namedSet({ name: 'clients', type: ['ipv4_addr'], flags: ['dynamic', 'timeout'], timeout: 10800, elements: [] });
const others = namedSet({
  name: 'others',
  type: ['ipv4_addr', 'inet_service'],
  flags: ['dynamic', 'timeout'],
  timeout: 100000,
  elements: [],
});
const devices = namedSet({ name: 'links', type: ['ifname'], elements: ['eth0', 'eth1', 'a', 'bbbbb'].map((d) => element(d)) });
const marks = namedSet({ name: 'tags', type: ['mark'], elements: [0x100, 1, 2, 3, 4, 5].map((m) => element(m)) });
const services = verdictMap({
  name: 'services',
  type: ['ipv4_addr', 'inet_proto', 'inet_service'],
  elements: [
    entry(to('e'), ip('10.0.0.1'), 'tcp', 256),
    entry(to('e'), ip('10.0.0.1'), 'tcp', 1),
    entry(DROP, ip('9.0.0.2'), 'tcp', 1),
    { ...entry(to('e'), ip('10.0.0.1'), 'udp', 1), comment: 'ns/dns:udp' },
    entry(to('e'), ip('10.1.0.1'), 'sctp', 1),
  ],
});
const one = verdictMap({
  name: 'one',
  type: ['ipv4_addr'],
  elements: ['10.0.0.3', '10.0.0.2', '10.0.0.1'].map((a) => entry(ACCEPT, ip(a))),
});
const isIn = (set: typeof ports, ...key: Extract<Match, { kind: 'lookup' }>['key']): Match => ({
  kind: 'lookup',
  key,
  set,
  negated: false,
});
const anonymous = (type: 'ipv4_addr' | 'ifname', ...parts: KeyPart[]) =>
  namedSet({ name: null, type: [type], elements: parts.map((p) => element(p)) });

const TABLES = [
  nftTable({
    family: 'ip',
    name: 'a-table',
    comment: 'about "it"',
    sets: [addresses, ranges, ports, clients, others, devices, marks, services, one],
    chains: [
      { name: 'pre', rules: [rule({ kind: 'jump', chain: 'pass' })], base: { type: 'nat', hook: 'PREROUTING', priority: -100 } },
      { name: 'early', rules: [], base: { type: 'filter', hook: 'PREROUTING', priority: -110 } },
      { name: 'in', rules: [], base: { type: 'filter', hook: 'INPUT', priority: -110 } },
      { name: 'through', rules: [], base: { type: 'filter', hook: 'FORWARD', priority: 5, policy: 'DROP' } },
      { name: 'out', rules: [], base: { type: 'route', hook: 'OUTPUT', priority: -150 } },
      { name: 'out-nat', rules: [], base: { type: 'nat', hook: 'OUTPUT', priority: -90 } },
      { name: 'in-nat', rules: [], base: { type: 'nat', hook: 'INPUT', priority: 100 } },
      { name: 'post', rules: [], base: { type: 'nat', hook: 'POSTROUTING', priority: 101 } },
      { name: 'pass', rules: [] },
      { name: 'e', rules: [rule({ kind: 'REJECT', with: 'icmp-port-unreachable' })] },
      {
        name: 'c',
        rules: [
          rule({ kind: 'vmap', key: ['ip daddr', 'meta l4proto', 'th dport'], map: services }),
          rule({ kind: 'vmap', key: ['ip saddr'], map: one }),
          rule({
            kind: 'numgen',
            modulus: 2,
            map: verdictMap({ name: null, type: ['integer'], elements: [entry(to('e'), 0), entry(to('e'), 1)] }),
          }),
          rule({
            kind: 'numgen',
            modulus: 12,
            map: verdictMap({
              name: null,
              type: ['integer'],
              elements: [entry(DROP, 11), entry(RETURN, { first: 2, last: 10 }), entry(to('e'), 0)],
            }),
          }),
          rule(ACCEPT, isIn(addresses, 'ip daddr')),
          rule(DROP, { kind: 'lookup', key: ['ip saddr'], set: ranges, negated: true }, isIn(ports, 'tcp dport')),
          rule(to('e'), isIn(clients, 'ip saddr')),
          rule(null, { kind: 'update', key: ['ip saddr'], set: clients }),
          rule(null, { kind: 'update', key: ['ip saddr', 'th dport'], set: others }),
          rule(DROP, isIn(anonymous('ipv4_addr', cidr('10.0.0.0/8'), ip('1.1.1.1')), 'ip daddr')),
          rule(DROP, isIn(anonymous('ipv4_addr', cidr('10.0.0.0/8')), 'ip daddr')),
          rule(DROP, isIn(anonymous('ifname', 'eth0', 'eth1'), 'iifname')),
          rule(DROP, isIn(devices, 'oifname'), isIn(marks, 'meta mark')),
          rule(
            DROP,
            { kind: 'source', prefix: cidr('10.0.0.1/32'), negated: false },
            { kind: 'destination', prefix: cidr('10.0.0.0/8'), negated: true },
          ),
          rule({ kind: 'DNAT', address: ip('10.0.0.1'), port: 8080 }, { kind: 'protocol', protocol: 'tcp', negated: false }),
          rule({ kind: 'DNAT', address: ip('10.0.0.1'), port: null }),
          rule({ kind: 'SNAT', address: ip('10.0.0.1') }),
          rule({ kind: 'SNAT', address: ip('10.0.0.1'), randomFully: true }),
          rule({ kind: 'MASQUERADE', randomFully: true }),
          rule({ kind: 'MASQUERADE', randomFully: false }),
          rule(RETURN, mark('mark', 0, 0x4000)),
          rule(RETURN, mark('mark', 0, 0x4000, true)),
          rule(RETURN, mark('mark', 0x4000, 0xffffffff), mark('connmark', 0x80, 0x80)),
          rule(RETURN, mark('mark', 0x80000000, 0xf0000000), mark('mark', 0, 0x80000000, true)),
          rule({ kind: 'MARK', value: 0x4000, mask: 0x4000 }),
          rule({ kind: 'MARK', value: 0x4000, mask: 0 }),
          rule({ kind: 'MARK', value: 0, mask: 0x4000 }),
          rule({ kind: 'MARK', value: 0x40, mask: 0xff }),
          rule({ kind: 'MARK', value: 0x4040, mask: 0xff }),
          rule({ kind: 'MARK', value: 5, mask: 0xffffffff }),
          rule({ kind: 'CONNMARK', action: 'set', value: 0x80, mask: 0x80 }),
          rule({ kind: 'CONNMARK', action: 'save', mask: 0xffffffff }),
          rule({ kind: 'CONNMARK', action: 'save', mask: 0xff }),
          rule({ kind: 'CONNMARK', action: 'restore', mask: 0xff }),
          rule(ACCEPT, { kind: 'ctstate', states: ['NEW'], negated: false }),
          rule(ACCEPT, { kind: 'ctstate', states: ['RELATED', 'ESTABLISHED'], negated: false }),
          rule(ACCEPT, { kind: 'ctstate', states: ['NEW', 'ESTABLISHED'], negated: true }),
          rule(ACCEPT, { kind: 'ctstate', states: ['DNAT', 'SNAT'], negated: false }),
          rule(ACCEPT, { kind: 'dst-type', type: 'LOCAL', negated: false }, { kind: 'src-type', type: 'LOCAL', negated: true }),
          rule(ACCEPT, { kind: 'in-interface', name: 'eni+', negated: false }, { kind: 'out-interface', name: 'eth0', negated: true }),
          rule(ACCEPT, { kind: 'dport', protocol: 'tcp', first: 80, last: 80, negated: false }),
          rule(ACCEPT, { kind: 'sport', protocol: 'sctp', first: 80, last: 90, negated: true }),
          rule({ kind: 'REJECT', with: 'tcp-reset' }),
          rule({ kind: 'REJECT', with: 'icmp-host-prohibited' }),
          rule({ kind: 'REJECT', with: 'icmp-admin-prohibited' }),
          { ...rule(DROP), comment: 'why: \\ "it"' },
        ],
      },
    ],
  }),
  nftTable({ family: 'inet', name: 'both', chains: [{ name: 'empty', rules: [] }] }),
  nftTable({
    family: 'ip6',
    name: 'six',
    sets: [
      verdictMap({
        name: 'services',
        type: ['ipv6_addr', 'inet_proto', 'inet_service'],
        elements: ['fd00::2', 'fd00:2::1', 'fd00:1::1', 'fd00::1'].map((a) => entry(DROP, ip(a), 'tcp', 80)),
      }),
      namedSet({ name: 'six', type: ['ipv6_addr'], elements: ['fd00::2', '2001:db8::1', '::1'].map((a) => element(ip(a))) }),
    ],
    chains: [
      {
        name: 'c',
        rules: [
          rule({ kind: 'DNAT', address: ip('fd00::1'), port: 80 }, { kind: 'protocol', protocol: 'udp', negated: false }),
          rule(
            DROP,
            { kind: 'source', prefix: cidr('fd00::/64'), negated: true },
            { kind: 'protocol', protocol: 'ipv6-icmp', negated: false },
          ),
          ...(['icmp6-no-route', 'icmp6-adm-prohibited', 'icmp6-addr-unreachable', 'icmp6-port-unreachable'] as const).map((how) =>
            rule({ kind: 'REJECT', with: how }),
          ),
        ],
      },
    ],
  }),
];

describe.skipIf(whyNot !== null)(`nft's own words${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  const text = nftList(TABLES);
  it('are loaded, and listed as they were', () => {
    const { stdout, stderr } = isolated('nft -f - && nft list ruleset', text);
    expect(stderr).toBe('');
    expect(stdout).toBe(text);
  });
});
