import { at, type Locus } from '../../source/origin.ts';
import type { Written } from '../schema/topology.ts';
import type { ItemOf, List, ListName, Lists } from './lists.ts';
import { gathered } from './places.ts';

/** A Topology beside Kubernetes objects, and its place. */
export interface Beside {
  readonly input: Written;
  readonly locus: Locus;
}

type Item = ItemOf<ListName>;

/**
 * The lists of objects with those of a Topology beside them, which wins: an item of the same name is the same one, merged field by field; a
 * list in it replaces the object's. Stated endpoints of a service replace all that the objects have of it.
 */
export function mergeLists(lists: Lists, { input, locus }: Beside): Lists {
  const merged = <T extends Item>(name: ListName, own: List<T>, stated: readonly T[] = []): List<T> => {
    if (stated.length === 0) return own;
    return name === 'endpoints' ? withStated(own, stated, at(locus, name)) : mergeList(own, stated, at(locus, name));
  };
  return {
    nodes: merged('nodes', lists.nodes, input.nodes),
    pods: merged('pods', lists.pods, input.pods),
    services: merged('services', lists.services, input.services),
    endpoints: merged('endpoints', lists.endpoints, input.endpoints),
    namespaces: merged('namespaces', lists.namespaces, input.namespaces),
    ingressClasses: merged('ingressClasses', lists.ingressClasses, input.ingressClasses),
    ingresses: merged('ingresses', lists.ingresses, input.ingresses),
    gatewayClasses: merged('gatewayClasses', lists.gatewayClasses, input.gatewayClasses),
    gateways: merged('gateways', lists.gateways, input.gateways),
    httpRoutes: merged('httpRoutes', lists.httpRoutes, input.httpRoutes),
    referenceGrants: merged('referenceGrants', lists.referenceGrants, input.referenceGrants),
    networkPolicies: merged('networkPolicies', lists.networkPolicies, input.networkPolicies),
  };
}

/** Entries of endpoints: of a service that has stated ones, only these. */
function withStated<T extends Item>({ items: own, places }: List<T>, stated: readonly T[], list: Locus): List<T> {
  const services = new Set(stated.map(keyOf));
  const kept = own.flatMap((item, i) => (services.has(keyOf(item)) ? [] : [[item, places[i] ?? list] as const]));
  const all = [...kept, ...stated.map((item, i) => [item, at(list, i)] as const)];
  return { items: all.map(([item]) => item), places: all.map(([, place]) => place) };
}

function mergeList<T extends Item>({ items: own, places }: List<T>, stated: readonly T[], list: Locus): List<T> {
  const items = [...own];
  const found = [...places];
  const index = new Map(own.map((item, i) => [keyOf(item), i]));
  for (const [i, item] of stated.entries()) {
    const here = at(list, i);
    const known = index.get(keyOf(item));
    const object = known === undefined ? undefined : items[known];
    const place = known === undefined ? undefined : found[known];
    if (known === undefined || object === undefined || place === undefined) {
      items.push(item);
      found.push(here);
      continue;
    }
    items[known] = mergeItem(object, item);
    found[known] = gathered(place, (field) => (field in item ? at(here, field) : at(place, field)));
  }
  return { items, places: found };
}

/** By `namespace/name` where the kind has namespaces; entries of endpoints by their service. */
const keyOf = (item: Item): string => {
  const name = 'service' in item && !('name' in item) ? item.service : 'name' in item ? item.name : '';
  return `${'namespace' in item && item.namespace !== undefined ? item.namespace : 'default'}/${name}`;
};

/** Fields that say the same, one value or several: of two the stated one counts. */
const PAIRS = [
  ['ip', 'ips'],
  ['podCIDR', 'podCIDRs'],
  ['clusterIP', 'clusterIPs'],
] as const;

function mergeItem<T extends Item>(object: T, stated: T): T {
  const taken = new Set<string>(PAIRS.flatMap((pair) => (pair.some((field) => field in stated) ? pair : [])));
  const left = Object.fromEntries(Object.entries(object).filter(([field]) => !taken.has(field)));
  return {
    ...left,
    ...stated,
    ...('containers' in stated && 'seen' in object ? { seen: { ...object.seen, socketsStated: true } } : {}),
  } as T;
}
