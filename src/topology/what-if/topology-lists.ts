import type { Path } from '../../source/origin.ts';
import type { Kind } from '../kubernetes/kinds.ts';
import { isOwnKind, OWN_LISTS } from './kind-words.ts';
import { nameOfTarget, type Target } from './targets.ts';
import { fieldsOf, isMapping, itemsOf, listOf, mappingOf, part, type Traced } from './traced.ts';
import { valueAt } from './whole.ts';

/** The lists of a Topology that have names, by the kind of what is in them; `needs`: one of these is in whatever is all of an item. */
interface NamedList {
  readonly kind: string;
  readonly path: Path;
  readonly needs: readonly string[];
}

export const NAMED_LISTS: readonly NamedList[] = [
  { kind: 'Node', path: ['nodes'], needs: ['ip', 'ips'] },
  { kind: 'Pod', path: ['pods'], needs: ['node'] },
  { kind: 'Service', path: ['services'], needs: ['ports', 'type', 'clusterIP', 'clusterIPs', 'externalName'] },
  { kind: 'Endpoints', path: ['endpoints'], needs: ['addresses'] },
  { kind: 'Namespace', path: ['namespaces'], needs: [] },
  { kind: 'IngressClass', path: ['ingressClasses'], needs: ['controller'] },
  { kind: 'Ingress', path: ['ingresses'], needs: ['rules', 'defaultBackend'] },
  { kind: 'GatewayClass', path: ['gatewayClasses'], needs: ['controllerName'] },
  { kind: 'Gateway', path: ['gateways'], needs: ['listeners'] },
  { kind: 'HTTPRoute', path: ['httpRoutes'], needs: ['rules', 'parentRefs'] },
  { kind: 'ReferenceGrant', path: ['referenceGrants'], needs: ['from', 'to'] },
  { kind: 'NetworkPolicy', path: ['networkPolicies'], needs: ['podSelector'] },
  { kind: 'Router', path: OWN_LISTS.Router, needs: ['interfaces'] },
  { kind: 'Segment', path: OWN_LISTS.Segment, needs: ['cidr', 'cidrs'] },
  { kind: 'Client', path: OWN_LISTS.Client, needs: ['ip', 'ips'] },
];

const IN_NO_NAMESPACE: ReadonlySet<string> = new Set(['Node', 'Namespace', 'IngressClass', 'GatewayClass', 'Router', 'Segment', 'Client']);

/** `Pod/default/pod-a`, `Node/node-1`; entries of endpoints by their service, and their port behind it. */
export function itemName({ kind }: NamedList, item: Traced): string {
  const text = (field: string) => {
    const { value } = part(item, field);
    return typeof value === 'string' ? value : null;
  };
  const name = text('name') ?? text('service') ?? '';
  return `${kind}/${IN_NO_NAMESPACE.has(kind) ? '' : `${text('namespace') ?? 'default'}/`}${name}`;
}

const keyOf = (list: NamedList, item: Traced): string =>
  list.kind === 'Endpoints' ? `${itemName(list, item)}:${String(valueAt(item, ['port']) ?? '')}` : itemName(list, item);

const listIn = (topology: Traced, path: Path): Traced => path.reduce((here: Traced, step) => part(here, step), topology);

export const itemsIn = (topology: Traced, { path }: NamedList): readonly Traced[] => itemsOf(listIn(topology, path));

/** A Topology with another list; where there was none, as the patch that makes it. */
export function withItems(topology: Traced, path: Path, items: readonly Traced[]): Traced {
  const [step, ...rest] = path;
  if (step === undefined) return listOf(topology.value === undefined ? (items[0]?.at ?? topology.at) : topology.at, items);
  const below = part(topology, step);
  const next = withItems(rest.length > 0 && !isMapping(below.value) ? { ...below, value: {} } : below, rest, items);
  return mappingOf(topology.at, new Map([...fieldsOf(topology), [String(step), next]]));
}

/** The names of a kind in a Topology. */
export function namesIn(topology: Traced, kind: string): readonly string[] {
  const own = NAMED_LISTS.filter((l) => l.kind === kind).flatMap((l) => itemsIn(topology, l).map((i) => itemName(l, i)));
  return kind === 'Namespace' ? [...new Set([...own, ...namespacesIn(topology)])] : own;
}

const namespacesIn = (topology: Traced): readonly string[] =>
  NAMED_LISTS.filter((l) => !IN_NO_NAMESPACE.has(l.kind)).flatMap((l) =>
    itemsIn(topology, l).map((i) => `Namespace/${itemName(l, i).split('/')[1] ?? ''}`),
  );

