import type { Told } from '../diff/change.ts';
import { keyOf, type Rows, toldOf } from '../diff/compare.ts';
import type { Flow } from './flows.ts';
import type { Part } from './parts.ts';
import { cellOf, rowsOf } from './rows.ts';
import { type Finding, findingOf, isRestored, type Sides, withBack } from './search.ts';

/** The most causes that are reported, and the most kinds of flows for which none is found. */
const MOST_FINDINGS = 100;
const MOST_IN_VAIN = 30;
/** The most flows of other looks on which a found cause is tried as well. */
const AT_ONCE = 1000;

export interface Findings {
  readonly of: ReadonlyMap<Flow, Finding>;
  /** Flows of which no cause was looked for. */
  readonly left: number;
}

/**
 * Searches the cause of one flow after the other, and tries each cause on the flows that are left. Flows that look alike are tried first:
 * they mostly have the same cause, so that few of many flows are searched themselves.
 */
export function findingsOf(flows: readonly Flow[], parts: readonly Part[], sides: Sides, hasRows: Rows): Findings {
  const of = new Map<Flow, Finding>();
  const looks = new Map(flows.map((flow) => [flow, lookOf(flow, hasRows)] as const));
  const inVain = new Set<string>();
  let left = flows;
  let times = 0;
  for (let [flow] = left; flow !== undefined && times < MOST_FINDINGS && inVain.size < MOST_IN_VAIN; [flow] = left) {
    const look = looks.get(flow);
    const finding = findingOf(flow, parts, sides);
    times++;
    if (finding === null) {
      inVain.add(look ?? '');
      left = left.filter((other) => looks.get(other) !== look);
      continue;
    }
    of.set(flow, finding);
    const rest = left.slice(1);
    const asked = rest.filter((other, i) => i < AT_ONCE || looks.get(other) === look);
    for (const other of explained(finding, asked, sides)) of.set(other, finding);
    left = rest.filter((other) => !of.has(other));
  }
  return { of, left: left.length };
}

/** The flows that end as they should with the pieces put back: all of them and no fewer, or each one alone. */
function explained({ pieces, isAny }: Finding, flows: readonly Flow[], sides: Sides): readonly Flow[] {
  const restored = (some: readonly Part[], among: readonly Flow[]): readonly Flow[] => {
    if (among.length === 0) return [];
    const rows = rowsOf(withBack(sides.has, some), among, sides.shouldRows);
    return among.filter((flow) => isRestored(flow, rows, sides.shouldRows));
  };
  if (isAny) return pieces.reduce((among, piece) => restored([piece], among), flows);
  const all = restored(pieces, flows);
  const alone = new Set(pieces.flatMap((piece) => restored([piece], all)));
  return all.filter((flow) => !alone.has(flow));
}

/** The look of a flow: its two sides and how it ends. */
function lookOf(flow: Flow, rows: Rows): string {
  const told: readonly Told[] = toldOf(cellOf(flow), rows.get(keyOf(flow.ends)) ?? []);
  return [flow.between, flow.ends.family, flow.ends.protocol, ...told.map(({ outcome, code }) => `${outcome} ${code}`)].join(' ');
}
