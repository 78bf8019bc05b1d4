import { loadNetwork, type Machine, prepareTrace } from '../../src/index.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import type { Crossing } from '../../src/lab/crossing.ts';
import { type Claim, type Verdict, verify } from '../../src/lab/verify.ts';
import { formatAddress } from '../../src/net/address.ts';
import type { Trace } from '../../src/trace/trace.ts';
import type { Scenario } from './generate.ts';

/** What became of a scenario: the kernel's verdict on every flow, and the services with affinity that answered one client by two endpoints. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  readonly verdicts: readonly Verdict[];
  readonly unfaithful: readonly string[];
  readonly askedTwice: number;
}

/** Builds a scenario's cluster and sends all its packets. */
export async function runScenario(machine: Machine, scenario: Scenario): Promise<Outcome> {
  const loaded = loadNetwork([{ name: 'cluster.yaml', bytes: new TextEncoder().encode(scenario.text) }]);
  if (!loaded.ok)
    throw new Error(
      `the generator made a topology that is refused: ${loaded.diagnostics.find((d) => d.severity === 'error')?.message}\n${scenario.text}`,
    );
  const claims = scenario.flows.flatMap(({ source, destination, size }): readonly Claim[] => {
    const answer = prepareTrace(loaded.value, { source, destination, ...(size === null ? {} : { size }) });
    if (!answer.ok) throw new Error(`the generator asked for nothing: ${source} -> ${destination}: ${answer.message}`);
    return answer.traces.map(claimOf);
  });
  const twice = claims.filter(({ trace }) => remembersClient(trace));
  const verdicts = await verify(machine, loaded.value, [...claims, ...twice]);
  return {
    scenario,
    cluster: loaded.value.cluster,
    verdicts,
    unfaithful: twice.flatMap(({ trace }) => unfaithful(trace, verdicts)),
    askedTwice: twice.length,
  };
}

/** Does a service keep its clients' endpoints? Asked from inside, no other machine chooses before it. */
function remembersClient({ question: { destination, source } }: Trace): boolean {
  if (destination.kind !== 'service' || source.kind === 'Host') return false;
  const { clusterIps, sessionAffinityTimeoutSeconds } = destination.service;
  // Of a headless service the client itself takes an address.
  return clusterIps.length > 0 && sessionAffinityTimeoutSeconds !== null;
}

/** The endpoint of a later connection is that of the first one, whatever chance would have. */
function unfaithful(trace: Trace, verdicts: readonly Verdict[]): readonly string[] {
  const of = verdicts.filter((v) => v.trace === trace && v.comparison.agrees);
  const called = of.map((v) => trace.paths[v.comparison.path]?.forward.packet.destination);
  const endpoints = new Set(called.map((a) => (a === undefined ? '-' : formatAddress(a))));
  return endpoints.size > 1 ? [`${trace.question.source.netns}: one client, and the endpoints ${[...endpoints].join(', ')}`] : [];
}

export function claimOf(trace: Trace): Claim {
  const { protocol } = trace.question.target;
  if (protocol === 'sctp') throw new Error('SCTP is not sent');
  return { trace, protocol };
}

/** Where model and kernel differ, in words. */
export const differences = ({ verdicts, unfaithful }: Outcome): readonly string[] => [
  ...verdicts.filter((v) => !v.comparison.agrees).map(explain),
  ...unfaithful,
];

/** A disagreement for a person: where the kernel went another way. */
export function explain({ trace, comparison }: Verdict): string {
  const { source, target, size } = trace.question;
  const { client, walks, path } = comparison;
  const head = `${source.netns} -> ${trace.question.destination.kind} ${target.addresses.length} ${target.port}/${target.protocol}${size === null ? '' : ` size ${size}`}`;
  const reason = trace.paths[path]?.reason?.code ?? 'delivered';
  const lines = [
    `${head}: path ${path + 1} of ${trace.paths.length}, model ${reason}, client ${client.model}; kernel: client ${client.kernel}`,
  ];
  for (const w of walks.filter((x) => !x.agrees)) {
    lines.push(`  ${w.walk}`);
    for (let i = 0; i < Math.max(w.model.length, w.kernel.length); i++) {
      const [m, k] = [crossingText(w.model[i]), crossingText(w.kernel[i])];
      lines.push(m === k ? `      ${m}` : `    M ${m}\n    K ${k}`);
    }
  }
  return lines.join('\n');
}

const crossingText = (c: Crossing | undefined) => (c === undefined ? '-' : `${c.netns} ${c.device} ${c.direction} ${c.header}`);
