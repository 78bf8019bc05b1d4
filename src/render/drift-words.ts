import type { DriftCauseDocument, DriftDocument, DriftFlowDocument, DriftSourceDocument } from '../document/drift-schema.ts';

/** The words that all formats of a drift share. They are not safe for a line yet. */

/** Flows of one kind that have one cause. */
export interface DriftGroup {
  readonly kind: DriftFlowDocument['kind'];
  /** Null: none was found. */
  readonly cause: DriftCauseDocument | null;
  readonly flows: readonly DriftFlowDocument[];
}

/** What differs before what is not known; causes of most flows first, and last those without. */
export function byCause({ flows }: DriftDocument): readonly DriftGroup[] {
  const found = new Map<
    string,
    { readonly kind: DriftGroup['kind']; readonly cause: DriftGroup['cause']; readonly flows: DriftFlowDocument[] }
  >();
  for (const flow of flows) {
    const name = JSON.stringify([flow.kind, flow.cause]);
    const known = found.get(name);
    if (known === undefined) found.set(name, { kind: flow.kind, cause: flow.cause, flows: [flow] });
    else known.flows.push(flow);
  }
  const rank = ({ kind, cause }: DriftGroup) => (kind === 'different' ? 0 : 2) + (cause === null ? 1 : 0);
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || b.flows.length - a.flows.length);
}

/** `different: 48 of 132 flows do not end as they should`. */
export function verdictOf({ outcome, flows, asked, node }: DriftDocument): string {
  const different = flows.filter(({ kind }) => kind === 'different').length;
  const open = flows.length - different;
  const of = `${asked.flows} ${asked.flows === 1 ? 'flow' : 'flows'}${asked.by === 'expectations' ? ' that are expected' : ''}`;
  const nodes = node === null ? listText(asked.nodes) : node;
  const unknown = open === 0 ? '' : `; how ${open} more ${open === 1 ? 'ends' : 'end'} is not known`;
  switch (outcome) {
    case 'same':
      return `same: all ${of} end as they should, with what was found on ${nodes}`;
    case 'different':
      return `different: ${different} of ${of} ${different === 1 ? 'does' : 'do'} not end as ${different === 1 ? 'it' : 'they'} should, with what was found on ${nodes}${unknown}`;
    case 'undetermined':
      return `undetermined: how ${open} of ${of} ${open === 1 ? 'ends' : 'end'} is not known, with what was found on ${nodes}`;
  }
}

const MOST_NAMED = 6;

const listText = (items: readonly string[]): string =>
  items.length <= MOST_NAMED ? items.join(', ') : `${items.slice(0, MOST_NAMED).join(', ')} and ${items.length - MOST_NAMED} more`;

/** `node-1: a rule of iptables filter that is not the cluster's comes first: 48 flows`. */
export function groupTitle({ cause, flows, kind }: DriftGroup): string {
  const count = `${flows.length} ${flows.length === 1 ? 'flow' : 'flows'}`;
  if (cause === null)
    return kind === 'different' ? `no single cause was found: ${count}` : `not known, and no single cause was found: ${count}`;
  const drift = cause.policyDrift ? 'policy drift: ' : '';
  const together = cause.together.length === 0 ? '' : `; together with ${listText(cause.together)}`;
  return `${cause.node}: ${drift}${kind === 'undetermined' && cause.kind !== 'untold' ? 'not known: ' : ''}${cause.text}${together}: ${count}`;
}

/** How it becomes as it should be: `fix: on node-1: sysctl -w net.ipv4.ip_forward=1`. */
export function fixLines({ cause }: DriftGroup): readonly string[] {
  if (cause === null) return [];
  const elsewhere = cause.together.length === 0 ? [] : cause.others.filter(({ node }) => node !== cause.node);
  return [...cause.instead.map((text) => `or, which would be enough as well: ${text}`), ...[cause, ...elsewhere].flatMap(fixesOf)];
}

const fixesOf = ({ node, restore: { by, when, commands, words } }: Pick<DriftCauseDocument, 'node' | 'restore'>): readonly string[] => [
  ...commands.map((command) => `fix: on ${node}: ${command}`),
  ...(words === null ? [] : [`fix: on ${node}: ${words}`]),
  ...(by === null ? [] : [`fix: ${by} writes it again ${when}`]),
];

/** The line of a cause, and those of all that come together with it. */
export function placesOf({ cause }: DriftGroup): readonly string[] {
  if (cause === null) return [];
  const all = [cause, ...(cause.together.length === 0 ? [] : cause.others)];
  return [...new Set(all.flatMap(({ source }) => (source === null ? [] : [placeText(source)])))];
}

/** `node-1/iptables-save:41  -A FORWARD -j REJECT`. */
const placeText = ({ file, line, text }: DriftSourceDocument): string =>
  `${file}${line === null ? '' : `:${line}`}${text === null ? '' : `  ${text.replaceAll('\t', ' ')}`}`;

export interface DriftRow {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly should: string;
  readonly has: string;
}

