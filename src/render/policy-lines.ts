import type { PolicyDirectionDocument, PolicyDocument, PolicyPeerDocument } from '../document/policy-schema.ts';
import { deciderText, type PlaceText } from '../document/policy-words.ts';
import { portsText } from '../document/ports-text.ts';
import { type Peer, peerReader, peersText } from './policy-peers.ts';

export type Direction = 'ingress' | 'egress';

/** A row of the table: peers of which the same is said. */
export interface Line {
  readonly peers: string;
  readonly ports: string;
  readonly verdict: PolicyPeerDocument['verdict'];
  readonly blockedAt: PolicyPeerDocument['blockedAt'];
  readonly by: string;
}

export interface Lines {
  /** What passes or may pass; with `inFull` what is blocked, too. */
  readonly rows: readonly Line[];
  /** Peers none of whose ports passes: empty with `inFull`. */
  readonly blocked: readonly Line[];
  /** Are other ports of those that pass blocked? */
  readonly isRestBlocked: boolean;
}

interface Said extends Omit<Line, 'peers'> {
  readonly peer: Peer;
  readonly rank: number;
}

export function policyLines(document: PolicyDocument, direction: Direction, place: PlaceText, inFull: boolean): Lines {
  const part = document[direction];
  const all = saidOf(document, direction, place, inFull);
  const everybody = new Set(all.map((s) => s.peer.id));
  const isOpen = (s: Said) => s.verdict !== 'deny';
  const open = new Set(all.filter(isOpen).map((s) => s.peer.id));
  const shown = inFull ? all : all.filter(isOpen);
  const shut = inFull ? [] : mainReasons(all.filter((s) => !open.has(s.peer.id)));
  return {
    rows: merged(shown, everybody, inFull || part.peers.length === 0),
    blocked: merged(shut, everybody, false),
    isRestBlocked: !inFull && all.some((s) => !isOpen(s) && open.has(s.peer.id)),
  };
}

/** What is said of one peer for one reason, of all its ports together; of its IP families apart where they differ. */
function saidOf(document: PolicyDocument, direction: Direction, place: PlaceText, inFull: boolean): readonly Said[] {
  const part = document[direction];
  const read = peerReader(part, document.node);
  const byReason = new Map<
    string,
    { readonly row: PolicyPeerDocument; readonly peer: Peer; readonly by: string; readonly rows: PolicyPeerDocument[] }
  >();
  for (const row of part.peers) {
    const [peer, by] = [read(row), reasonText(row, part, direction, document, place, inFull)];
    const key = [peer.id, row.verdict, row.blockedAt, by].join('\n');
    const known = byReason.get(key);
    if (known === undefined) byReason.set(key, { row, peer, by, rows: [row] });
    else known.rows.push(row);
  }
  const families = new Set(part.peers.map((p) => p.family));
  return [...byReason.values()].flatMap(({ row, peer, by, rows }) => {
    const { verdict, blockedAt } = row;
    const each = [...families].flatMap((family) => {
      const some = rows.filter((r) => r.family === family);
      return some.length === 0 ? [] : [{ family, ports: portsText(some) }];
    });
    const isAlike = peer.kind === 'outside' || (each.length === families.size && new Set(each.map((e) => e.ports)).size === 1);
    const ports = isAlike ? [each[0]?.ports ?? ''] : each.map((e) => `${e.ports} (${e.family})`);
    return ports.map((text) => ({ peer, ports: text, verdict, blockedAt, by, rank: rankOf(row) }));
  });
}

/** Of what is blocked, what comes nearest to being let through says most. */
function rankOf({ verdict, blockedAt, decidedBy }: PolicyPeerDocument): number {
  if (verdict !== 'deny') return verdict === 'allow' ? 0 : 1;
  if (blockedAt === 'peer') return 2;
  return decidedBy?.rule == null ? 4 : 3;
}

/** One reason a peer. */
function mainReasons(all: readonly Said[]): readonly Said[] {
  const first = new Map<string, Said>();
  for (const said of all) {
    const known = first.get(said.peer.id);
    if (known === undefined || said.rank < known.rank) first.set(said.peer.id, said);
  }
  return [...first.values()].map((said) => ({ ...said, ports: '' }));
}

function merged(all: readonly Said[], everybody: ReadonlySet<string>, inFull: boolean): readonly Line[] {
  const lines = new Map<string, Said[]>();
  for (const said of all) {
    const key = [said.ports, said.verdict, said.blockedAt, said.by].join('\n');
    const known = lines.get(key);
    if (known === undefined) lines.set(key, [said]);
    else known.push(said);
  }
  return [...lines.values()]
    .toSorted(([a], [b]) => (a?.rank ?? 0) - (b?.rank ?? 0))
    .flatMap((some) =>
      some.slice(0, 1).map((line) => ({
        ...line,
        peers: peersText(
          some.map((s) => s.peer),
          everybody,
          inFull,
        ),
      })),
    );
}

function reasonText(
  row: PolicyPeerDocument,
  part: PolicyDirectionDocument,
  direction: Direction,
  document: PolicyDocument,
  place: PlaceText,
  inFull: boolean,
): string {
  const { decidedBy, peerDecidedBy, blockedAt, missing, verdict, group } = row;
  const other = direction === 'ingress' ? 'egress' : 'ingress';
  if (verdict === 'unknown') return `not known: ${missing?.text ?? ''}${missing?.command == null ? '' : `; ask: ${missing.command}`}`;
  if (decidedBy !== null && verdict === 'deny') {
    const text = deciderText(decidedBy, blockedAt === 'peer' ? other : direction, place);
    return decidedBy.rule === null ? `isolated by ${text}` : text;
  }
  const own = decidedBy === null ? null : deciderText(decidedBy, direction, place);
  // Each peer has rules of its own: with them few rows would be alike.
  if (!inFull && peerDecidedBy !== null) return own ?? 'policies at its end';
  const theirs = peerDecidedBy === null ? null : `at its end ${deciderText(peerDecidedBy, other, place)}`;
  if (own !== null || theirs !== null) return [own, theirs].filter((text) => text !== null).join('; ');
  if (document.enforcedBy === 'none') return 'nobody enforces policies';
  if (part.selected.length === 0) return 'no policy';
  return group?.kind === 'Node' && group.name === document.node && direction === 'ingress'
    ? 'its own node always may'
    : 'no rule is about it';
}
