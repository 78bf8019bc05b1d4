import type { NetnsBuilder } from '../datapath/builder.ts';
import { type Recognised, recognise } from '../datapath/found/names.ts';
import { type FoundState, NOTHING_FOUND } from '../datapath/found-state.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Cni } from '../k8s/cni.ts';
import { UNKNOWN_MODE } from '../k8s/guessed-proxy.ts';
import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';

/** What was found on a node, by the names that its devices have there; null: nothing was. */
export function recognisedOn({ found }: Node, host: NetnsBuilder, cni: Cni, pods: readonly Pod[]): Recognised | null {
  if (found === null) return null;
  return recognise(host, found, madeUpNames(cni, pods), cni.routesByProgram === true ? withoutWays(found) : found);
}

/** A name that counts pods is none that a plugin gives: a real one is random. */
function madeUpNames({ hostEnd }: Cni, pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(pods.flatMap((pod) => (hostEnd(pod, 0) === hostEnd(pod, 1) ? [] : pods.map((_, nth) => hostEnd(pod, nth)))));
}

/** Does something else than kube-proxy do services, in the place of rules? */
export const isBesideNetfilter = ({ kubeProxy: { guess } }: Cluster, { replacesProxy }: Cni): boolean =>
  replacesProxy === true || (guess !== null && guess.name !== UNKNOWN_MODE);

/** Programs take packets by other ways than the devices and the routes of a node show: these are as they are compiled. */
const withoutWays = (found: FoundState): FoundState => {
  const { links, addresses, neighbours, fdb, routes, areAllTables, rules } = NOTHING_FOUND;
  return { ...found, links, addresses, neighbours, fdb, routes, areAllTables, rules };
};
