import { destinationText } from '../check/document.ts';
import { pairsOf } from '../check/pairs.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Expectation } from '../k8s/expectation.ts';
import { trace } from '../trace/trace.ts';
import type { Row } from './change.ts';
import { routeOf } from './route.ts';
import { toldOfPaths } from './told.ts';

/** What becomes of the connections that are expected something of. One that a network cannot be asked for is not there. */
export function expectationRows(network: Network, expectations: readonly Expectation[], namespace: string): readonly Row[] {
  const found = new Map<string, Row[]>();
  for (const pair of pairsOf(network, expectations, namespace)) {
    if (!('question' in pair)) continue;
    const { question, request, expectation } = pair;
    const { port, protocol } = question.target;
    const ends = {
      from: request.source,
      to: destinationText(request),
      family: question.family,
      protocol,
      ports: port === null ? [] : [{ first: port, last: port }],
    };
    const key = JSON.stringify(ends);
    if (found.has(key)) continue;
    const traced = trace(network, question, expectation.redirects);
    const route = routeOf(network.cluster, traced);
    found.set(
      key,
      toldOfPaths(traced.paths).map((told) => ({ ...ends, ...told, route })),
    );
  }
  return [...found.values()].flat();
}
