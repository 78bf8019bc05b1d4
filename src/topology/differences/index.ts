import { at, type Locus, wholeDocument } from '../../source/origin.ts';
import { ALL_KINDS, type Kind } from '../kubernetes/kinds.ts';
import { type KubeObject, type Objects, objectsOf } from '../kubernetes/objects.ts';
import type { FilesRead } from '../read-files.ts';
import type { ParsedDocument } from '../syntax/document.ts';
import type { SupposedRead } from '../what-if/index.ts';
import type { Target } from '../what-if/targets.ts';
import { isSame, type ValueDifference, valueDifferences } from './values.ts';

/** Something that two inputs have not alike: an object, an item of a Topology's list, a field of a Topology. */
export interface Difference {
  /** As `NetworkPolicy/shop/db`; of a Topology's field `Topology/cluster.cni`. */
  readonly object: string;
  /** Of the object; of a Topology's field `Topology`. */
  readonly kind: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** The whole of it; null: it is not there. */
  readonly before: Locus | null;
  readonly after: Locus | null;
  /** Of what is changed: the values that differ. */
  readonly parts: readonly ValueDifference[];
  readonly where: Where;
}

/** How an input is put together with it, or without. */
type Where =
  | { readonly in: 'objects'; readonly kind: Kind; readonly before: KubeObject | null; readonly after: KubeObject | null }
  /** A field of a Topology, or a field of that. */
  | { readonly in: 'field'; readonly path: readonly string[] }
  | { readonly in: 'list'; readonly list: string; readonly key: string }
  /** One of two inputs has a Topology. */
  | { readonly in: 'document' }
  /** A node that is supposed to be down in one of them. */
  | { readonly in: 'down'; readonly node: Target }
  /** What containers' logs say, and which kinds are listed at all. */
  | { readonly in: 'rest' };

/** All that an earlier and a later input have not alike, and that is read. */
export function differences(before: SupposedRead, after: SupposedRead): readonly Difference[] {
  return [
    ...inTopologies(topologyOf(before), topologyOf(after), before.objects !== null && after.objects !== null),
    ...ALL_KINDS.flatMap((kind) => inObjects(kind, before.objects, after.objects)),
    ...inDown(before.down, after.down),
    ...inRest(before.objects, after.objects),
  ];
}

/** Inputs have one at most, or are refused. */
export const topologyOf = ({ documents }: Pick<FilesRead, 'documents'>): ParsedDocument | null =>
  documents.find((d) => isFields(d.data) && d.data['kind'] === 'Topology') ?? null;

type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function changeOf(before: unknown, after: unknown): Difference['change'] {
  if (before == null) return 'added';
  return after == null ? 'removed' : 'changed';
}

function inObjects(kind: Kind, before: Objects | null, after: Objects | null): readonly Difference[] {
  const byName = (objects: Objects | null) => new Map(objects === null ? [] : objectsOf(objects, kind).map((o) => [o.locus.object, o]));
  const [old, young] = [byName(before), byName(after)];
  const names = [...young.keys(), ...[...old.keys()].filter((name) => !young.has(name))];
  return names.flatMap((object) => {
    const [a, b] = [old.get(object) ?? null, young.get(object) ?? null];
    if (a !== null && b !== null && isSame(said(a), said(b))) return [];
    return [
      {
        object,
        kind,
        change: changeOf(a, b),
        before: a?.locus ?? null,
        after: b?.locus ?? null,
        parts: a === null || b === null ? [] : valueDifferences(said(a), said(b)),
        where: { in: 'objects', kind, before: a, after: b },
      } as const,
    ];
  });
}

/** Without what the API server counts: an object that is made anew says the same. */
const said = ({ data }: KubeObject): unknown => ({ ...data, metadata: { ...data.metadata, uid: undefined, resourceVersion: undefined } });

/** The lists of a Topology whose items have names, by what the items are. */
const LISTS: Readonly<Record<string, string>> = {
  nodes: 'Node',
  pods: 'Pod',
  services: 'Service',
  endpoints: 'Endpoints',
  namespaces: 'Namespace',
  ingressClasses: 'IngressClass',
  ingresses: 'Ingress',
  gatewayClasses: 'GatewayClass',
  gateways: 'Gateway',
  httpRoutes: 'HTTPRoute',
  referenceGrants: 'ReferenceGrant',
  networkPolicies: 'NetworkPolicy',
};

const CLUSTER_WIDE: ReadonlySet<string> = new Set(['nodes', 'namespaces', 'ingressClasses', 'gatewayClasses']);

/** The fields that say nothing of the cluster. */
const BESIDE: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'expect']);

