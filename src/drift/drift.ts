import { networkWith } from '../compile/with-found.ts';
import type { Told } from '../diff/change.ts';
import { keyOf, type Rows, toldOf } from '../diff/compare.ts';
import { describeFailure } from '../hop/failure.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Locus } from '../source/origin.ts';
import { trace } from '../trace/trace.ts';
import type { VerdictPath } from '../trace/verdict.ts';
import type { Cause } from './cause.ts';
import { causeOf } from './cause-of.ts';
import { findingsOf } from './findings.ts';
import type { Flow } from './flows.ts';
import { type Odd, oddBeside } from './odd.ts';
import { type Part, partsOf } from './parts.ts';
import { cellOf, judge, rowsOf } from './rows.ts';

/** A flow that does not end as it should, or of which that is not known. */
export interface Drifting {
  readonly flow: Flow;
  readonly kind: 'different' | 'undetermined';
  readonly should: Ended;
  readonly has: Ended;
  /** Null: it was not found, or not looked for. */
  readonly cause: Cause | null;
}

/** How a flow ends. */
export interface Ended {
  readonly outcome: Told['outcome'] | 'mixed';
  readonly code: Told['code'];
  /** The receivers. */
  readonly endpoints: readonly string[];
  /** The failure in words; null: none. */
  readonly message: string | null;
  readonly place: Locus | null;
}

export interface Drift {
  readonly flows: readonly Drifting[];
  readonly same: number;
  /** So many flows drift of which no cause was looked for: there are too many. */
  readonly causesLeft: number;
  /** Differences that make none of the flows end otherwise. */
  readonly withoutEffect: readonly Odd[];
}

/** The most flows that are traced again to describe their ends in words. */
const MOST_TRACED = 3000;

/** Compares found and compiled state by the ends of flows. `isOn`: the nodes whose found state counts. */
export function driftOf(given: Network, flows: readonly Flow[], isOn: (node: string) => boolean): Drift {
  const should = networkWith(given, () => null);
  const has = networkWith(given, ({ name, found }) => (isOn(name) ? found : null));
  const shouldRows = rowsOf(should, flows, null);
  const hasRows = rowsOf(has, flows, shouldRows);
  const judged = flows.map((flow) => ({ flow, kind: judge(toldIn(shouldRows, flow), toldIn(hasRows, flow)) }));
  const drifting = judged.filter(({ kind }) => kind !== 'same').map(({ flow }) => flow);
  const { of, left } = findingsOf(drifting, partsIn(should, has), { has, should, shouldRows }, hasRows);
  const isInWords = drifting.length <= MOST_TRACED;
  const ended = (flow: Flow, network: Network, rows: Rows) => (isInWords ? endedOfTrace(flow, network) : endedOfTold(toldIn(rows, flow)));
  const found = judged.flatMap(({ flow, kind }): readonly Drifting[] =>
    kind === 'same'
      ? []
      : [{ flow, kind, should: ended(flow, should, shouldRows), has: ended(flow, has, hasRows), cause: causeOf(of.get(flow)) }],
  );
  const told = new Set([...of.values()].flatMap(({ pieces }) => pieces));
  return { flows: found, same: flows.length - found.length, causesLeft: left, withoutEffect: oddBeside(should, has, [...told]) };
}

const toldIn = (rows: Rows, flow: Flow): readonly Told[] => toldOf(cellOf(flow), rows.get(keyOf(flow.ends)) ?? []);

function partsIn(should: Network, has: Network): readonly Part[] {
  return [...has.cluster.nodes.values()].flatMap(({ name, found }) => {
    const compiled = should.datapath.netns(name);
    return found === null || compiled === undefined ? [] : partsOf(name, found, compiled);
  });
}

const CANNOT_BE_ASKED: Ended = { outcome: 'undetermined', code: null, endpoints: [], message: 'it cannot be asked', place: null };

/** The end without a description, which takes no trace. */
function endedOfTold(told: readonly Told[]): Ended {
  const outcomes = [...new Set(told.map((t) => t.outcome))];
  const [outcome = 'undetermined'] = outcomes;
  const codes = told.filter((t) => t.code !== null);
  const code = (codes.find((t) => t.outcome !== 'exits') ?? codes[0])?.code ?? null;
  const endpoints = [...new Set(told.flatMap((t) => t.route?.endpoints ?? []))].toSorted();
  return { outcome: outcomes.length > 1 ? 'mixed' : outcome, code, endpoints, message: null, place: null };
}

function receiversOf(paths: readonly Pick<VerdictPath, 'outcome' | 'endpoint'>[]): readonly string[] {
  const all = paths.flatMap(({ outcome, endpoint }) =>
    outcome !== 'delivered' || endpoint === null ? [] : [`${endpoint.netns}${endpoint.port === null ? '' : `:${endpoint.port}`}`],
  );
  return [...new Set(all)].toSorted();
}

function endedOfTrace(flow: Flow, network: Network): Ended {
  const question = flow.question(network);
  if (question === null) return CANNOT_BE_ASKED;
  const { outcome, paths } = trace(network, question);
  const failed = paths.find((p) => p.failure !== null && p.outcome !== 'exits') ?? paths.find((p) => p.failure !== null);
  const failure = failed?.failure ?? null;
  return {
    outcome,
    code: failed?.reason?.code ?? null,
    endpoints: receiversOf(paths),
    message: failure === null ? null : describeFailure(failure),
    place: failure?.origin.locus ?? null,
  };
}
