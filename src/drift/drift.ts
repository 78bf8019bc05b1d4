import type { Told } from '../diff/change.ts';
import { keyOf, type Rows, toldOf } from '../diff/compare.ts';
import { describeFailure } from '../hop/failure.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Locus } from '../source/origin.ts';
import { trace } from '../trace/trace.ts';
import { type VerdictPath, verdict } from '../trace/verdict.ts';
import { type Cause, causeOf } from './cause.ts';
import { detailOf } from './detail.ts';
import type { Flow } from './flows.ts';
import { type Foreign, foreignTables } from './foreign.ts';
import { networkWith } from './networks.ts';
import { type Part, partsOf, whatText } from './parts.ts';
import { cellOf, judge, rowsOf } from './rows.ts';
import { partsOfFlows, type Traced } from './search.ts';

/** A flow that does not end as it should, or of which nobody knows. */
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
  /** Who receives it. */
  readonly endpoints: readonly string[];
  /** Of what fails; null: nothing does. */
  readonly message: string | null;
  readonly place: Locus | null;
}

export interface Drift {
  readonly flows: readonly Drifting[];
  readonly same: number;
  /** So many flows drift of which no cause was looked for: there are too many. */
  readonly causesLeft: number;
  /** What is there and should not be, and makes none of the flows end otherwise. */
  readonly withoutEffect: readonly Foreign[];
}

/** What was found on nodes beside what should be there, by how flows end. `isOn`: the nodes of which what was found counts. */
export function driftOf(given: Network, flows: readonly Flow[], isOn: (node: string) => boolean): Drift {
  const should = networkWith(given, () => null);
  const has = networkWith(given, ({ name, found }) => (isOn(name) ? found : null));
  const shouldRows = rowsOf(should, flows, null);
  const hasRows = rowsOf(has, flows, shouldRows);
  const judged = flows.map((flow) => ({ flow, kind: judge(toldIn(shouldRows, flow), toldIn(hasRows, flow)) }));
  const drifting = judged.filter(({ kind }) => kind !== 'same').map(({ flow }) => flow);
  const parts = partsIn(should, has);
  const traced = new Map(partsOfFlows(drifting, parts, { has, should, shouldRows }).map((one) => [one.flow, one]));
  const found = judged.flatMap(({ flow, kind }): readonly Drifting[] =>
    kind === 'same' ? [] : [{ ...driftingOf(flow, traced.get(flow) ?? null, { should, has }), kind }],
  );
  const used = new Set(
    found.flatMap(({ cause }) =>
      cause === null ? [] : [`${cause.node} ${cause.part}`, ...cause.together.map((t) => t.replace(': ', ' '))],
    ),
  );
  return {
    flows: found,
    same: flows.length - found.length,
    causesLeft: drifting.length - traced.size,
    withoutEffect: foreignTables(parts).filter(({ node, part }) => !used.has(`${node} ${part}`)),
  };
}

const toldIn = (rows: Rows, flow: Flow): readonly Told[] => toldOf(cellOf(flow), rows.get(keyOf(flow.ends)) ?? []);

function partsIn(should: Network, has: Network): readonly Part[] {
  return [...has.cluster.nodes.values()].flatMap(({ name, found }) => {
    const compiled = should.datapath.netns(name);
    return found === null || compiled === undefined ? [] : partsOf(name, found, compiled);
  });
}

interface Sides {
  readonly should: Network;
  readonly has: Network;
}

function driftingOf(flow: Flow, traced: Traced | null, { should, has }: Sides): Omit<Drifting, 'kind'> {
  if (traced === null) return { flow, should: endedOfVerdict(flow, should), has: endedOfVerdict(flow, has), cause: null };
  const [wanted, own] = [traceOf(flow, should), traceOf(flow, has)];
  const cause =
    wanted === null || own === null
      ? null
      : causeOf(traced.parts, (part) => {
          const [compiled, is] = [should.datapath.netns(part.node), has.datapath.netns(part.node)];
          const found = has.cluster.nodes.get(part.node)?.found ?? null;
          if (compiled === undefined || is === undefined || found === null)
            return { kind: 'other', text: `${whatText(part.what)} is not as it should be`, place: null, isThere: false };
          return detailOf(part, { should: wanted, has: own }, { compiled, is, found });
        });
  return { flow, should: endedOf(wanted), has: endedOf(own), cause };
}

/** Without words, of one among thousands. */
function endedOfVerdict(flow: Flow, network: Network): Ended {
  const question = flow.question(network);
  if (question === null) return endedOf(null);
  const { outcome, paths } = verdict(network, question);
  const code = paths.find((p) => p.code !== null && p.outcome !== 'exits')?.code ?? paths.find((p) => p.code !== null)?.code ?? null;
  return { outcome, code, endpoints: receiversOf(paths), message: null, place: null };
}

function receiversOf(paths: readonly Pick<VerdictPath, 'outcome' | 'endpoint'>[]): readonly string[] {
  const all = paths.flatMap(({ outcome, endpoint }) =>
    outcome !== 'delivered' || endpoint === null ? [] : [`${endpoint.netns}${endpoint.port === null ? '' : `:${endpoint.port}`}`],
  );
  return [...new Set(all)].toSorted();
}

function traceOf(flow: Flow, network: Network) {
  const question = flow.question(network);
  return question === null ? null : trace(network, question);
}

function endedOf(traced: ReturnType<typeof trace> | null): Ended {
  if (traced === null) return { outcome: 'undetermined', code: null, endpoints: [], message: 'it cannot be asked', place: null };
  const { outcome, paths } = traced;
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
