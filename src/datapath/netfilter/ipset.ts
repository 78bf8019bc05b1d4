import type { IpAddress, IpFamily } from '../../net/address.ts';
import { isHostPrefix } from '../../net/prefix.ts';
import { type IpsetElement, ipsetIndex, type Part, type PartKind, type Value } from './ipset-index.ts';
import type { Match } from './match.ts';
import type { KeyPart, KeyType, KeyValue, NamedSet, Selector, SetElement } from './sets.ts';

export type { IpsetElement, Part } from './ipset-index.ts';

/** A set of ipset's, as it is asked by iptables. */
export interface Ipset {
  readonly name: string;
  /** The type in ipset's word: `hash:ip,port`. */
  readonly typename: string;
  /** Null: for both. */
  readonly family: IpFamily | null;
  readonly dimensions: readonly PartKind[];
  /** The bits of a mark that count. */
  readonly markmask: number;
  readonly elements: readonly IpsetElement[];
  /** The sets of a list:set; null: one that is not known. Undefined: it is no list. */
  readonly members?: readonly (Ipset | null)[];
  /** Why it cannot be asked: something in it is not understood, or not modelled. Null: it can. */
  readonly doubt: string | null;
}

export type SetDirection = 'src' | 'dst';
type Lookup = Extract<Match, { readonly kind: 'lookup' }>;

/**
 * The match `-m set --match-set NAME DIRECTIONS`, not negated, of a rule for this family; null: unknown. It never matches with fewer
 * directions than the set has parts, nor a packet of the other family. Source: ip_set_test, net/netfilter/ipset/ip_set_core.c.
 */
export function matchSet(set: Ipset, directions: readonly SetDirection[], family: IpFamily): Lookup | null {
  const asked = set.members === undefined ? asking(set, directions, family) : askingAll(set, set.members, directions, family);
  return asked === null ? null : { kind: 'lookup', key: asked.key, set: asked.set, directions, negated: false };
}

interface Asking {
  readonly key: readonly Selector[];
  readonly set: NamedSet;
}

function asking(set: Ipset, directions: readonly SetDirection[], family: IpFamily): Asking | null {
  const fits = directions.length >= set.dimensions.length && (set.family === null || set.family === family);
  if (!fits) return never(set.name);
  if (set.doubt !== null) return null;
  if (set.elements.length === 0) return never(set.name);
  if (set.dimensions.includes('mac')) return null;
  const key = set.dimensions.flatMap((d, i) => selectorsOf(d, directions[i] ?? 'src', family));
  return { key, set: viewOf(set, family) };
}

const selectorsOf = (kind: PartKind, direction: SetDirection, family: IpFamily): readonly Selector[] => {
  switch (kind) {
    case 'ip':
    case 'net':
      if (family === 'IPv4') return direction === 'src' ? ['ip saddr'] : ['ip daddr'];
      return direction === 'src' ? ['ip6 saddr'] : ['ip6 daddr'];
    case 'port':
      return ['meta l4proto', direction === 'src' ? 'set sport' : 'set dport'];
    case 'iface':
      return direction === 'src' ? ['iifname'] : ['oifname'];
    case 'mark':
      return ['meta mark'];
    case 'mac':
      return [];
  }
};

const EMPTY = { kind: 'set', type: [], flags: [], timeout: null, comment: null } as const;

const never = (name: string): Asking => ({ key: [], set: { ...EMPTY, name, elements: () => [], find: () => undefined } });

/** One index a set, however many rules ask it. */
const views = new WeakMap<Ipset, NamedSet>();

function viewOf(set: Ipset, family: IpFamily): NamedSet {
  const known = views.get(set);
  if (known !== undefined) return known;
  const index = ipsetIndex(set.elements, set.dimensions);
  const view: NamedSet = {
    ...EMPTY,
    name: set.name,
    type: set.dimensions.flatMap((d) => typesOf(d, family)),
    elements: () => set.elements.map(shown),
    find: (values) => {
      const found = index(valuesOf(set, values));
      return found === undefined || found.nomatch ? undefined : shown(found);
    },
  };
  views.set(set, view);
  return view;
}

function typesOf(kind: PartKind, family: IpFamily): readonly KeyType[] {
  switch (kind) {
    case 'ip':
    case 'net':
      return [family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr'];
    case 'port':
      return ['inet_proto', 'inet_service'];
    case 'iface':
      return ['ifname'];
    case 'mark':
      return ['mark'];
    case 'mac':
      return [];
  }
}

/** The fields of the packet as parts of an element. */
function valuesOf({ dimensions, markmask }: Ipset, fields: readonly KeyValue[]): readonly Value[] {
  const values: Value[] = [];
  let i = 0;
  for (const kind of dimensions) {
    const field = fields[i++] ?? '';
    if (kind === 'port') values.push({ kind, protocol: String(field), port: Number(fields[i++] ?? 0) });
    else if (kind === 'mark') values.push({ kind, mark: (Number(field) & markmask) >>> 0 });
    else if (kind === 'iface') values.push({ kind, name: String(field) });
    else if (kind !== 'mac' && typeof field !== 'string') values.push({ kind: 'ip', address: field as IpAddress });
  }
  return values;
}

const shown = ({ parts, comment }: IpsetElement): SetElement => ({ key: parts.flatMap(shownPart), comment });

function shownPart(part: Part): readonly KeyPart[] {
  switch (part.kind) {
    case 'net':
      return [isHostPrefix(part.prefix) ? part.prefix.address : part.prefix];
    case 'port':
      return [part.protocol ?? '', part.first === part.last ? part.first : { first: part.first, last: part.last }];
    case 'mark':
      return [part.mark];
    case 'iface':
      return [`${part.name}${part.isPrefix ? '+' : ''}`];
    case 'mac':
      return [part.mac ?? ''];
  }
}

/** A list answers as the first of its sets does that the packet is in; each takes as many of the directions as it has parts. */
function askingAll(
  { name, doubt }: Ipset,
  members: readonly (Ipset | null)[],
  directions: readonly SetDirection[],
  family: IpFamily,
): Asking | null {
  if (directions.length === 0) return never(name);
  if (doubt !== null) return null;
  const all: Asking[] = [];
  for (const member of members) {
    const asked = member === null ? null : asking(member, directions, family);
    if (asked === null) return null;
    all.push(asked);
  }
  const key = [...new Set(all.flatMap((a) => a.key))];
  const places = all.map((a) => a.key.map((selector) => key.indexOf(selector)));
  const find = (values: readonly KeyValue[]): SetElement | undefined => {
    for (const [i, { set }] of all.entries()) {
      const found = set.find((places[i] ?? []).flatMap((place) => values[place] ?? []));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return { key, set: { ...EMPTY, name, elements: () => all.flatMap((a) => [...a.set.elements()]), find } };
}