/** A Topology without what is meant, and the names of what went: of a service its endpoints too, of a namespace all that is in it. */
export function withoutItem(topology: Traced, target: Target): { readonly topology: Traced; readonly gone: readonly string[] } {
  const wanted = nameOfTarget(target);
  const gone: string[] = [];
  let now = topology;
  for (const list of NAMED_LISTS) {
    const items = itemsIn(now, list);
    const left = items.filter((item) => {
      const name = itemName(list, item);
      const isBelow = target.kind === 'Namespace' && !IN_NO_NAMESPACE.has(list.kind) && name.split('/')[1] === target.name;
      const isOf = target.kind === 'Service' && list.kind === 'Endpoints' && name === `Endpoints/${target.namespace}/${target.name}`;
      if (name !== wanted && !isBelow && !isOf) return true;
      gone.push(name);
      return false;
    });
    if (left.length < items.length) now = withItems(now, list.path, left);
  }
  return { topology: now, gone };
}

/** What a patch does to an item of a list; null: it is not all of one, and none has its name. */
export type ItemChange = {
  readonly name: string;
  readonly change: 'added' | 'merged' | 'replaced' | 'removed';
  readonly at: Traced;
} | null;

/** The items of a list with those of a patch: by their names merged or added; `$patch: delete` takes one away, `replace` takes its place. */
export function mergedItems(
  list: NamedList,
  own: readonly Traced[],
  patches: readonly Traced[],
  merge: (item: Traced, patch: Traced) => Traced,
  note: (change: ItemChange, patch: Traced) => void,
): readonly Traced[] {
  const items = [...own];
  for (const given of patches) {
    const directive = valueAt(given, ['$patch']);
    const patch = withoutField(given, '$patch');
    const name = itemName(list, patch);
    const index = items.findIndex((item) => keyOf(list, item) === keyOf(list, patch));
    const item = items[index];
    if (item === undefined) {
      const isAll = list.needs.length === 0 || list.needs.some((field) => part(patch, field).value !== undefined);
      if (directive !== 'delete' && isAll) items.push(patch);
      note(directive !== 'delete' && isAll ? { name, change: 'added', at: given } : null, given);
    } else if (directive === 'delete') {
      items.splice(index, 1);
      note({ name, change: 'removed', at: given }, given);
    } else {
      items[index] = directive === 'replace' ? patch : merge(item, patch);
      note({ name, change: directive === 'replace' ? 'replaced' : 'merged', at: given }, given);
    }
  }
  return items;
}

function withoutField(traced: Traced, name: string): Traced {
  if (part(traced, name).value === undefined) return traced;
  const fields = new Map(fieldsOf(traced));
  fields.delete(name);
  return mappingOf(traced.at, fields);
}

/** The lists that an object of a kind has its words in: these have their fields below spec, as the object has. */
export const listOfKind = (kind: Kind): NamedList | null =>
  isOwnKind(kind) || !IN_SPEC.has(kind) ? null : (NAMED_LISTS.find((l) => l.kind === kind) ?? null);

const IN_SPEC: ReadonlySet<Kind> = new Set<Kind>([
  'Service',
  'Namespace',
  'IngressClass',
  'Ingress',
  'GatewayClass',
  'Gateway',
  'HTTPRoute',
  'ReferenceGrant',
  'NetworkPolicy',
]);

/** An object as an item of its list. */
export function itemOfObject(kind: Kind, object: Traced): Traced {
  const [metadata, spec] = [part(object, 'metadata'), part(object, 'spec')];
  const own = new Map(['name', 'namespace'].map((field) => [field, part(metadata, field)] as const));
  const labels = kind === 'Namespace' ? [['labels', part(metadata, 'labels')] as const] : [];
  const status = ['Service', 'Ingress', 'Gateway'].includes(kind) ? [['status', part(object, 'status')] as const] : [];
  const all = [...own, ...labels, ...fieldsOf(spec), ...status].filter(([, { value }]) => value !== undefined);
  return mappingOf(object.at, new Map(all));
}

/** An item as the object that it stands for, so that an object's patch can be merged into it. */
export function objectOfItem(item: Traced): Traced {
  const fields = fieldsOf(item);
  const some = (isOne: (name: string) => boolean) => mappingOf(item.at, new Map([...fields].filter(([name]) => isOne(name))));
  const isMeta = (name: string) => name === 'name' || name === 'namespace' || name === 'labels';
  const status = fields.get('status');
  return mappingOf(
    item.at,
    new Map([
      ['metadata', some(isMeta)],
      ['spec', some((name) => !isMeta(name) && name !== 'status')],
      ...(status === undefined ? [] : [['status', status] as const]),
    ]),
  );
}
