import type { NetnsRole } from '../datapath/roles.ts';
import type { Code } from '../hop/code.ts';
import type { Failure } from '../hop/failure.ts';
import type { Hop } from '../hop/hop.ts';
import type { RouteHop } from '../hop/linux-hop.ts';
import type { Service } from '../k8s/service.ts';
import { type IpAddress, isLoopback } from '../net/address.ts';
import { type Locus, type Origin, placeOf } from '../source/origin.ts';
import type { FlowPath, WalkName } from '../walk/flow-path.ts';
import { type Context, calledService } from './context.ts';
import type { Fix } from './remedy.ts';
import { walkOf } from './walks.ts';

/** A failure, and in which walk of a connection. */
export type Ended<C extends Code = Code> = Failure<C> & { readonly walk: WalkName };

/** All that a fix may be made of. */
export interface Scene<C extends Code = Code> {
  readonly context: Context;
  readonly path: FlowPath;
  readonly facts: Failure<C>['facts'];
  readonly origin: Origin;
  /** The hops of the walk that failed. */
  readonly hops: readonly Hop[];
  /** The namespace where it ended, and the destination that the packet had there; in a tunnel, that of the one that carried it. */
  readonly netns: string;
  readonly role: NetnsRole;
  readonly destination: IpAddress;
  readonly service: Service | null;
}

/** The changes to make, as far as the code of a failure says them. */
export type Fixer<C extends Code = Code> = (scene: Scene<C>) => readonly Fix[];

export function sceneOf<C extends Code>(context: Context, path: FlowPath, failure: Ended<C>): Scene<C> {
  const hops = walkOf(path, failure.walk)?.hops ?? [];
  const last = hops.at(-1);
  return {
    context,
    path,
    facts: failure.facts,
    origin: failure.origin,
    hops,
    netns: last?.netns ?? path.forward.netns.name,
    role: last?.role ?? path.forward.netns.role,
    destination: (last?.outer?.packet ?? last?.packet ?? path.forward.packet).destination,
    service: serviceOf(context, path),
  };
}

function serviceOf({ cluster, question }: Context, path: FlowPath): Service | null {
  if (question.destination.kind === 'service') return question.destination.service;
  if (question.http !== null) return question.http.frontend?.service ?? null;
  const [sent] = path.forward.hops;
  const first = sent?.packet ?? path.forward.packet;
  // A node port is the nodes' own: on a pod's loopback device it is the pod's.
  if (sent?.role === 'pod' && isLoopback(first.destination)) return null;
  // From outside, the gateway may have translated it to a service's address on its way in.
  return (calledService(cluster, first) ?? calledService(cluster, path.forward.packet))?.service ?? null;
}

/** Does the input say it, or is it derived from something else? */
export const isDeclared = ({ origin }: Pick<Scene, 'origin'>): boolean => origin.evidence === 'declared' && origin.locus !== null;

/** Is it a route of the input's, and not one that is derived from something else there? */
export const isStatedRoute = ({ evidence, locus }: Origin): boolean =>
  evidence === 'declared' && locus !== null && /(^|\.)routes(\.add)?\.\d+$/.test(locus.path.join('.'));

/** `topology.yaml:12` */
export const place = (locus: Locus | null): string => (locus === null ? 'the input' : placeOf(locus));

/** `node-1 (topology.yaml:6)`: a machine, and where the input has it. */
export function machine({ context: { cluster } }: Scene, netns: string): string {
  const found = cluster.nodes.get(netns) ?? cluster.pods.get(netns) ?? cluster.underlay.routers.find((r) => r.name === netns);
  return found === undefined ? netns : `${netns} (${place(found.locus)})`;
}

export const routesOf = (hops: readonly Hop[]): readonly RouteHop[] => hops.filter((h): h is RouteHop => h.kind === 'route');
