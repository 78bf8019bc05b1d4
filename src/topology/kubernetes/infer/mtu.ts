import type { CniMode, Fact } from '../../../k8s/fact.ts';
import type { Clues } from './clues.ts';
import type { CniRows } from './cni/rows.ts';
import { decide } from './decide.ts';
import { assumes } from './saying.ts';

const ETHERNET = 1500;

export const nodeMtu = (clues: Clues, rows: CniRows): Fact =>
  decide(clues.given, 'nodeMTU', null, rows.nodeMtu?.(clues) ?? [], () => [assumes(ETHERNET, 'that of Ethernet')]);

/** The outer headers of a tunnel, in bytes; VXLAN over IPv6 has 20 more. */
const OVERHEAD: Readonly<Record<string, number>> = { vxlan: 50, geneve: 50, ipip: 20 };

/** The MTU of pods: what the plugin is told, else what the NIC leaves. */
export function mtu(clues: Clues, rows: CniRows, mode: CniMode | null, nic: Fact, isIpv6: boolean): Fact {
  const tunnel = /^(vxlan|geneve|ipip)/.exec(mode ?? '')?.[1];
  const overhead = tunnel === undefined ? 0 : (OVERHEAD[tunnel] ?? 0) + (isIpv6 && tunnel !== 'ipip' ? 20 : 0);
  const whole = typeof nic.value === 'number' ? nic.value : ETHERNET;
  const words = tunnel === undefined ? "that of the node's NIC" : `that of the node's NIC less ${overhead} of the tunnel`;
  return decide(clues.given, 'mtu', null, rows.mtu?.(clues, mode, whole) ?? [], () => [assumes(whole - overhead, words)]);
}
