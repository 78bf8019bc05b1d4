import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { failureSentence } from '../../src/hop/failure.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import { twoHosts } from '../stage/two-hosts.ts';
import { askIn, networkOf } from '../tracing.ts';
import { allAsFound, somewhere } from './as-found.ts';
import { readText, tablesOf } from './nft/reading.ts';

/** The router gets a SYN to 10.2.0.2:80 by eth0 and passes it on by eth1; a chain of nft below IP was found on it. */
const chain = (family: string, base: string, ...rules: string[]) =>
  `table ${family} t {\n\tchain c {\n\t\ttype filter ${base};\n${rules.map((r) => `\t\t${r}\n`).join('')}\t}\n}\n`;

const pathOf = (listing: string) =>
  traceFlow(
    twoHosts((r) =>
      r.found({ iptables: new Map(), nft: tablesOf(listing), ipvs: null, untold: [], tracks: false, beside: false, devices: new Map() }),
    ).flow,
  )[0];

const INGRESS = 'hook ingress device "eth0" priority 0; policy accept';
const EGRESS = 'hook egress device "eth1" priority 0; policy accept';

const ARP_IN = 'hook input priority 0; policy accept';
const ARP_OUT = 'hook output priority 0; policy accept';

/** The packet is dropped there. */
const DROPS = Symbol('drops');

const rows: readonly (readonly [name: string, listing: string, rule: string | null | undefined | typeof DROPS])[] = [
  ['one that counts', chain('netdev', INGRESS, 'counter packets 1 bytes 2'), undefined],
  ['one that accepts', chain('netdev', INGRESS, 'ip saddr 10.1.0.0/24 accept'), undefined],
  ['it drops other packets', chain('netdev', INGRESS, 'ip saddr 192.0.2.0/24 drop', 'tcp dport 81 drop'), undefined],
  ["it drops all that is left: this is accepted, but ARP's packets are not", chain('netdev', INGRESS, 'tcp dport 80 accept', 'drop'), null],
  ['it drops this one', chain('netdev', INGRESS, 'ip saddr 10.1.0.0/24 drop'), DROPS],
  ['of inet', chain('inet', INGRESS, 'tcp dport 80 drop'), DROPS],
  ['on the way out', chain('netdev', EGRESS, 'tcp dport 80 drop'), DROPS],
  ['the answer comes in there', chain('netdev', INGRESS.replace('eth0', 'eth1'), 'tcp sport 80 drop'), DROPS],
  [
    'of a device that the listing leaves out',
    chain('netdev', 'hook ingress priority 0; policy accept', 'tcp dport 80 drop'),
    'tcp dport 80 drop',
  ],
  ['of another device', chain('netdev', INGRESS.replace('eth0', 'eth7'), 'drop'), undefined],
  ['it marks', chain('netdev', INGRESS, 'meta mark set 0x1'), 'meta mark set 0x1'],
  ['it sends it elsewhere', chain('netdev', INGRESS, 'fwd to "eth7"'), 'fwd to "eth7"'],
  ['its policy, which drops it', chain('netdev', INGRESS.replace('accept', 'drop'), 'tcp dport 81 accept'), DROPS],
  ['its policy', chain('netdev', INGRESS.replace('accept', 'drop'), 'tcp dport 80 accept'), null],
  ['of a bridge, which is not passed', chain('bridge', 'hook forward priority 0; policy accept', 'drop'), undefined],
  ['of ARP, which accepts', chain('arp', 'hook input priority 0; policy accept', 'counter packets 1 bytes 2 accept'), undefined],
  [
    'of ARP, which drops the answers of others',
    chain('arp', ARP_IN, 'arp saddr ip 10.2.0.7 drop', 'arp daddr ip 10.1.0.9 drop'),
    undefined,
  ],
  ['of ARP, which drops questions to others', chain('arp', ARP_OUT, 'arp daddr ip 10.2.0.7 arp operation request drop'), undefined],
  ["of ARP, which drops the next machine's answer", chain('arp', ARP_IN, 'arp saddr ip 10.2.0.2 drop'), null],
  ['of ARP, which drops questions to the next machine', chain('arp', ARP_OUT, 'arp daddr ip 10.2.0.2 drop'), null],
  ['of ARP, which drops all but these questions', chain('arp', ARP_OUT, 'arp daddr ip != 10.2.0.2 drop'), null],
  ['of ARP, which may drop', chain('arp', 'hook input priority 0; policy accept', 'arp operation request drop'), null],
];

