import type { Part, Table } from './change-hooks.ts';
import type { Dice } from './dice.ts';
import { type Ground, MARK } from './ground.ts';

export const MARKS: readonly Part[] = [
  (_g, dice) => `MARK --set-xmark ${dice.one(MARK)}`,
  (_g, dice) => `MARK --set-mark ${dice.one(MARK)}`,
  (_g, dice) => `MARK --or-mark ${dice.one(['0x4000', '0x1', '0x8000'])}`,
  (_g, dice) => `MARK --and-mark ${dice.one(['0xffffbfff', '0xfffffffe'])}`,
  (_g, dice) => `MARK --xor-mark ${dice.one(['0x4000', '0x1'])}`,
  (_g, dice) =>
    `CONNMARK ${dice.one([
      '--save-mark',
      '--restore-mark',
      '--set-xmark 0x1/0x1',
      '--set-xmark 0x4000/0x4000',
      '--set-mark 0x8000/0xf000',
      '--and-mark 0xfffffffe',
      '--or-mark 0x10',
      '--restore-mark --nfmask 0x4000 --ctmask 0x4000',
      '--save-mark --nfmask 0x4001 --ctmask 0xff',
      '--restore-mark --mask 0x1',
    ])}`,
];

const span = (a: string, b: string): string => {
  const [first = a, last = b] = [a, b].sort((x, y) => x.localeCompare(y, 'en', { numeric: true }));
  return first === last ? first : `${first}-${last}`;
};

const withPorts = ({ isIpv6 }: Ground, address: string, ports: string) => `${isIpv6 ? `[${address}]` : address}:${ports}`;

const PORTS = ['8080-8090', '8000-8079', '80', '5353-5354'] as const;
const SOURCE_PORTS = ['30000-30005', '1024-65535', '40000', '20000-50000'] as const;
const choice = (dice: Dice) => dice.one(['', '', '', ' --persistent', ' --random']);

/** For rules that ask for the protocol, the others are refused. */
const NAT: readonly Part[] = [
  (g, dice) => `DNAT --to-destination ${span(dice.one(g.pods), dice.one(g.pods))}${choice(dice)}`,
  (g, dice) => `DNAT --to-destination ${withPorts(g, dice.one(g.pods), dice.one(PORTS))}`,
  (_g, dice) => `DNAT --to-destination :${dice.one(PORTS)}`,
  (_g, dice) => `REDIRECT --to-ports ${dice.one(PORTS)}`,
  (g, dice) => `SNAT --to-source ${span(dice.one(g.nodes), dice.one(g.nodes))}${choice(dice)}`,
  (g, dice) => `SNAT --to-source ${withPorts(g, g.own, dice.one(SOURCE_PORTS))}`,
  (g, dice) => `SNAT --to-source ${g.own}${dice.one([' --random', ' --random-fully', ' --persistent'])}`,
  (_g, dice) => `MASQUERADE --to-ports ${dice.one(SOURCE_PORTS)}`,
  (_g, dice) => `MASQUERADE ${dice.one(['--random', '--random-fully'])}`,
  (g, dice) => `NETMAP --to ${dice.one(g.ranges)}`,
  (g, dice) => `NETMAP --to ${dice.one(g.pods)}`,
];

const MANGLE: readonly Part[] = [
  (g, dice) => (g.isIpv6 ? 'HL --hl-set 64' : `TTL ${dice.one(['--ttl-set 64', '--ttl-inc 1', '--ttl-dec 1'])}`),
  () => 'TCPMSS --clamp-mss-to-pmtu',
  (_g, dice) => `DSCP --set-dscp ${dice.one(['0x04', '0x2e'])}`,
  (_g, dice) => `TPROXY --on-port ${dice.one([8080, 9999])} --tproxy-mark 0x1/0x1`,
  (g, dice) => `SET --add-set ${g.isIpv6 ? 'f6' : 'f4'}-passing ${dice.one(['src', 'dst'])}`,
  () => 'CLASSIFY --set-class 1:10',
  (_g, dice) => `NFQUEUE --queue-num 7${dice.rarely(2) ? ' --queue-bypass' : ''}`,
  // No TEE: a capture cannot tell its copies from the packet.
  (_g, dice) => `NFLOG --nflog-group ${dice.one([6, 7])}`,
];

/** What `change-iptables.ts` has not. */
export const FURTHER_TARGETS: Readonly<Record<Table, readonly Part[]>> = {
  raw: [() => 'NOTRACK', (_g, dice) => dice.one(['TRACE', 'CT --notrack', 'CT --zone 5'])],
  mangle: MANGLE,
  nat: NAT,
  filter: [() => 'NFLOG --nflog-group 5'],
};
