import { at, type Locus } from '../../source/origin.ts';
import type { Written } from '../schema/topology.ts';
import type { Lists, NAMES } from './input/index.ts';
import { gathered } from './places.ts';

/** A Topology beside Kubernetes objects, and its place. */
export interface Beside {
  readonly input: Written;
  readonly locus: Locus;
}

type Name = (typeof NAMES)[number];
type Item = NonNullable<Lists['input'][Name]>[number];

/**
 * The lists of objects with those of a Topology beside them, which wins: an item of the same name is the same one, merged field by field; a
 * list in it replaces the object's. Stated endpoints of a service replace all that the objects have of it.
 */
export function mergeLists({ input, places }: Lists, beside: Beside): Lists {
  const merged = <T extends Item>(name: Name, own: readonly T[] = [], stated: readonly T[] = []): List<T> => {
    if (stated.length === 0) return { items: [...own], places: places[name] };
    const list = at(beside.locus, name);
    return name === 'endpoints' ? withStated(own, places[name], stated, list) : mergeList(own, places[name], stated, list);
  };
  const nodes = merged('nodes', input.nodes, beside.input.nodes);
  const pods = merged('pods', input.pods, beside.input.pods);
  const services = merged('services', input.services, beside.input.services);
  const endpoints = merged('endpoints', input.endpoints, beside.input.endpoints);
  const namespaces = merged('namespaces', input.namespaces, beside.input.namespaces);
  const ingressClasses = merged('ingressClasses', input.ingressClasses, beside.input.ingressClasses);
  const ingresses = merged('ingresses', input.ingresses, beside.input.ingresses);
  const gatewayClasses = merged('gatewayClasses', input.gatewayClasses, beside.input.gatewayClasses);
  const gateways = merged('gateways', input.gateways, beside.input.gateways);
  const httpRoutes = merged('httpRoutes', input.httpRoutes, beside.input.httpRoutes);
  const referenceGrants = merged('referenceGrants', input.referenceGrants, beside.input.referenceGrants);
  return {
    input: {
      nodes: nodes.items,
      pods: pods.items,
      services: services.items,
      endpoints: endpoints.items,
      namespaces: namespaces.items,
      ingressClasses: ingressClasses.items,
      ingresses: ingresses.items,
      gatewayClasses: gatewayClasses.items,
      gateways: gateways.items,
      httpRoutes: httpRoutes.items,
      referenceGrants: referenceGrants.items,
    },
    places: {
      nodes: nodes.places,
      pods: pods.places,
      services: services.places,
      endpoints: endpoints.places,
      namespaces: namespaces.places,
      ingressClasses: ingressClasses.places,
      ingresses: ingresses.places,
      gatewayClasses: gatewayClasses.places,
      gateways: gateways.places,
      httpRoutes: httpRoutes.places,
      referenceGrants: referenceGrants.places,
    },
  };
}

interface List<T> {
  readonly items: T[];
  readonly places: readonly Locus[];
}

/** Entries of endpoints: of a service that has stated ones, only these. */
function withStated<T extends Item>(own: readonly T[], places: readonly Locus[], stated: readonly T[], list: Locus): List<T> {
  const services = new Set(stated.map(keyOf));
  const kept = own.flatMap((item, i) => (services.has(keyOf(item)) ? [] : [[item, places[i] ?? list] as const]));
  const all = [...kept, ...stated.map((item, i) => [item, at(list, i)] as const)];
  return { items: all.map(([item]) => item), places: all.map(([, place]) => place) };
}

function mergeList<T extends Item>(own: readonly T[], places: readonly Locus[], stated: readonly T[], list: Locus): List<T> {
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
  const taken = new Set(PAIRS.flatMap((pair) => (pair.some((field) => field in stated) ? pair : [])));
  const left = Object.fromEntries(Object.entries(object).filter(([field]) => !taken.has(field as (typeof PAIRS)[number][number])));
  return {
    ...left,
    ...stated,
    ...('containers' in stated && 'seen' in object ? { seen: { ...object.seen, socketsStated: true } } : {}),
  } as T;
}
