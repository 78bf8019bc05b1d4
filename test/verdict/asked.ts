import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { loadNetwork, type Network, type Request } from '../../src/index.ts';
import type { Question } from '../../src/query/question.ts';
import { resolveQuestion } from '../../src/trace/resolve-question.ts';
import { checkedFabric, drawnQuestion, faultyCluster, faultyOverlay } from '../advice/planted.ts';
import { policedCluster } from '../advice/policies.ts';
import { questionsOf } from '../advice/questions.ts';
import { randomFrom } from '../fuzz/random.ts';
import { DATAPATHS } from '../kernel-lab/datapaths.ts';
import { inFamily } from '../kernel-lab/families.ts';
import { type Scenario, scenario, scenarioOn } from '../kernel-lab/generate.ts';
import { withPolicies } from '../kernel-lab/policed.ts';

/** A connection to ask about, and where it is from. */
export interface Asked {
  readonly from: string;
  readonly network: Network;
  readonly question: Question;
}

/** Questions to every fixture that can be read alone, so many each. */
export function* ofFixtures(most: number): Iterable<Asked> {
  const root = new URL('../../fixtures/', import.meta.url);
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.(yaml|json)$/.test(name) || name.startsWith('invalid')) continue;
    const network = networkOf(readFileSync(new URL(name, root)));
    if (network !== null) yield* asked(name, network, questionsOf(network, most));
  }
}

/** Of clusters with planted faults, or with policies. */
export function* ofPlanted(count: number): Iterable<Asked> {
  for (const draw of [faultyCluster, faultyOverlay, checkedFabric, policedCluster])
    for (let seed = 1; seed <= count; seed++) {
      const r = randomFrom(seed);
      const cluster = draw(r);
      const network = networkOf(JSON.stringify(cluster));
      const questions = Array.from({ length: 6 }, () => drawnQuestion(cluster, r));
      if (network !== null) yield* asked(`${draw.name} ${seed}`, network, questions);
    }
}

/** Of the clusters that the kernel is asked about, of all plugins and modes, in one family and in both. */
export function* ofScenarios(count: number): Iterable<Asked> {
  const all = [
    scenario,
    ...(['IPv6', 'both'] as const).map((family) => inFamily(scenario, family, 'IPv4')),
    ...DATAPATHS.flatMap((d) => (['iptables', 'nftables'] as const).map((mode) => scenarioOn(d, mode))),
    ...['calico', 'cilium'].map((enforcer) => withPolicies(scenario, enforcer, 'IPv4')),
  ];
  for (const [i, drawn] of all.entries())
    for (const [j, s] of fc.sample(drawn, { seed: i + 1, numRuns: count }).entries()) yield* ofScenario(`scenario ${i} ${j}`, s);
}

function* ofScenario(from: string, { text, flows }: Scenario): Iterable<Asked> {
  const network = networkOf(text);
  const requests = flows.map(({ source, destination, size }) => ({ source, destination, ...(size === null ? {} : { size }) }));
  if (network !== null) yield* asked(from, network, requests);
}

function networkOf(content: string | Uint8Array): Network | null {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const loaded = loadNetwork([{ name: 'x.yaml', bytes }]);
  return loaded.ok ? loaded.value : null;
}

function* asked(from: string, network: Network, requests: readonly Request[]): Iterable<Asked> {
  for (const request of requests) {
    const resolved = resolveQuestion(network, request);
    if (!resolved.ok) continue;
    for (const question of resolved.value)
      yield { from: `${from}: ${request.source} ${request.destination} ${question.family}`, network, question };
  }
}
