import type { Locus } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';

/** What objects say in the words of a Topology's list, and where each item stands. */
export interface List<T> {
  readonly items: T[];
  readonly places: readonly Locus[];
}

/** The lists of a Topology that objects can say. */
export type ListName =
  | 'nodes'
  | 'pods'
  | 'services'
  | 'endpoints'
  | 'namespaces'
  | 'ingressClasses'
  | 'ingresses'
  | 'gatewayClasses'
  | 'gateways'
  | 'httpRoutes'
  | 'referenceGrants'
  | 'networkPolicies';

export type ItemOf<N extends ListName> = NonNullable<TopologyInput[N]>[number];

export type Lists = { readonly [N in ListName]: List<ItemOf<N>> };

/** The lists alone, as fields of a Topology. */
export function itemsOf(lists: Lists): Pick<TopologyInput, ListName> {
  return {
    nodes: lists.nodes.items,
    pods: lists.pods.items,
    services: lists.services.items,
    endpoints: lists.endpoints.items,
    namespaces: lists.namespaces.items,
    ingressClasses: lists.ingressClasses.items,
    ingresses: lists.ingresses.items,
    gatewayClasses: lists.gatewayClasses.items,
    gateways: lists.gateways.items,
    httpRoutes: lists.httpRoutes.items,
    referenceGrants: lists.referenceGrants.items,
    networkPolicies: lists.networkPolicies.items,
  };
}
