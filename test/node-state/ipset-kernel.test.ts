import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type Ipset, matchSet } from '../../src/datapath/netfilter/ipset.ts';
import type { KeyValue } from '../../src/datapath/netfilter/sets.ts';
import { ip } from '../../src/net/address.ts';
import { readIpset } from '../../src/node-state/ipset/read.ts';
import { stateText } from '../../src/node-state/text.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';

/** How many sets of each type; 100 were compared once by hand. */
const TIMES = Number(process.env['IPSET_KERNEL_SETS'] ?? 4);
const ASKED = 12;

const inNetns = (script: string) => spawnSync('unshare', ['-n', 'sh'], { input: script, encoding: 'utf8', maxBuffer: 1e8 });

const isThere = inNetns('ipset create a hash:ip && ipset save').stdout.startsWith('create a ');

/** Few values, so that elements overlap and packets hit them. */
const address = (r: Random) => `10.${r.below(2)}.${r.below(2)}.${r.below(4)}`;
const net = (r: Random) => `${address(r)}/${r.pick([8, 15, 16, 23, 24, 30, 31, 32])}`;
const port = (r: Random) => `${r.pick(['tcp', 'udp', 'sctp'])}:${80 + r.below(3)}`;
const iface = (r: Random) => r.pick(['eth0', 'eth1', 'veth0']);

interface Type {
  readonly create: string;
  readonly element: (r: Random) => string;
  readonly asked: (r: Random) => string;
}

const nomatch = (r: Random) => (r.oneIn(3) ? ' nomatch' : '');

const TYPES: readonly Type[] = [
  { create: 'hash:ip', element: address, asked: address },
  { create: 'hash:ip netmask 24', element: address, asked: address },
  { create: 'bitmap:ip range 10.0.0.0/16', element: address, asked: address },
  { create: 'hash:net', element: (r) => net(r) + nomatch(r), asked: address },
  { create: 'hash:ip,port', element: (r) => `${address(r)},${port(r)}`, asked: (r) => `${address(r)},${port(r)}` },
  { create: 'hash:net,port', element: (r) => `${net(r)},${port(r)}${nomatch(r)}`, asked: (r) => `${address(r)},${port(r)}` },
  {
    create: 'hash:ip,port,net',
    element: (r) => `${address(r)},tcp:80,${net(r)}${nomatch(r)}`,
    asked: (r) => `${address(r)},tcp:80,${address(r)}`,
  },
  { create: 'hash:ip,port,ip', element: (r) => `${address(r)},tcp:80,${address(r)}`, asked: (r) => `${address(r)},tcp:80,${address(r)}` },
  {
    create: 'hash:net,port,net',
    element: (r) => `${net(r)},tcp:80,${net(r)}${nomatch(r)}`,
    asked: (r) => `${address(r)},tcp:80,${address(r)}`,
  },
  { create: 'hash:net,net', element: (r) => `${net(r)},${net(r)}${nomatch(r)}`, asked: (r) => `${address(r)},${address(r)}` },
  { create: 'hash:net,iface', element: (r) => `${net(r)},${iface(r)}${nomatch(r)}`, asked: (r) => `${address(r)},${iface(r)}` },
];

test.skipIf(!isThere).each(TYPES)('a set of type $create has what the kernel says it has', ({ create, element, asked }) => {
  for (let seed = 1; seed <= TIMES; seed++) {
    const r = randomFrom(seed);
    const elements = Array.from({ length: 1 + r.below(8) }, () => element(r));
    const packets = Array.from({ length: ASKED }, () => asked(r));
    const script = [
      `ipset create s ${create} || exit 9`,
      ...elements.map((e) => `ipset -exist add s ${e}`),
      'ipset save; echo ---',
      ...packets.map((p) => `ipset -q test s ${p} && echo yes || echo no`),
    ];
    const { stdout, status } = inNetns(script.join('\n'));
    // Not every kernel has every type.
    if (status === 9) return;
    const [saved = '', answers = ''] = stdout.split('---\n');
    const [piece] = readIpset(stateText('node-1', 'ipset.txt', saved)).pieces;
    const set = piece?.kind === 'ipset' ? piece.sets.get('s') : undefined;
    if (set === undefined) throw new Error(`no set in ${saved}`);
    const ours = packets.map((p) => `${p} ${isIn(set, p) ? 'yes' : 'no'}`);
    expect(ours, saved).toEqual(
      answers
        .trim()
        .split('\n')
        .map((a, i) => `${packets[i]} ${a}`),
    );
  }
});

/** Each part in a field of its own: addresses and ports are those of the source, then those of the destination. */
function isIn(set: Ipset, packet: string): boolean {
  const values: KeyValue[] = packet.split(',').flatMap((part): KeyValue[] => {
    const [protocol, number] = part.split(':');
    if (number !== undefined && protocol !== undefined) return [protocol, Number(number)];
    return [/^\d/.test(part) ? ip(part) : part];
  });
  return matchSet(set, ['src', 'src', 'src'], 'IPv4')?.set.find(values) !== undefined;
}
