import type { FoundAddress, FoundLink } from '../datapath/found-state.ts';
import type { Ipset } from '../datapath/netfilter/ipset.ts';
import type { Route } from '../datapath/route.ts';
import { FAMILIES, familyOf, formatAddress, type IpAddress, isLinkLocal, isLoopback } from '../net/address.ts';
import { contains, isHostPrefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import { type Conflict, conflict, contradiction } from './conflict.ts';
import { keyOf, sameState } from './same-state.ts';
import { declaredAt, type FoundPiece, type StateText } from './text.ts';

/**
 * Conflicts between texts that cannot be of one machine, or not of one moment: a device with other addresses, a set with other members.
 * Pods and connections that come and go between two commands are no conflict.
 */
export function contradictions(pieces: readonly FoundPiece[]): readonly Conflict[] {
  return [
    ...disagreeing(pieces, linksIn, isOtherDevice, ({ name }) => `device ${name}`),
    ...disagreeing(pieces, addressesIn, areOthers, ({ name }) => ({ many: `the addresses of ${name}` })),
    ...disagreeing(
      pieces,
      setsIn,
      (a, b) => !sameState(a.set, b.set),
      ({ name }) => `the ipset ${name}`,
    ),
    ...disagreeing(pieces, socketsIn, isApart, () => ({ many: 'the sockets that listen' })),
    ...disagreeing(pieces, connectionsIn, haveNothingInCommon, ({ name }) => ({ many: `the connections (${name})` })),
    ...strangeSources(pieces),
  ];
}

/** An item of a text that has a name, and its place. */
interface Named {
  readonly name: string;
  readonly origin: Origin;
}

/** Conflicts between two texts that have an item of the same name; at most one for each text. */
function disagreeing<T extends Named>(
  pieces: readonly FoundPiece[],
  of: (piece: FoundPiece) => readonly T[],
  differ: (a: T, b: T) => boolean,
  what: (one: T) => string | { readonly many: string },
): readonly Conflict[] {
  const first = new Map<string, { readonly one: T; readonly text: StateText }>();
  return pieces.flatMap((piece) => {
    const odd = of(piece).filter((one) => {
      const before = first.get(one.name);
      if (before === undefined) first.set(one.name, { one, text: piece.text });
      return before !== undefined && before.text !== piece.text && differ(before.one, one);
    });
    const [one] = odd;
    const before = one === undefined ? undefined : first.get(one.name)?.one;
    return one === undefined || before === undefined ? [] : [conflict(what(one), before.origin, one.origin, piece.text)];
  });
}

type Device = Named & Pick<FoundLink, 'kind' | 'mac' | 'index'>;

const linksIn = ({ piece }: FoundPiece): readonly Device[] => (piece.kind === 'links' ? piece.links : []);

/** Is it another device of the same name? A veth is none, because pods come and go with theirs. */
const isOtherDevice = (a: Device, b: Device): boolean =>
  a.kind !== 'veth' && b.kind !== 'veth' && ((a.mac !== null && b.mac !== null && a.mac !== b.mac) || differs(a.index, b.index));

const differs = (a: number | null, b: number | null) => a !== null && b !== null && a !== b;

interface Addressed extends Named {
  readonly addresses: ReadonlySet<IpAddress>;
}

/** The addresses of each device but those that every machine has. */
function addressesIn({ piece }: FoundPiece): readonly Addressed[] {
  const own = piece.kind !== 'addresses' ? [] : piece.addresses.filter((a) => !isLoopback(a.address) && !isLinkLocal(a.address));
  const byDevice = new Map<string, FoundAddress[]>();
  for (const a of own) byDevice.set(a.device, [...(byDevice.get(a.device) ?? []), a]);
  return [...byDevice].flatMap(([device, all]) => {
    const [first] = all;
    if (first === undefined) return [];
    return { name: `${device} (${familyOf(first.address)})`, origin: first.origin, addresses: new Set(all.map((a) => a.address)) };
  });
}

/** One address in common is enough, because temporary addresses change. */
const areOthers = (a: Addressed, b: Addressed): boolean => ![...a.addresses].some((address) => b.addresses.has(address));

interface NamedSet extends Named {
  readonly set: Ipset;
}

function setsIn({ piece, text }: FoundPiece): readonly NamedSet[] {
  if (piece.kind !== 'ipset') return [];
  const lineOf = (name: string) => text.lines.findIndex((l) => l.startsWith(`create ${name} `) || l === `Name: ${name}`);
  return [...piece.sets].map(([name, set]) => ({ name, set, origin: declaredAt(text, Math.max(lineOf(name), 0)) }));
}

interface Listed extends Named {
  readonly all: ReadonlySet<string>;
}

/** The TCP sockets that listen: for UDP a client's socket looks like a server's. */
function socketsIn({ piece }: FoundPiece): readonly Listed[] {
  const tcp = piece.kind !== 'sockets' ? [] : piece.sockets.filter(({ protocol }) => protocol === 'tcp');
  const all = new Set(tcp.map(({ address, port }) => `${address} ${port}`));
  return tcp.slice(0, 1).map(({ origin }) => ({ name: 'tcp', origin, all }));
}

/** A program that was started or ended between two commands adds to one list; here each list has some that the other lacks. */
const isApart = ({ all: a }: Listed, { all: b }: Listed): boolean => [...a].some((s) => !b.has(s)) && [...b].some((s) => !a.has(s));

const connectionsIn = ({ piece }: FoundPiece): readonly Listed[] =>
  FAMILIES.flatMap((family) => {
    const own = piece.kind !== 'connections' ? [] : piece.connections.filter((c) => familyOf(c.connection.original.source) === family);
    const all = new Set(own.map(({ connection: { original } }) => keyOf(original)));
    return own.slice(0, 1).map(({ origin }) => ({ name: family, origin, all }));
  });

/** Lists of so many connections have some in common, if they are of one machine. */
const SOME = 5;

const haveNothingInCommon = ({ all: a }: Listed, { all: b }: Listed): boolean =>
  a.size >= SOME && b.size >= SOME && ![...a].some((c) => b.has(c));

/** Routes whose source is no address of the machine: the kernel refuses such a route (fib_valid_prefsrc, net/ipv4/fib_semantics.c). */
function strangeSources(pieces: readonly FoundPiece[]): readonly Conflict[] {
  return FAMILIES.flatMap((family) => {
    const listed = pieces.flatMap(({ piece, text }) =>
      piece.kind === 'addresses' && piece.family === family && areAll(text) ? piece.addresses : [],
    );
    const [some] = listed;
    if (some === undefined) return [];
    const own = new Set(listed.map(({ address }) => address));
    const routes = pieces.flatMap(({ piece, text }) =>
      piece.kind === 'routes' && piece.family === family ? [...piece.tables.values()].flat().map((route) => ({ route, text })) : [],
    );
    // `ip route add local 10.0.0.0/8 dev lo` makes all of them the machine's.
    const isOwn = (source: IpAddress) =>
      own.has(source) || routes.some(({ route: r }) => r.type === 'local' && !isHostPrefix(r.prefix) && contains(r.prefix, source));
    const strange = routes.flatMap(({ route, text }) => (hasSource(route) && !isOwn(route.source) ? [{ route, text }] : []));
    const [first] = strange;
    if (first === undefined) return [];
    const { route, text } = first;
    const saying = (place: string) =>
      `a route of node ${text.node} has the source ${formatAddress(route.source)}, which is none of the addresses in ${place} and below`;
    return [contradiction(saying, some.origin, route.origin, text)];
  });
}

type Sourced = Route & { readonly source: IpAddress };
const hasSource = (route: Route): route is Sourced => route.source !== null;

/** Does the text have all addresses? ifconfig prints one a family and device. */
const areAll = ({ lines }: StateText): boolean => !lines.some((line) => /^\S+: flags=\d+</.test(line));
