import type { FoundState } from '../datapath/found-state.ts';
import type { Unrouted } from '../datapath/unrouted.ts';
import { FAMILIES } from '../net/address.ts';

/** Without any routes it is not known by which device a packet comes and goes, and without addresses, either, which ones are the machine's. */
export function withWaysUnknown(state: FoundState): FoundState {
  const { links, addresses, neighbours, fdb, routes, areAllTables } = state;
  if (FAMILIES.some((f) => routes[f].size > 0 || areAllTables[f])) return state;
  const named = [...(links ?? []).map((l) => l.name), ...FAMILIES.flatMap((f) => addresses[f] ?? []).map((a) => a.device)];
  const devices = [...new Set([...named, ...[...(neighbours ?? []), ...(fdb ?? [])].map((n) => n.device)])].filter((name) => name !== 'lo');
  const unrouted: Unrouted = {
    devices: devices.length === 0 ? null : devices,
    addresses: FAMILIES.filter((f) => addresses[f] === null),
  };
  return { ...state, unrouted };
}