it.each(rows)('%s', (_name, listing, rule) => {
  const path = pathOf(listing);
  expect(readText(listing).unread).toEqual([]);
  if (rule === undefined) expect([path?.outcome, path?.failure]).toEqual(['delivered', null]);
  else if (rule === DROPS) expect([path?.outcome, path?.failure?.code]).toEqual(['dropped', 'FILTER_DROP']);
  else expect([path?.outcome, path?.failure?.facts]).toMatchObject(['undetermined', { why: 'below-ip', chain: 'c', rule }]);
});

it('the rule is named, with its line', () => {
  const path = pathOf(chain('netdev', INGRESS, 'tcp dport 22 drop', 'tcp dport 80 meta mark set 0x1'));
  if (path?.failure == null) throw new Error('it is not known');
  expect(failureSentence(path.failure).text).toBe(
    'chain c (table netdev t, ingress of eth0) on router has the rule tcp dport 80 meta mark set 0x1 for this packet; what chains of nft at devices, at bridges and of ARP do is not modelled',
  );
  expect(path.failure.origin.locus?.path).toEqual([4]);
  const dropped = pathOf(chain('netdev', INGRESS, 'tcp dport 22 drop', 'tcp dport 80 drop'));
  expect(dropped?.failure?.origin.locus?.path).toEqual([4]);
});

/** On node-1 of the built-in cluster cni0 switches from pod-a to pod-b, and takes what goes to node-2. */
const bridged: readonly (readonly [hook: string, to: string, isAsked: boolean])[] = [
  ['prerouting', 'pod-b', true],
  ['forward', 'pod-b', true],
  ['postrouting', 'pod-b', true],
  ['input', 'pod-b', false],
  ['output', 'pod-b', false],
  ['forward', 'pod-c', false],
  ['input', 'pod-c', true],
  ['output', 'pod-c', true],
];

const network = networkOf(readFileSync(new URL('../../fixtures/four-pods.yaml', import.meta.url)), 'four-pods.yaml');

it.each(bridged)('a chain of bridges at %s, to %s: %s', (hook, to, isAsked) => {
  const nft = tablesOf(chain('bridge', `hook ${hook} priority 0; policy accept`, 'ip protocol tcp drop'));
  const found = allAsFound(network, (state) => ({ ...state, nft }));
  expect(askIn(found, 'pod-a', to).paths[0]?.outcome).toBe(isAsked ? 'dropped' : 'delivered');
});

it('POSTROUTING of a bridge is not told by which device a packet came in', () => {
  const nft = tablesOf(chain('ip', 'hook postrouting priority 0; policy accept', 'iifname "cni0" drop'));
  const found = allAsFound(network, (state) => ({ ...state, nft }));
  expect(askIn(found, 'pod-a', 'pod-b').outcome).toBe('delivered');
});

/** A ping to node-1, or a SYN; each node answers none where the first is set. */
it.each([
  ['net.ipv4.icmp_echo_ignore_all', 1, 'dropped'],
  ['net.ipv4.icmp_echo_ignore_all', 0, 'delivered'],
])('%s=%i: a ping to a node is %s', (name, value, outcome) => {
  const sysctls = new Map([[name, { value, origin: somewhere }]]);
  const found = allAsFound(network, (state) => ({ ...state, sysctls: new Map([...state.sysctls, ...sysctls]) }));
  expect(askIn(found, 'pod-a', 'node-2').outcome).toBe(outcome);
});

/** Bridge netfilter has seen what pod-a sends: a reset goes back by its port, past the rules that would give it the address of the service. */
it.each([
  ['pod-b', 'rejected', 'refused'],
  ['svc/web', 'dropped', 'time-out'],
])('REJECT with a reset of what goes to %s: %s', (to, outcome, client) => {
  const nft = tablesOf(chain('ip', 'hook forward priority 0; policy accept', 'meta l4proto tcp reject with tcp reset'));
  const found = allAsFound(network, (state) => ({ ...state, nft }));
  const { paths } = askIn(found, 'pod-a', to);
  expect(new Set(paths.map((p) => `${p.outcome} ${p.client}`))).toEqual(new Set([`${outcome} ${client}`]));
  const crossing = paths[0]?.reply?.hops.find((h) => h.kind === 'interface');
  expect(crossing?.device).not.toBe('cni0');
});
