import { A, all, D, DOWN, type Row, UP } from './rows.ts';

/** What the fixtures with an internet have in common: a laptop out there, and a gateway that translates at wan0. */
export const LAPTOP = '198.51.100.7';
/** Of node-1, where each node has a public address of its own. */
export const PUBLIC = '203.0.113.11';
export const N1 = '192.168.1.11';
export const N2 = '192.168.1.12';
export const GATEWAY = '192.168.1.1';

/** From the laptop to the gateway, and back. */
export const IN = ['laptop eth0 out', 'gateway wan0 in'];
export const BACK = ['gateway wan0 out', 'laptop eth0 in'];
/** From the gateway to a node, and back. */
export const TO_N1 = ['gateway eth0 out', 'node-1 eth0 in'];
export const FROM_N1 = ['node-1 eth0 out', 'gateway eth0 in'];
export const TO_N2 = ['gateway eth0 out', 'node-2 eth0 in'];
export const FROM_N2 = ['node-2 eth0 out', 'gateway eth0 in'];

type Ways = Required<Pick<Row, 'forward' | 'reply'>>;

/** pod-a to the laptop: its node masquerades, the gateway translates one to one. */
export const outOneToOne: Ways = {
  forward: [...all(`${A} > ${LAPTOP}`, ...UP), ...all(`${N1} > ${LAPTOP}`, ...FROM_N1), ...all(`${PUBLIC} > ${LAPTOP}`, ...BACK)],
  reply: [...all(`${LAPTOP} > ${PUBLIC}`, ...IN), ...all(`${LAPTOP} > ${N1}`, ...TO_N1), ...all(`${LAPTOP} > ${A}`, ...DOWN)],
};

/** The laptop to node-1's node port, whose endpoint is pod-d on node-2: DNAT at the gateway, DNAT and masquerade at node-1. */
export const inByNodePort = (inD: readonly string[], outD: readonly string[]): Ways => ({
  forward: [
    ...all(`${LAPTOP} > ${PUBLIC}`, ...IN),
    ...all(`${LAPTOP} > ${N1}`, ...TO_N1),
    ...all(`${N1} > ${D}`, 'node-1 eth0 out', 'node-2 eth0 in', ...inD),
  ],
  reply: [
    ...all(`${D} > ${N1}`, ...outD, 'node-2 eth0 out', 'node-1 eth0 in'),
    ...all(`${N1} > ${LAPTOP}`, ...FROM_N1),
    ...all(`${PUBLIC} > ${LAPTOP}`, ...BACK),
  ],
});
