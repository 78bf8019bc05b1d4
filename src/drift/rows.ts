import type { Row, Told } from '../diff/change.ts';
import { byEnds, type Cell, compare, keyOf, type Rows, toldOf } from '../diff/compare.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { type Verdict, verdict } from '../trace/verdict.ts';
import type { Flow } from './flows.ts';

/** The ports of a flow among those of its ends. */
export const cellOf = ({ ends, port }: Flow): Cell => ({ ends, ports: port === null ? null : { first: port, last: port } });

/**
 * The ends of flows. `should`: the ends that they should have; a refusal by a filter then counts as one by the policy that should refuse
 * the flow.
 */
export function rowsOf(network: Network, flows: readonly Flow[], should: Rows | null): Rows {
  return byEnds(
    flows.flatMap((flow): readonly Row[] => {
      const question = flow.question(network);
      if (question === null) return [];
      const told = toldOfVerdict(verdict(network, question));
      const { ends, port } = flow;
      const ports = port === null ? [] : [{ first: port, last: port }];
      const by = should === null ? told : asPolicies(told, toldOf(cellOf(flow), should.get(keyOf(ends)) ?? []));
      return by.map((one) => ({ ...ends, ports, ...one }));
    }),
  );
}

/** The outcomes of a connection, with its receivers. */
function toldOfVerdict({ paths }: Verdict): readonly Told[] {
  const found = new Map<string, Told>();
  for (const { outcome, code, probability, endpoint } of paths) {
    const name = `${outcome} ${code}`;
    const known = found.get(name);
    const arrives =
      outcome === 'delivered' && endpoint !== null ? [`${endpoint.netns}${endpoint.port === null ? '' : `:${endpoint.port}`}`] : [];
    const endpoints = [...new Set([...(known?.route?.endpoints ?? []), ...arrives])].sort();
    found.set(name, { outcome, code, share: (known?.share ?? 0) + probability, route: { endpoints, way: [], back: [] } });
  }
  // The chance of a rule is printed with eleven digits.
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, told]) => ({ ...told, share: Math.round(told.share * 10_000) / 10_000 }));
}

/** A policy's refusal does not say how packets are refused: a drop or a rejection by a filter of its enforcer is the same end. */
function asPolicies(has: readonly Told[], should: readonly Told[]): readonly Told[] {
  const refused = should.find(isByPolicy);
  if (refused === undefined) return has;
  return has.map((told) => (isByFilter(told) ? { ...told, outcome: refused.outcome, code: refused.code } : told));
}

const isByPolicy = ({ outcome, code }: Pick<Told, 'outcome' | 'code'>): boolean =>
  (outcome === 'dropped' || outcome === 'rejected') && code !== null && code.startsWith('POLICY_');

/** What kube-proxy has no backend for ends by a rule of its own in filter, after the policies' or before them. */
const BY_FILTER: ReadonlySet<Told['code']> = new Set<Told['code']>([
  'FILTER_DROP',
  'FILTER_REJECT',
  'NO_ENDPOINTS',
  'NO_READY_ENDPOINTS',
  'NO_LOCAL_ENDPOINTS',
]);

const isByFilter = ({ outcome, code }: Told): boolean => (outcome === 'dropped' || outcome === 'rejected') && BY_FILTER.has(code);

export type Judgement = 'same' | 'different' | 'undetermined';

/**
 * Do the ends differ? Two sides of which one is undetermined in part differ by a determined end that the other, wholly determined side does
 * not have; otherwise it is not known.
 */
export function judge(should: readonly Told[], has: readonly Told[]): Judgement {
  const [isOpen, isOpenNow] = [should.some(isUndetermined), has.some(isUndetermined)];
  if (!isOpen && !isOpenNow) return compare(should, has) === null ? 'same' : 'different';
  const isBeyond = (some: readonly Told[], others: readonly Told[]) =>
    some.some((told) => !isUndetermined(told) && !others.some((o) => o.outcome === told.outcome && o.code === told.code));
  return (!isOpen && isBeyond(has, should)) || (!isOpenNow && isBeyond(should, has)) ? 'different' : 'undetermined';
}

const isUndetermined = ({ outcome }: Told): boolean => outcome === 'undetermined';
