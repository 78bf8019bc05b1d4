import { at, type Locus } from '../../source/origin.ts';
import type { Written } from '../schema/topology.ts';
import { type Lists, NAMES } from './input/index.ts';
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
  const merged = NAMES.map((name) => {
    const own: readonly Item[] = input[name] ?? [];
    const stated: readonly Item[] = beside.input[name] ?? [];
    return [
      name,
      stated.length === 0 ? { items: own, places: places[name] } : mergeList(name, own, places[name], stated, at(beside.locus, name)),
    ] as const;
  });
  return {
    input: Object.fromEntries(merged.map(([name, { items }]) => [name, items])) as unknown as Lists['input'],
    places: Object.fromEntries(merged.map(([name, list]) => [name, list.places])) as Lists['places'],
  };
}

interface List {
  readonly items: readonly Item[];
  readonly places: readonly Locus[];
}

function mergeList(name: Name, own: readonly Item[], places: readonly Locus[], stated: readonly Item[], list: Locus): List {
  if (name === 'endpoints') {
    const services = new Set(stated.map(keyOf));
    const kept = own.flatMap((item, i) => (services.has(keyOf(item)) ? [] : [[item, places[i] ?? list] as const]));
    const all = [...kept, ...stated.map((item, i) => [item, at(list, i)] as const)];
    return { items: all.map(([item]) => item), places: all.map(([, place]) => place) };
  }
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

function mergeItem(object: Item, stated: Item): Item {
  const taken = new Set(PAIRS.flatMap((pair) => (pair.some((field) => field in stated) ? pair : [])));
  const left = Object.fromEntries(Object.entries(object).filter(([field]) => !taken.has(field as (typeof PAIRS)[number][number])));
  return {
    ...left,
    ...stated,
    ...('containers' in stated && 'seen' in object ? { seen: { ...object.seen, socketsStated: true } } : {}),
  } as Item;
}
