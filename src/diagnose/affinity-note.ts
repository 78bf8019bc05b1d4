import { isNatHop } from '../hop/hop.ts';
import { at } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import { type Context, calledService } from './context.ts';

/**
 * Session affinity is a list of clients that each node keeps for each endpoint. It starts empty, so a trace has every endpoint; the next
 * connection has only one.
 */
export function affinityNote({ cluster }: Context, paths: readonly FlowPath[]): Assumption | null {
  if (paths.length < 2) return null;
  const chosen = paths.flatMap(({ forward: { hops } }) => {
    const translated = hops.findIndex((h) => isNatHop(h) && h.action === 'dnat' && h.role === 'node');
    const before = hops[translated - 1];
    const called = before === undefined ? null : calledService(cluster, before.packet);
    return called === null ? [] : [{ service: called.service, packet: hops[translated]?.packet }];
  });
  const [first] = chosen;
  const endpoints = new Set(chosen.map(({ packet }) => `${packet?.destination}:${packet?.destinationPort}`));
  if (first === undefined || first.service.sessionAffinityTimeoutSeconds === null || endpoints.size < 2) return null;
  const { name, sessionAffinityTimeoutSeconds: affinitySeconds, locus } = first.service;
  const message = `this is the client's first connection to service ${name}; with sessionAffinity ClientIP those of the next ${affinitySeconds} seconds go to the endpoint that it got, and each starts that time anew`;
  return { message, locus: at(locus, 'sessionAffinity') };
}