/** `isBeside`: objects say what both inputs are of. Then no Topology is one that says nothing, and what the other one has differs thing by thing. */
function inTopologies(before: ParsedDocument | null, after: ParsedDocument | null, isBeside: boolean): readonly Difference[] {
  const known = before ?? after;
  if (known === null) return [];
  const isEach = isBeside || (before !== null && after !== null);
  const side = (document: ParsedDocument | null) => ({
    data: document === null ? {} : document.data,
    locus: wholeDocument((document ?? known).source, 'Topology'),
  });
  const [old, young] = [side(before), side(after)];
  const [a, b] = [old.data, young.data];
  if (!isEach || !isFields(a) || !isFields(b))
    return [
      {
        object: 'Topology',
        kind: 'Topology',
        change: changeOf(before, after),
        before: before === null ? null : old.locus,
        after: after === null ? null : young.locus,
        parts: [],
        where: { in: 'document' },
      },
    ];
  return [...new Set([...Object.keys(b), ...Object.keys(a)])].flatMap((field) => {
    if (BESIDE.has(field)) return [];
    const sides: Sides = {
      before: { value: a[field], locus: at(old.locus, field) },
      after: { value: b[field], locus: at(young.locus, field) },
    };
    return inField([field], sides);
  });
}

/** A value in two documents. */
interface Sides {
  readonly before: { readonly value: unknown; readonly locus: Locus };
  readonly after: { readonly value: unknown; readonly locus: Locus };
}

function inField(path: readonly string[], sides: Sides): readonly Difference[] {
  const { before, after } = sides;
  if (isSame(before.value, after.value)) return [];
  const [field = '', ...rest] = path;
  const items = path.length === 1 ? inList(field, sides) : null;
  if (items !== null) return items;
  if (rest.length === 0 && isFields(before.value) && isFields(after.value)) {
    const [a, b] = [before.value, after.value];
    return [...new Set([...Object.keys(b), ...Object.keys(a)])].flatMap((name) =>
      inField([field, name], {
        before: { value: a[name], locus: at(before.locus, name) },
        after: { value: b[name], locus: at(after.locus, name) },
      }),
    );
  }
  return [difference(`Topology/${path.join('.')}`, 'Topology', sides, { in: 'field', path })];
}

/** Null: it is no list of items that all have names of their own. */
function inList(list: string, { before, after }: Sides): readonly Difference[] | null {
  const kind = LISTS[list];
  const [old, young] = [keyed(list, before.value), keyed(list, after.value)];
  if (kind === undefined || old === null || young === null) return null;
  const keys = [...young.keys(), ...[...old.keys()].filter((key) => !young.has(key))];
  const side = (items: ReadonlyMap<string, number>, { value, locus }: Sides['before'], key: string): Sides['before'] => {
    const index = items.get(key);
    if (index === undefined || !Array.isArray(value)) return { value: undefined, locus };
    return { value: value[index], locus: at(locus, index) };
  };
  return keys.flatMap((key) => {
    const sides = { before: side(old, before, key), after: side(young, after, key) };
    if (isSame(sides.before.value, sides.after.value)) return [];
    return [difference(`${kind}/${key}`, kind, sides, { in: 'list', list, key })];
  });
}

function difference(object: string, kind: string, { before, after }: Sides, where: Where): Difference {
  const place = ({ value, locus }: Sides['before']) => (value == null ? null : { document: locus.document, path: locus.path, object });
  const change = changeOf(before.value, after.value);
  const parts = change === 'changed' ? valueDifferences(before.value, after.value) : [];
  return { object, kind, change, before: place(before), after: place(after), parts, where };
}

/** The items of a list by `namespace/name`, by their places; null: they have no names, or two have one. */
export function keyed(list: string, value: unknown): ReadonlyMap<string, number> | null {
  if (value == null) return new Map();
  if (!Array.isArray(value)) return null;
  const items: readonly unknown[] = value;
  const found = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const key = isFields(item) ? keyOf(list, item) : null;
    if (key === null || found.has(key)) return null;
    found.set(key, i);
  }
  return found;
}

function keyOf(list: string, item: Fields): string | null {
  const name = list === 'endpoints' ? item['service'] : item['name'];
  if (typeof name !== 'string') return null;
  const port = list === 'endpoints' && typeof item['port'] === 'string' ? `:${item['port']}` : '';
  const namespace = typeof item['namespace'] === 'string' ? item['namespace'] : 'default';
  return CLUSTER_WIDE.has(list) ? name : `${namespace}/${name}${port}`;
}

function inDown(before: readonly Target[], after: readonly Target[]): readonly Difference[] {
  const isIn = (nodes: readonly Target[], { name }: Target) => nodes.some((n) => n.name === name);
  const differing = [...after.filter((node) => !isIn(before, node)), ...before.filter((node) => !isIn(after, node))];
  return differing.map((node) => ({
    object: `Node/${node.name}`,
    kind: 'Node',
    change: 'changed',
    before: null,
    after: null,
    parts: [],
    where: { in: 'down', node },
  }));
}

function inRest(before: Objects | null, after: Objects | null): readonly Difference[] {
  if (isSame(restOf(before), restOf(after))) return [];
  return [
    { object: 'the rest of the input', kind: 'rest', change: 'changed', before: null, after: null, parts: [], where: { in: 'rest' } },
  ];
}

/** Kinds that are listed without an object say that there is none. */
function restOf(objects: Objects | null): unknown {
  if (objects === null) return null;
  const { byKind, listed, unseen, logs } = objects;
  return {
    logs: logs.map(({ pod, text }) => `${pod} ${text}`),
    unseen: [...(unseen ?? [])].toSorted(),
    empty: [...listed].filter((kind) => byKind[kind] === undefined).toSorted(),
  };
}
