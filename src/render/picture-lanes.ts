import type { HopDocument, TraceDocument } from '../document/trace-schema.ts';

/** A place that packets come through: a pod, a machine, the network between machines. */
export interface Lane {
  readonly id: string;
  readonly kind: 'pod' | 'machine' | 'network';
  /** What it is, in a word: `pod`, `node`, `router`. */
  readonly what: string;
  readonly name: string;
}

interface Walked {
  readonly kind: 'dns' | 'connection';
  /** An answer: it begins where an earlier walk has ended. */
  readonly back: boolean;
  readonly hops: readonly HopDocument[];
}

interface Group {
  readonly kind: Walked['kind'];
  readonly lanes: Lane[];
  readonly first: string | undefined;
  last: string | undefined;
}

export const laneOf = (hop: HopDocument): string => (hop.kind === 'underlay' ? `network ${hop.segment}` : `netns ${hop.netns}`);

/** The lanes of each walk, in the order in which the first packet of its connection comes through them: an answer has those of its request. */
export function lanesOf(trace: TraceDocument, walks: readonly Walked[]): readonly (readonly Lane[])[] {
  const groups: Group[] = [];
  return walks.map(({ kind, back, hops }) => {
    const ids = hops.map(laneOf);
    const [first] = ids;
    const same = groups.filter((g) => g.kind === kind);
    const known = back
      ? (same.findLast((g) => g.last === first) ?? same.findLast((g) => g.lanes.some((l) => l.id === first)))
      : same.find((g) => g.first === first);
    const group = known ?? { kind, lanes: [], first, last: undefined };
    if (known === undefined) groups.push(group);
    if (!back) group.last = ids.at(-1);
    insert(group.lanes, hops, back, trace);
    return group.lanes;
  });
}

/** Lanes that are new stand behind the one that the packet comes from; of an answer, before it. */
function insert(lanes: Lane[], hops: readonly HopDocument[], back: boolean, trace: TraceDocument): void {
  let before = -1;
  for (const hop of hops) {
    const id = laneOf(hop);
    let at = lanes.findIndex((l) => l.id === id);
    if (at === -1) {
      at = back ? Math.max(before, 0) : before + 1;
      lanes.splice(at, 0, describe(id, hop, trace));
    }
    before = at;
  }
}

function describe(id: string, hop: HopDocument, trace: TraceDocument): Lane {
  if (hop.kind === 'underlay') return { id, kind: 'network', what: 'network', name: hop.segment };
  if (hop.netns !== hop.node) return { id, kind: 'pod', what: 'pod', name: hop.netns.replace(/^default\//, '') };
  return { id, kind: 'machine', what: machine(hop, trace), name: hop.netns };
}

/** Names of the design that no node can have. */
const RESERVED: Readonly<Record<string, string>> = { gateway: 'gateway', internet: 'host' };

function machine({ netns }: HopDocument, { source, paths }: TraceDocument): string {
  const reserved = RESERVED[netns];
  if (reserved !== undefined) return reserved;
  if (source.kind === 'Host' && source.name === netns) return 'host';
  const isRouter = paths.some((p) => p.forward.hops.some((h) => h.netns === netns && h.source?.object === `Router/${netns}`));
  return isRouter ? 'router' : 'node';
}
