import { type FoundLink, type FoundState, type FoundText, NOTHING_FOUND } from '../datapath/found-state.ts';
import type { Sysctl } from '../datapath/sysctl.ts';
import type { IpFamily } from '../net/address.ts';
import { type Conflict, conflict } from './conflict.ts';
import { iptablesOf, isGivenByNft } from './merge-iptables.ts';
import { firstOf, hasAllTables, routesOf } from './merge-routes.ts';
import { nftListed, nftOf, serversOf } from './merge-rulesets.ts';
import { keyOf, sameState } from './same-state.ts';
import type { FoundPiece, Piece, StateFault, StateText } from './text.ts';
import { contradictions } from './two-machines.ts';
import { untoldTables } from './untold.ts';

/** Puts the pieces of one node together. */
export function merge(
  pieces: readonly FoundPiece[],
  faults: readonly StateFault[],
): { readonly state: FoundState; readonly conflicts: readonly Conflict[] } {
  const conflicts: Conflict[] = [...contradictions(pieces)];
  const iptables = iptablesOf(pieces, faults, conflicts);
  const listed = nftListed(pieces, conflicts);
  const state: FoundState = {
    ...NOTHING_FOUND,
    iptables: iptables.tables,
    nft: nftOf(listed, iptables),
    ...(listed === null || isGivenByNft(pieces) ? {} : { isNftPart: true }),
    untold: untoldTables(faults, {
      ...iptables,
      iptables: iptables.tables,
      nft: listed === null ? null : [...listed.values()].map((l) => l.table),
      isNftWhole: isGivenByNft(pieces),
    }),
    links: linksOf(pieces),
    addresses: { IPv4: addressesOf(pieces, 'IPv4'), IPv6: addressesOf(pieces, 'IPv6') },
    routes: { IPv4: routesOf(pieces, 'IPv4', conflicts), IPv6: routesOf(pieces, 'IPv6', conflicts) },
    areAllTables: { IPv4: hasAllTables(pieces, 'IPv4'), IPv6: hasAllTables(pieces, 'IPv6') },
    rules: { IPv4: rulesOf(pieces, 'IPv4', conflicts), IPv6: rulesOf(pieces, 'IPv6', conflicts) },
    neighbours: listOf(
      pieces,
      (p) => (p.kind === 'neighbours' ? p.neighbours : null),
      (n) => `${n.device} ${n.address}`,
    ),
    fdb: listOf(
      pieces,
      (p) => (p.kind === 'fdb' ? p.entries : null),
      (e) => `${e.lladdr} ${e.device} ${e.dst} ${e.vlan} ${e.master}`,
    ),
    sysctls: sysctlsOf(pieces, conflicts),
    ipvs: { IPv4: serversOf(pieces, 'IPv4', conflicts), IPv6: serversOf(pieces, 'IPv6', conflicts) },
    sockets: listOf(
      pieces,
      (p) => (p.kind === 'sockets' ? p.sockets : null),
      (s) => keyOf(s),
    ),
    listed: pieces.flatMap(({ piece }) => (piece.kind === 'sockets' ? piece.listed : [])),
    connections: listOf(pieces, (p) => (p.kind === 'connections' ? p.connections : null), null),
    texts: textsOf(pieces, (text) => [...(listed ?? [])].flatMap(([name, of]) => (of.text === text ? [name] : []))),
  };
  return { state, conflicts };
}

const textsOf = (pieces: readonly FoundPiece[], tablesIn: (text: StateText) => readonly string[]): readonly FoundText[] =>
  pieces.flatMap(({ piece, text }): readonly FoundText[] => {
    const { document, lines } = text;
    if (piece.kind === 'nft') return [{ program: 'nft', document, lines, tables: tablesIn(text) }];
    return piece.kind === 'ipset' ? [{ program: 'ipset', document, lines }] : [];
  });

/** Devices, each with all that any command shows of it. Null: no command shows all devices, so that the compiled ones stay. */
function linksOf(pieces: readonly FoundPiece[]): readonly FoundLink[] | null {
  const all = pieces.flatMap(({ piece }) => (piece.kind === 'links' ? [piece.links] : []));
  if (!pieces.some(({ piece }) => piece.kind === 'links' && piece.isAll)) return null;
  const byName = new Map<string, FoundLink>();
  for (const link of all.flat()) {
    const before = byName.get(link.name);
    byName.set(link.name, before === undefined ? link : filled(before, link));
  }
  return [...byName.values()];
}

/** The device as `a` has it; a field that `a` does not have is taken from `b`. */
const filled = (a: FoundLink, b: FoundLink): FoundLink => ({
  ...a,
  index: a.index ?? b.index,
  kind: a.kind ?? b.kind,
  up: a.up ?? b.up,
  carrier: a.carrier ?? b.carrier,
  mtu: a.mtu ?? b.mtu,
  mac: a.mac ?? b.mac,
  master: a.master ?? b.master,
  link: a.link ?? b.link,
  hairpin: a.hairpin ?? b.hairpin,
  isolated: a.isolated ?? b.isolated,
  vxlan: a.vxlan ?? b.vxlan,
  tunnel: a.tunnel ?? b.tunnel,
  vlan: a.vlan ?? b.vlan,
  vrf: a.vrf ?? b.vrf,
});

const addressesOf = (pieces: readonly FoundPiece[], family: IpFamily) =>
  listOf(
    pieces,
    (p) => (p.kind === 'addresses' && p.family === family ? p.addresses : null),
    (a) => `${a.device} ${a.address}`,
  );

function rulesOf(pieces: readonly FoundPiece[], family: IpFamily, conflicts: Conflict[]) {
  const all = pieces.flatMap(({ piece, text }) =>
    piece.kind === 'rules' && piece.family === family ? [{ rules: piece.rules, text }] : [],
  );
  const told = all.filter(({ rules }) => rules.every((r) => r.untold === undefined));
  const [first, ...others] = told.length > 0 ? told : all.slice(0, 1);
  if (first === undefined) return null;
  for (const { rules, text } of others)
    if (!sameState(first.rules, rules))
      conflicts.push(conflict({ many: `the routing rules (${family})` }, firstOf(first.rules, first.text), firstOf(rules, text), text));
  return first.rules;
}

function sysctlsOf(pieces: readonly FoundPiece[], conflicts: Conflict[]): FoundState['sysctls'] {
  const sysctls = new Map<string, Sysctl>();
  for (const { piece, text } of pieces)
    for (const [name, sysctl] of piece.kind === 'sysctls' ? piece.sysctls : []) {
      const before = sysctls.get(name);
      if (before === undefined) sysctls.set(name, sysctl);
      else if (before.value !== sysctl.value) conflicts.push(conflict(name, before.origin, sysctl.origin, text));
    }
  return sysctls;
}

/** Items that several commands list, each once; null: no command lists any. `key`: by which two are the same; null: all are kept. */
function listOf<T extends object>(
  pieces: readonly FoundPiece[],
  of: (piece: Piece) => readonly T[] | null,
  key: ((item: T) => string) | null,
): readonly T[] | null {
  const lists = pieces.flatMap(({ piece }) => of(piece) ?? []);
  if (!pieces.some(({ piece }) => of(piece) !== null)) return null;
  return key === null ? lists : [...new Map([...lists].reverse().map((item) => [key(item), item])).values()].reverse();
}
