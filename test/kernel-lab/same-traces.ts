import { prepareTrace } from '../../src/index.ts';
import type { Network } from '../../src/k8s/compiled-network.ts';
import { expectedCrossings } from '../../src/lab/crossing.ts';
import type { Trace, TracePath } from '../../src/trace/trace.ts';
import type { Scenario } from './generate.ts';

/** What is asked of both, and how their traces differ; empty: they do not. */
export function tracesThatDiffer(scenario: Scenario, stated: Network, found: Network): readonly string[] {
  return scenario.flows.flatMap(({ source, destination, size }) => {
    const question = { source, destination, ...(size === null ? {} : { size }) };
    const [a, b] = [stated, found].map((network) => {
      const answer = prepareTrace(network, question);
      return answer.ok ? answer.traces.flatMap(lines) : [answer.message];
    });
    if (a === undefined || b === undefined) throw new Error('two networks are asked');
    if (a.length === b.length && a.every((line, i) => isLike(line, b[i] ?? ''))) return [];
    const at = a.findIndex((line, i) => !isLike(line, b[i] ?? ''));
    const from = at === -1 ? a.length : at;
    return [
      [
        `${source} -> ${destination}`,
        ...a.slice(Math.max(0, from - 2), from).map((l) => `      ${l}`),
        `   topology: ${a[from] ?? '-'}`,
        `   found:    ${b[from] ?? '-'}`,
      ].join('\n'),
    ];
  });
}

/** The kernel takes the routes away that go by a device that is down: that one was there, nothing shows afterwards. */
const isLike = (stated: string, found: string) => found === stated || found === stated.replace(/^(\w+) LINK_DOWN /, '$1 NO_ROUTE ');

const lines = ({ paths }: Trace): readonly string[] => paths.flatMap(linesOfPath);

/** How a path ends, why, and where its packets are seen on the way. */
function linesOfPath(path: TracePath): readonly string[] {
  const walks = (['forward', 'reply', 'ack', 'data'] as const).flatMap((name) => {
    const walk = path[name];
    return walk === null ? [] : [name, ...expectedCrossings(walk).map((c) => `${c.netns} ${c.device} ${c.direction} ${c.header}`)];
  });
  return [`${path.outcome} ${path.reason?.code ?? ''} ${path.client} ${path.probability.toFixed(6)}`, ...walks];
}
