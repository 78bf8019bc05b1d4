import { describe, expect, it } from 'vitest';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { ip } from '../../src/net/address.ts';
import { cidr } from '../../src/net/prefix.ts';
import { accept, CLIENT, drop, type Rules, rule, send } from './two-hosts.ts';

/** iptables semantics on a plain router: what Kubernetes' own rules do not reach, other people's will. */
const outcomes = (rules: Rules, ask?: Parameters<typeof send>[1]) => send(rules, ask).map((p) => p.outcome);
const code = (rules: Rules, ask?: Parameters<typeof send>[1]) => send(rules, ask)[0]?.failure?.code;

const from = (prefix: string, negated = false): Match => ({ kind: 'source', prefix: cidr(prefix), negated });
const to = (prefix: string, negated = false): Match => ({ kind: 'destination', prefix: cidr(prefix), negated });
const tcp = (negated = false): Match => ({ kind: 'protocol', protocol: 'tcp', negated });
const dport = (first: number, last = first, negated = false): Match => ({ kind: 'dport', protocol: 'tcp', first, last, negated });
const input = (name: string, negated = false): Match => ({ kind: 'in-interface', name, negated });
const output = (name: string): Match => ({ kind: 'out-interface', name, negated: false });
const states = (negated: boolean, ...list: Extract<Match, { kind: 'ctstate' }>['states'][number][]): Match => ({
  kind: 'ctstate',
  states: list,
  negated,
});
const marked = (value: number, mask = 0xffffffff): Match => ({ kind: 'mark', value, mask, negated: false });

describe('matches: a DROP rule in FORWARD with this condition', () => {
  const rows: readonly (readonly [name: string, match: Match, dropped: boolean])[] = [
    ['the source', from('10.1.0.0/16'), true],
    ['another source', from('10.9.0.0/16'), false],
    ['not the source', from('10.1.0.0/16', true), false],
    ['not another source', from('10.9.0.0/16', true), true],
    ['the destination', to('10.2.0.2/32'), true],
    ['the protocol', tcp(), true],
    ['not the protocol', tcp(true), false],
    ['the port', dport(80), true],
    ['a range with the port', dport(1, 100), true],
    ['a range without it', dport(81, 100), false],
    ['not the port', dport(80, 80, true), false],
    ['another port of another protocol, negated', { kind: 'dport', protocol: 'udp', first: 53, last: 53, negated: true }, false],
    ['the device that it came in by', input('eth0'), true],
    ['the device that it leaves by', output('eth1'), true],
    ['the wrong way round', input('eth1'), false],
    ['any device with this beginning', input('eth+'), true],
    ['any device but those', input('eth+', true), false],
    ['a bridge port, of which there is none', { kind: 'physdev-in', name: 'veth0', negated: false }, false],
    ['no bridge port', { kind: 'physdev-is-bridged', negated: true }, true],
    ['a local destination', { kind: 'dst-type', type: 'LOCAL', negated: false }, false],
    ['no local destination', { kind: 'dst-type', type: 'LOCAL', negated: true }, true],
    ['an answer would leave by the same device', { kind: 'rpfilter', negated: false }, true],
    ['an answer would leave by another device', { kind: 'rpfilter', negated: true }, false],
    ['a mark that nobody set', marked(1), false],
    ['no mark', marked(0), true],
  ];
  it.each(rows)('%s', (_name, match, dropped) => {
    // Only the request is meant: an answer has another source.
    expect(outcomes([['filter', 'FORWARD', drop(from('10.1.0.2/32'), match)]])).toEqual([dropped ? 'dropped' : 'delivered']);
  });
});

