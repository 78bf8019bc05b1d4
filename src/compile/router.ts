import { newNetns } from '../datapath/build.ts';
import type { Socket } from '../datapath/netns.ts';
import { FORWARDING } from '../datapath/sysctl.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { assumed, declared, inferred, type Locus } from '../source/origin.ts';

/** The usual MTU of an Ethernet link. */
export const NIC_MTU = 1500;
export const GATEWAY = 'gateway';

/** A machine that passes packets on. What may listen on it does so on all of its addresses, or on those that are given. */
export function forwardingMachine(
  name: string,
  locus: Locus,
  families: readonly IpFamily[],
  addresses: readonly IpAddress[] | null = null,
) {
  const origin = declared(locus);
  const process = `a process on ${name}`;
  const sockets = (addresses ?? [null]).map(
    (address): Socket => ({ protocol: null, address, port: null, process, origin: assumed(locus) }),
  );
  const builder = newNetns(name, name, origin, sockets, families);
  for (const family of families) builder.sysctls.set(FORWARDING[family], { value: 1, origin: inferred(null) });
  return builder;
}