/** Flows of which the same is said. */
interface Alike extends Pick<DriftRow, 'port' | 'should' | 'has'> {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** More rows than these are not read one by one. */
export const MOST_ROWS = 9;

/** Callers of which the same is said are one row; where these are many, so are those that are called. `isEach`: however many they are. */
export function rowsOf(flows: readonly DriftFlowDocument[], isEach = false): readonly DriftRow[] {
  const rows = flows.map((flow) => ({
    from: [flow.source],
    to: [flow.destination],
    port: flow.port === null ? flow.protocol : `${flow.port}/${flow.protocol}`,
    ...endsOf(flow),
  }));
  const callers = together(rows, 'from');
  const all = isEach || callers.length <= MOST_ROWS ? callers : together(amongEachOther(callers), 'to');
  return all.map(({ from, to, ...row }) => ({ from: listText(from), to: listText(to), ...row }));
}

/** Rows that differ in this end only are one. */
function together(rows: readonly Alike[], end: 'from' | 'to'): readonly Alike[] {
  const found = new Map<string, { readonly row: Alike; readonly names: string[] }>();
  for (const row of rows) {
    const key = JSON.stringify({ ...row, [end]: null });
    const known = found.get(key);
    if (known === undefined) found.set(key, { row, names: [...row[end]] });
    else known.names.push(...row[end]);
  }
  return [...found.values()].map(({ row, names }) => ({ ...row, [end]: names }));
}

/** Nobody calls itself: where all others call each of them, they call each other. */
function amongEachOther(rows: readonly Alike[]): readonly Alike[] {
  const circles = new Map<string, { readonly names: readonly string[]; readonly rows: Alike[] }>();
  for (const row of rows) {
    const { from, to, ...said } = row;
    const names = [...from, ...to].toSorted();
    const key = JSON.stringify([names, said]);
    const circle = circles.get(key);
    if (circle === undefined) circles.set(key, { names, rows: [row] });
    else circle.rows.push(row);
  }
  return [...circles.values()].flatMap(({ names, rows: [first, ...others] }): readonly Alike[] => {
    if (first === undefined) return [];
    return 1 + others.length < names.length ? [first, ...others] : [{ ...first, from: names, to: ['each other'] }];
  });
}

/** Where both end alike, others receive it. */
function endsOf({ should, has }: DriftFlowDocument): Pick<DriftRow, 'should' | 'has'> {
  const isAlike = should.outcome === has.outcome && should.code === has.code;
  const text = ({ outcome, code, endpoints }: DriftFlowDocument['should']) =>
    isAlike
      ? `${outcome} to ${endpoints.length === 0 ? 'nobody' : listText(endpoints)}`
      : `${outcome}${code === null || code === 'LEAVES_INPUT' ? '' : ` (${code})`}`;
  return { should: text(should), has: text(has) };
}

/** What was left, and what makes no difference. */
export function tailLines({ causesLeft, withoutEffect, asked }: DriftDocument, verbose: boolean): readonly string[] {
  return [
    ...(causesLeft === 0
      ? []
      : [`Of ${causesLeft} of these flows no cause was looked for, because there are too many: --from and --to ask of fewer.`]),
    ...(asked.notAsked === 0 ? [] : [`Expectations that cannot be asked: ${asked.notAsked}; k8s-trace check says why.`]),
    ...oddLines(withoutEffect, verbose),
    ...sizeLines(withoutEffect, asked.size),
  ];
}

const ODD: readonly (readonly [DriftDocument['withoutEffect'][number]['kind'], string, string])[] = [
  ['table', '1 table of nft', 'tables of nft'],
  ['rule', '1 rule of iptables', 'rules of iptables'],
  ['route', '1 route', 'routes'],
  ['setting', '1 setting', 'settings'],
  ['mtu', '1 MTU', 'MTUs'],
];

/** A handshake fits through any MTU. */
function sizeLines(odd: DriftDocument['withoutEffect'], size: number | null): readonly string[] {
  if (size !== null || odd.every(({ kind }) => kind !== 'mtu')) return [];
  return ['Only large packets meet an MTU: --size BYTES asks about such, as 1500, or 1450 where they go through a tunnel.'];
}

/** What is not as it should be, and changes nothing: counted, or each by its place. */
function oddLines(odd: DriftDocument['withoutEffect'], verbose: boolean): readonly string[] {
  if (odd.length === 0) return [];
  const counts = ODD.flatMap(([kind, one, more]) => {
    const n = odd.filter((o) => o.kind === kind).length;
    return n === 0 ? [] : [n === 1 ? one : `${n} ${more}`];
  });
  const nodes = listText([...new Set(odd.map((o) => o.node))]);
  const summary = `Not the cluster's, or not as it should be, and without effect on what was asked: ${counts.join(', ')}, on ${nodes}${verbose ? '.' : '; -v shows each.'}`;
  const lines = odd.map((o) => `${o.node}: ${o.source === null ? `${o.part}: ${o.text}` : placeText(o.source)}`);
  return [summary, ...(verbose ? lines : [])];
}
