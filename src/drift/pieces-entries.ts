import type { FoundFdbEntry, FoundNeighbour, FoundState } from '../datapath/found-state.ts';
import { fdbOf, neighboursOf } from '../datapath/link-tables.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Neighbour } from '../datapath/peers.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Locus } from '../source/origin.ts';
import { byCommands, byProgram, type Detail } from './cause.ts';
import type { Part, Piece } from './parts.ts';
import type { TwoNodes } from './two.ts';

const WRITER = byProgram('the CNI plugin');

/** Entries of the neighbour table that are written down and should not be, or otherwise; and those that should be. */
export function neighbourPieces(part: Part, { compiled, is, found }: TwoNodes): readonly Piece[] {
  const [should, own] = [[...neighboursOf(compiled)].map((n) => underNames(n, is)), [...neighboursOf(is)]];
  const isOf = (a: Pick<Neighbour, 'address' | 'device'>) => (b: Pick<Neighbour, 'address' | 'device'>) =>
    a.address === b.address && a.device === b.device;
  const odd = own.filter((n) => !should.some((s) => isOf(n)(s) && sameNeighbour(n, s)));
  const lost = should.filter((n) => !own.some(isOf(n)));
  const place = found.neighbours?.[0]?.origin.locus ?? null;
  return [
    ...odd.map((n) => {
      const wanted = should.find(isOf(n)) ?? null;
      return {
        ...part,
        putBack: (state: FoundState) => withNeighbour(state, n, wanted),
        detail: neighbourDetail(n, wanted, n.origin.locus),
      };
    }),
    ...lost.map((n) => ({ ...part, putBack: (state: FoundState) => withNeighbour(state, n, n), detail: lostNeighbour(n, place) })),
  ];
}

const sameNeighbour = (a: Neighbour, b: Neighbour): boolean =>
  a.state === b.state && (a.state !== 'permanent' || b.state !== 'permanent' || a.lladdr === b.lladdr);

const underNames = <T extends { readonly device: string }>(entry: T, { foundNames }: Netns): T => ({
  ...entry,
  device: foundNames?.get(entry.device) ?? entry.device,
});

function withNeighbour(
  state: FoundState,
  { address, device }: Pick<Neighbour, 'address' | 'device'>,
  wanted: Neighbour | null,
): FoundState {
  const others = state.neighbours?.filter((n) => n.address !== address || n.device !== device) ?? [];
  const added: readonly FoundNeighbour[] =
    wanted?.state === 'permanent' ? [{ address, device, lladdr: wanted.lladdr, state: 'PERMANENT', origin: wanted.origin }] : [];
  return { ...state, neighbours: [...others, ...added] };
}

function neighbourDetail(n: Neighbour, wanted: Neighbour | null, place: Locus | null): Detail {
  const is = n.state === 'permanent' ? `has the MAC address ${n.lladdr}` : 'has failed';
  const should =
    wanted?.state === 'permanent'
      ? `, and should have ${wanted.lladdr}`
      : n.state === 'permanent'
        ? ', and should not be written down'
        : '';
  return {
    kind: 'neighbour',
    text: `the neighbour entry for ${formatAddress(n.address)} on ${n.device} ${is}${should}`,
    place,
    isThere: place !== null,
    restore: wanted === null ? byCommands(`ip neigh del ${formatAddress(n.address)} dev ${n.device}`) : WRITER,
  };
}

const lostNeighbour = (n: Neighbour, place: Locus | null): Detail => ({
  kind: 'neighbour',
  text: `there is no neighbour entry for ${formatAddress(n.address)} on ${n.device}`,
  place,
  isThere: false,
  restore: WRITER,
});

interface Entry {
  readonly device: string;
  readonly lladdr: Mac;
  readonly dst: IpAddress;
  readonly place: Locus | null;
}

/** Entries of tunnels' forwarding tables that are not there, or send to another machine. */
export function fdbPieces(part: Part, { compiled, is, found }: TwoNodes): readonly Piece[] {
  const own = entriesIn(is);
  const place = found.fdb?.[0]?.origin.locus ?? null;
  return entriesIn(compiled)
    .map((e) => underNames(e, is))
    .flatMap((should): readonly Piece[] => {
      const there = own.find((e) => e.device === should.device && e.lladdr === should.lladdr);
      if (there?.dst === should.dst) return [];
      return [{ ...part, putBack: (state: FoundState) => withEntry(state, should), detail: fdbDetail(should, there, place) }];
    });
}

const entriesIn = ({ devices }: Netns): readonly Entry[] =>
  [...devices.values()].flatMap((device) =>
    device.kind !== 'vxlan'
      ? []
      : [...fdbOf(device)].map(({ lladdr, dst, origin }) => ({ device: device.name, lladdr, dst, place: origin.locus })),
  );

function withEntry(state: FoundState, { device, lladdr, dst }: Entry): FoundState {
  const others = state.fdb?.filter((e) => e.device !== device || e.lladdr !== lladdr) ?? [];
  const added: FoundFdbEntry = {
    device,
    lladdr,
    dst,
    master: null,
    vlan: null,
    permanent: true,
    origin: { evidence: 'inferred', locus: null },
  };
  return { ...state, fdb: [...others, added] };
}

function fdbDetail(should: Entry, there: Entry | undefined, place: Locus | null): Detail {
  const entry = `the forwarding table of ${should.device}`;
  if (there === undefined)
    return {
      kind: 'fdb',
      text: `${entry} has no entry for the tunnel to ${formatAddress(should.dst)}`,
      place,
      isThere: false,
      restore: WRITER,
    };
  const text = `${entry} sends what is for ${formatAddress(should.dst)} to ${formatAddress(there.dst)}`;
  return { kind: 'fdb', text, place: there.place ?? place, isThere: there.place !== null, restore: WRITER };
}
