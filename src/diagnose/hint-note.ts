import { isNatHop } from '../hop/hop.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { sayVoid, voidHints, wouldNarrow } from '../k8s/hints.ts';
import { zoneOf } from '../k8s/node.ts';
import { packetFamily } from '../net/packet.ts';
import { at, type Locus } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { type Context, calledService } from './context.ts';

/** Hints of the service that was called, which would have chosen among its endpoints had they counted. */
export function hintNote(
  { cluster }: Context,
  { forward: { hops } }: FlowPath,
): { readonly message: string; readonly locus: Locus } | null {
  const translated = hops.findIndex((h) => isNatHop(h) && h.action === 'dnat' && h.role === 'node');
  const before = hops[translated - 1]?.packet;
  const node = cluster.nodes.get(hops[translated]?.node ?? '');
  const called = before === undefined ? null : calledService(cluster, before);
  if (before === undefined || node === undefined || called === null || called.port === null) return null;
  const { service, port, entry } = called;
  // Local has its own choice, which hints do not narrow.
  if ((entry === 'cluster' ? service.internalTrafficPolicy : service.externalTrafficPolicy) === 'Local') return null;
  const family = packetFamily(before);
  const here = { name: node.name, zone: zoneOf(node) };
  const found = voidHints(port, family);
  if (found !== null) return wouldNarrow(found, port, here, family) ? sayVoid(service, port, found) : null;
  const zones = new Set(readyEndpoints(port, family).flatMap((e) => e.hints?.zones ?? []));
  if (here.zone !== null || zones.size < 2) return null;
  const message = `${node.name} has no zone (label topology.kubernetes.io/zone), so there service ${service.name} prefers no endpoint, whatever their hints`;
  return { message, locus: at(node.locus, 'labels') };
}
