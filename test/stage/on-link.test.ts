import { expect, it } from 'vitest';
import { addAddress } from '../../src/datapath/add-address.ts';
import { addNic, newNetns } from '../../src/datapath/build.ts';
import type { Nic, Segment } from '../../src/datapath/netns.ts';
import { ip } from '../../src/net/address.ts';
import { cidr } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { isUnknownOutside, resolve } from '../../src/stage/neighbour.ts';
import type { Learned, Skb } from '../../src/stage/skb.ts';

/** Who is heard by whom on a link: a machine does not hear itself, and knows an asker on the link that it was asked on only. */
const origin = inferred(null);
const OWN = ip('10.1.0.1');
const ASKER = ip('10.1.0.2');

function segment(name: string, nics: readonly Nic[], outside = false): Segment {
  const owner = (a: Nic['addresses'][number]['address']) => nics.find((n) => n.addresses.some((x) => x.address === a)) ?? null;
  return { name, origin, outside, fabric: null, refuses: () => null, known: () => [], proxies: () => [], owner };
}

const inside: Nic[] = [];
const link = segment('inside', inside);
const machine = newNetns({ name: 'machine', node: 'machine', role: 'node' }, origin, []);
const eth0 = addNic(machine, 'eth0', link, 1500, origin);
const wan0 = addNic(machine, 'wan0', segment('the internet', [], true), 1500, origin);
const other = addNic(newNetns({ name: 'other', node: 'other', role: 'node' }, origin, []), 'eth0', link, 1500, origin);
inside.push(eth0, other);
addAddress(machine, eth0, OWN, cidr('10.1.0.0/24'), origin);
addAddress(machine, wan0, ip('203.0.113.1'), cidr('203.0.113.0/24'), origin);

const asked = (on: Nic): Pick<Skb, 'learned' | 'packet'> => {
  const learned: Learned = { netns: 'machine', address: ASKER, device: other, on, older: null };
  const addresses = { source: OWN, sourcePort: 40000, destination: ASKER, destinationPort: 80 };
  return { learned, packet: { protocol: 'tcp', ...addresses, tcpFlags: 'SYN', ttl: 64, size: 60, icmp: null } };
};

it('arp_ignore is not about addresses that a machine stands for', () => {
  const ignoring = newNetns({ name: 'ignoring', node: 'ignoring', role: 'node' }, origin, []);
  ignoring.sysctls.set('net.ipv4.conf.all.arp_ignore', { value: 3, origin });
  const nic = addNic(ignoring, 'eth0', link, 1500, origin);
  const asking = addNic(
    newNetns({ name: 'asking', node: 'asking', role: 'node' }, origin, []),
    'eth0',
    { ...link, owner: () => nic },
    1500,
    origin,
  );
  expect(resolve(asking, ip('10.9.0.9'), false, { ...asked(eth0), learned: null })).toMatchObject({ device: nic });
});

it('nobody answers his own question', () => {
  expect(resolve(eth0, OWN, false, { ...asked(eth0), learned: null })).toMatchObject({ failure: { code: 'NEIGHBOUR_UNREACHABLE' } });
});

it.each<[string, Nic, boolean]>([
  ['on this link', wan0, false],
  ['on another link', eth0, true],
])('one that has asked %s', (_name, on, isUnknown) => expect(isUnknownOutside(wan0, ASKER, asked(on))).toBe(isUnknown));