describe('chains', () => {
  const jump = (chain: string, ...matches: Match[]) => rule(matches, { kind: 'jump', chain });
  const goto = (chain: string) => rule([], { kind: 'goto', chain });
  const back = rule([], { kind: 'RETURN' });

  it('a jump comes back to the rule after it', () => {
    expect(
      outcomes([
        ['filter', 'FORWARD', jump('A'), drop()],
        ['filter', 'A', accept(from('10.9.0.0/16'))],
      ]),
    ).toEqual(['dropped']);
  });
  it('RETURN does so early', () => {
    expect(
      outcomes([
        ['filter', 'FORWARD', jump('A')],
        ['filter', 'A', back, drop()],
      ]),
    ).toEqual(['delivered']);
  });
  it('ACCEPT ends the table, not only the chain', () => {
    expect(
      outcomes([
        ['filter', 'FORWARD', jump('A'), drop()],
        ['filter', 'A', accept()],
      ]),
    ).toEqual(['delivered']);
  });
  it('goto does not come back: the policy decides', () => {
    expect(
      outcomes([
        ['filter', 'FORWARD', goto('A'), drop()],
        ['filter', 'A', back],
      ]),
    ).toEqual(['delivered']);
    expect(
      outcomes(
        [
          ['filter', 'FORWARD', goto('A'), accept()],
          ['filter', 'A', back],
        ],
        { policy: 'DROP' },
      ),
    ).toEqual(['dropped']);
  });
  it('a goto from a called chain returns to the caller of that chain', () => {
    expect(
      outcomes([
        ['filter', 'FORWARD', jump('A'), drop()],
        ['filter', 'A', goto('B'), accept()],
        ['filter', 'B', back],
      ]),
    ).toEqual(['dropped']);
  });
  it('the policy decides what no rule does', () => {
    expect(code([['filter', 'FORWARD', accept(from('10.9.0.0/16'))]], { policy: 'DROP' })).toBe('FILTER_DROP');
  });
  it('a rule without a target only counts', () => {
    expect(outcomes([['filter', 'FORWARD', rule([], null), drop()]])).toEqual(['dropped']);
  });
  it('a mark set in mangle is seen in filter, and gone on the next machine', () => {
    const set = rule([], { kind: 'MARK', value: 0x10, mask: 0xff });
    expect(
      outcomes([
        ['mangle', 'PREROUTING', set],
        ['filter', 'FORWARD', drop(marked(0x10, 0xff))],
      ]),
    ).toEqual(['dropped']);
    expect(send([['mangle', 'PREROUTING', set]])[0]?.forward.hops.at(-1)?.mark).toBe(0);
  });
});

describe('chance', () => {
  const half: Match = { kind: 'statistic', probability: 0.25 };
  it('splits the way, with exact shares', () => {
    const paths = send([['filter', 'FORWARD', drop(half)]], { protocol: 'udp' });
    // The answer meets the same rule: 0.25 lost at once, 0.75 * 0.25 on the way back, the rest arrives.
    expect(paths.map((p) => [p.outcome, p.probability])).toEqual([
      ['dropped', 0.25],
      ['dropped', 0.1875],
      ['delivered', 0.5625],
    ]);
  });
});

describe('REJECT', () => {
  it.each([
    ['icmp-port-unreachable', 'refused'],
    ['icmp-host-unreachable', 'host-unreachable'],
    ['icmp-net-unreachable', 'net-unreachable'],
    ['icmp-net-prohibited', 'net-unreachable'],
    ['icmp-host-prohibited', 'host-unreachable'],
    ['icmp-admin-prohibited', 'host-unreachable'],
    ['tcp-reset', 'refused'],
  ] as const)('with %s is %s at a TCP client', (how, client) => {
    const [path] = send([['filter', 'FORWARD', rule([tcp()], { kind: 'REJECT', with: how })]]);
    expect([path?.outcome, path?.client, path?.failure?.code]).toEqual(['rejected', client, 'FILTER_REJECT']);
    expect(path?.reply?.netns.name).toBe('client');
  });
  // Seen at connected sockets of Linux 6.18: icmp_err_convert, net/ipv4/icmp.c, says which errors are fatal.
  it.each([
    ['icmp-port-unreachable', 'refused'],
    ['icmp-host-unreachable', 'time-out'],
    ['icmp-net-unreachable', 'time-out'],
    ['icmp-net-prohibited', 'net-unreachable'],
    ['icmp-host-prohibited', 'host-unreachable'],
    ['icmp-admin-prohibited', 'host-unreachable'],
  ] as const)('with %s is %s at a UDP client', (how, client) => {
    const [path] = send([['filter', 'FORWARD', rule([], { kind: 'REJECT', with: how })]], { protocol: 'udp' });
    expect([path?.outcome, path?.client]).toEqual(['rejected', client]);
  });
});

describe('connection tracking', () => {
  it('knows the answer: a stateful firewall lets it back', () => {
    const rules: Rules = [
      ['filter', 'FORWARD', accept(states(false, 'ESTABLISHED', 'RELATED')), accept(states(false, 'NEW'), input('eth0'))],
    ];
    expect(outcomes(rules, { policy: 'DROP', tracks: true })).toEqual(['delivered']);
  });
  // conntrack_mt_check, net/netfilter/xt_conntrack.c: nf_ct_netns_get.
  it('is turned on by the rule that asks for it: no packet is UNTRACKED because nobody else did', () => {
    expect(outcomes([['filter', 'FORWARD', drop(states(false, 'UNTRACKED'))]])).toEqual(['delivered']);
    expect(outcomes([['filter', 'FORWARD', drop(states(false, 'NEW'))]])).toEqual(['dropped']);
  });
  it('an error about a known connection is RELATED', () => {
    const unheard = rule([], { kind: 'REJECT', with: 'icmp-port-unreachable' });
    const [path] = send([
      ['filter', 'FORWARD', unheard],
      ['filter', 'OUTPUT', drop(states(true, 'RELATED'))],
      ['nat', 'POSTROUTING', accept()],
    ]);
    expect(path?.outcome).toBe('rejected');
  });
});

