import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FoundLink, type FoundState, type FoundTable, NOTHING_FOUND } from '../../src/datapath/found-state.ts';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import { ip } from '../../src/net/address.ts';
import { askIn, networkOf } from '../tracing.ts';
import { allAsFound, somewhere } from './as-found.ts';

/** Devices of which nothing that was found tells whose they are: nobody knows who is behind them, and what rules about them take. */

const FOUR_PODS = readFileSync(new URL('../../fixtures/four-pods.yaml', import.meta.url), 'utf8');
const by = (cni: string) => networkOf(FOUR_PODS.replace('cni: bridge', `cni: ${cni}`));
const BRIDGE = by('bridge');
const PTP = by('ptp');
const CALICO = by('calico');

const link = (name: string, more: Partial<FoundLink>): FoundLink => ({
  name,
  index: null,
  kind: 'veth',
  up: true,
  carrier: true,
  mtu: 1500,
  mac: null,
  master: null,
  link: null,
  hairpin: null,
  isolated: null,
  vxlan: null,
  tunnel: null,
  vlan: null,
  vrf: null,
  origin: somewhere,
  ...more,
});

const ends = (network: typeof BRIDGE, change: (state: FoundState) => FoundState, from: string, to: string) => {
  const { paths } = askIn(
    allAsFound(network, (state, node) => (node === 'node-1' ? change(state) : state)),
    from,
    to,
  );
  return paths.map((p) => [p.outcome, p.reason?.code, p.reason?.message ?? '']);
};

describe('who has an address on a bridge', () => {
  const withPort = (state: FoundState): FoundState => ({
    ...state,
    links: [...(state.links ?? []), link('vethdeadbeef', { master: 'cni0' })],
  });
  const failed = (state: FoundState): FoundState => ({
    ...withPort(state),
    neighbours: [{ address: ip('10.244.1.99'), device: 'cni0', lladdr: null, state: 'FAILED', origin: somewhere }],
  });
  it.each([
    ['nobody, where each port is a pod of the input', (s: FoundState) => s, 'pod-d', 'rejected', 'NEIGHBOUR_UNREACHABLE'],
    ['who is behind another port, which may have it', withPort, 'pod-d', 'undetermined', 'FACT_MISSING'],
    ['and so for a pod on the bridge itself', withPort, 'pod-a', 'undetermined', 'FACT_MISSING'],
    ['nobody, as the node has asked for it', failed, 'pod-d', 'rejected', 'NEIGHBOUR_UNREACHABLE'],
  ] as const)('%s', (_name, change, from, outcome, code) => {
    expect(ends(BRIDGE, change, from, '10.244.1.99').map((e) => e.slice(0, 2))).toEqual([[outcome, code]]);
  });
  it('a pod of the input has its own all the same', () => {
    expect(ends(BRIDGE, withPort, 'pod-a', 'pod-b').map(([outcome]) => outcome)).toEqual(['delivered']);
  });
});

const dropping = (...matches: readonly Match[]): FoundState['iptables'] => {
  const table: FoundTable = {
    policies: new Map(),
    chains: new Map([['FORWARD', [{ matches, target: { kind: 'DROP' }, comment: null, origin: somewhere }]]]),
    origin: somewhere,
  };
  return { IPv4: new Map([['filter', table]]), IPv6: new Map() };
};

/** What comes in by this device, or by what begins so, is dropped; nothing tells the names of the pods' veths. */
const fromDevice =
  (name: string, links: FoundState['links'] = null, negated = false) =>
  (): FoundState => ({ ...NOTHING_FOUND, links, iptables: dropping({ kind: 'in-interface', name, negated }) });

const EXACT = /-i vethdeadbeef/;
const NIC = link('eth0', { kind: null });

describe('a rule about a device', () => {
  it.each([
    ['which may be that of the pod', PTP, fromDevice('vethdeadbeef'), 'undetermined', EXACT],
    ['which may begin as that of the pod', PTP, fromDevice('veth+'), 'undetermined', /-i veth\+/],
    ['which may be another than that of the pod', PTP, fromDevice('vethdeadbeef', null, true), 'undetermined', /! -i vethdeadbeef/],
    [
      'which is that of the pod, as no other was found',
      PTP,
      fromDevice('vethdeadbeef', [NIC, link('vethdeadbeef', {})]),
      'dropped',
      /FORWARD/,
    ],
    [
      'which is one of two that were found',
      PTP,
      fromDevice('vethdeadbeef', [NIC, link('vethdeadbeef', {}), link('veth0badcafe', {})]),
      'undetermined',
      EXACT,
    ],
    ['which is not there', PTP, fromDevice('wg0', [NIC, link('vethdeadbeef', {})]), 'delivered', /^$/],
    ['which is another', PTP, fromDevice('eth0'), 'delivered', /^$/],
    ["whose name follows from the pod's: it is none of another", CALICO, fromDevice('vethdeadbeef'), 'delivered', /^$/],
    ["whose name follows from the pod's, and begins so", CALICO, fromDevice('cali+'), 'dropped', /FORWARD/],
  ] as const)('%s', (_name, network, change, outcome, says) => {
    const [end, ...others] = ends(network, change, 'pod-a', 'pod-b');
    expect(others).toEqual([]);
    expect(end?.[0]).toBe(outcome);
    expect(end?.[2]).toMatch(says);
  });

  it.each([
    ['as it is usually called', 'eth0', 'dropped', /FORWARD/],
    ['as others are', 'ens5', 'undetermined', /-i ens5/],
    ['as bridges are', 'docker0', 'delivered', /^$/],
  ])('which may be that of the NIC, where nothing names a device: %s', (_name, device, outcome, says) => {
    const [end] = ends(PTP, fromDevice(device), 'pod-d', 'pod-a');
    expect(end?.[0]).toBe(outcome);
    expect(end?.[2]).toMatch(says);
  });

  it('which may be that of the NIC', () => {
    const change = fromDevice('ens5', [link('ens5', { kind: null }), link('vethdeadbeef', {}), link('wlan0', { kind: null })]);
    const [end] = ends(PTP, change, 'pod-d', 'pod-a');
    expect(end?.[0]).toBe('undetermined');
    expect(end?.[2]).toMatch(/-i ens5/);
  });
});
