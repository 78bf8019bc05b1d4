import type { PolicyPeerDocument } from './policy-schema.ts';

type Ports = Pick<PolicyPeerDocument, 'protocol' | 'ports'>;

const WITH_PORTS = ['tcp', 'udp', 'sctp'] as const;

interface Range {
  readonly first: number;
  readonly last: number;
}

const ALL: Range = { first: 1, last: 65535 };

/** Ports of several protocols in few words: `80/tcp, 53/udp`, `all`, `all but 22/tcp`. */
export function portsText(rows: readonly Ports[]): string {
  const ranges = WITH_PORTS.map((protocol) => joined(rows.filter((r) => r.protocol === protocol).flatMap((r) => r.ports.map(readRange))));
  const hasIcmp = rows.some((r) => r.protocol === 'icmp');
  const inside = itemsOf(ranges, hasIcmp);
  const missing = itemsOf(ranges.map(gaps), !hasIcmp);
  if (missing.length === 0) return 'all';
  return missing.length < inside.length ? `all but ${missing.join(', ')}` : inside.join(', ');
}

function itemsOf(ranges: readonly (readonly Range[])[], hasIcmp: boolean): readonly string[] {
  const items = WITH_PORTS.flatMap((protocol, i) =>
    (ranges[i] ?? []).map(({ first, last }) => {
      if (first === ALL.first && last === ALL.last) return `all ${protocol}`;
      return `${first === last ? first : `${first}-${last}`}/${protocol}`;
    }),
  );
  return hasIcmp ? [...items, 'icmp'] : items;
}

function readRange(text: string): Range {
  const [first = 0, last = first] = text.split('-').map(Number);
  return { first, last };
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const found: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = found.at(-1);
    if (before !== undefined && before.last >= range.first - 1)
      found.splice(-1, 1, { first: before.first, last: Math.max(before.last, range.last) });
    else found.push(range);
  }
  return found;
}

/** The ports that are not in ascending ranges. */
function gaps(ranges: readonly Range[]): readonly Range[] {
  const starts = [ALL.first, ...ranges.map((r) => r.last + 1)];
  const ends = [...ranges.map((r) => r.first - 1), ALL.last];
  return starts.flatMap((first, i) => {
    const last = ends[i] ?? ALL.last;
    return first <= last ? [{ first, last }] : [];
  });
}