describe('NAT', () => {
  const dnat = (address: string, port: number | null) => rule([], { kind: 'DNAT', address: ip(address), port });
  const seen = (rules: Rules, ask?: Parameters<typeof send>[1]) =>
    send(rules, ask).map((p) => ({ outcome: p.outcome, at: p.forward.packet, back: p.reply?.packet }));

  it('DNAT in PREROUTING changes address and port, and the answer comes from what was called', () => {
    const [path] = seen([['nat', 'PREROUTING', dnat('10.2.0.2', 8080)]]);
    expect(path?.outcome).toBe('delivered');
    expect(path?.at.destinationPort).toBe(8080);
    expect(path?.back?.sourcePort).toBe(80);
  });
  it('DNAT without a port keeps it', () => {
    expect(seen([['nat', 'PREROUTING', dnat('10.2.0.2', null)]])[0]?.at.destinationPort).toBe(80);
  });
  it('SNAT changes the source; nobody has this one, so the answer is lost', () => {
    const [path] = seen([['nat', 'POSTROUTING', rule([], { kind: 'SNAT', address: ip('10.2.0.99') })]], { protocol: 'icmp' });
    expect(path?.outcome).toBe('dropped');
    expect(path?.at.source).toBe(ip('10.2.0.99'));
  });
  it("MASQUERADE takes the address of the device that the packet leaves by; ping's answer comes back", () => {
    const [path] = seen([['nat', 'POSTROUTING', rule([output('eth1')], { kind: 'MASQUERADE', randomFully: false })]], { protocol: 'icmp' });
    expect(path?.outcome).toBe('delivered');
    expect(path?.at.source).toBe(ip('10.2.0.1'));
    expect(path?.back?.destination).toBe(CLIENT);
  });
  it('ctstate DNAT tells a translated connection', () => {
    const translated = ['filter', 'FORWARD', drop(states(false, 'DNAT'))] as const;
    expect(outcomes([['nat', 'PREROUTING', dnat('10.2.0.2', 8080)], translated])).toEqual(['dropped']);
    expect(outcomes([translated])).toEqual(['delivered']);
  });
  it('filter FORWARD sees the new destination, mangle PREROUTING still the old', () => {
    const rules = (table: 'filter' | 'mangle', chain: string): Rules => [
      ['nat', 'PREROUTING', dnat('10.2.0.2', 8080)],
      [table, chain, drop(dport(8080))],
    ];
    expect(outcomes(rules('filter', 'FORWARD'))).toEqual(['dropped']);
    expect(outcomes(rules('mangle', 'PREROUTING'))).toEqual(['delivered']);
  });
  it('is not consulted for the answer', () => {
    // A rule for the answer's own header would change it; the connection is known, so nobody asks.
    const wrong = rule([from('10.2.0.2/32')], { kind: 'DNAT', address: ip('10.9.9.9'), port: 9 });
    expect(outcomes([['nat', 'PREROUTING', wrong]])).toEqual(['delivered']);
  });
});

it.each(['OUTPUT', 'POSTROUTING'] as const)('%s of its own machine drops a ping: sendto says so', (hook) => {
  const [path] = send([['mangle', hook, drop()]], { source: 'router', protocol: 'icmp' });
  expect([path?.outcome, path?.client]).toEqual(['rejected', 'not-permitted']);
});

/** Of a ping, conntrack has the identifier for the source's port, and the type (8) and the code for the destination's. */
it.each<[string, 'source' | 'destination', number, number, string]>([
  ['its identifier, which nothing tells', 'source', 1024, 65535, 'undetermined'],
  ['any identifier', 'source', 0, 65535, 'dropped'],
  ['its type', 'destination', 2048, 2048, 'dropped'],
  ['another type', 'destination', 0, 2047, 'delivered'],
])("a ping's ports: %s", (_name, end, first, last, outcome) => {
  const asked: Match = { kind: 'ct-port', direction: 'original', end, first, last, negated: false };
  expect(outcomes([['filter', 'FORWARD', drop(asked)]], { protocol: 'icmp' })).toEqual([outcome]);
});
