import type { Network } from '../k8s/compiled-network.ts';
import { callsTo } from '../matrix/asked.ts';
import { questionOf, sourceOf } from '../matrix/asked-by-trace.ts';
import type { End, MatrixQuestion, Side } from '../matrix/question.ts';
import type { PortRange } from '../reach/ports.ts';
import { trace } from '../trace/trace.ts';
import type { Ends, Row } from './change.ts';
import { keyOf, type Rows } from './compare.ts';
import { routeOf } from './route.ts';
import { toldOfPaths } from './told.ts';

/** A member that calls another, for all members of their groups, and all ports that lead the same way. */
export interface Sample {
  readonly ends: Ends;
  readonly ports: readonly PortRange[];
  readonly port: number | null;
  readonly caller: string;
  readonly called: string;
}

/** More would take longer than the rest. */
const MOST = 2000;

export interface Samples {
  readonly samples: readonly Sample[];
  /** So many more there would be. */
  readonly left: number;
}

/** One for each two groups that reach each other in both inputs, between members that both inputs have. */
export function samplesOf(before: MatrixQuestion, after: MatrixQuestion, rows: Rows): Samples {
  const [callers, called] = [commonMembers(before.from, after.from), commonMembers(before.to, after.to)];
  const all: Sample[] = [];
  for (const [first, ...others] of rows.values()) {
    if (first === undefined) continue;
    const { from, to, family, protocol } = first;
    const ports = [first, ...others].filter((r) => r.outcome === 'delivered' || r.outcome === 'exits').flatMap((r) => r.ports);
    const isReached = ports.length > 0 || protocol === 'icmp';
    const pair = isReached ? twoOf(callers.get(from) ?? [], called.get(to) ?? []) : null;
    if (pair === null) continue;
    const ends = { from, to, family, protocol };
    const [caller, target] = pair;
    const sample = (some: readonly PortRange[]): Sample => ({ ends, ports: some, port: some[0]?.first ?? null, caller, called: target });
    // Ports of a pod are called at one address; those of services and nodes lead to other pods each.
    const isOneWay = protocol === 'icmp' || !/^(Service|Node)\//.test(to);
    all.push(...(isOneWay ? [sample(ports)] : ports.map((p) => sample([p]))));
  }
  return { samples: all.slice(0, MOST), left: Math.max(0, all.length - MOST) };
}

function commonMembers(before: readonly Side[], after: readonly Side[]): ReadonlyMap<string, readonly string[]> {
  const old = new Map(before.map((s) => [s.group.id, new Set(s.ends.map(nameOf))]));
  return new Map(after.map((s) => [s.group.id, s.ends.map(nameOf).filter((name) => old.get(s.group.id)?.has(name) === true)]));
}

function nameOf(end: End): string {
  switch (end.kind) {
    case 'pod':
      return `pod ${end.pod.name}`;
    case 'node':
      return `node ${end.node.name}`;
    case 'service':
      return `service ${end.service.name}`;
    case 'outside':
      return 'outside';
  }
}

/** Nobody is asked for itself. */
function twoOf(callers: readonly string[], called: readonly string[]): readonly [string, string] | null {
  for (const caller of callers) for (const target of called) if (caller !== target) return [caller, target];
  return null;
}

/** Where the samples' packets go in a network, and how they end. */
export function routeRows(network: Network, question: MatrixQuestion, samples: readonly Sample[]): Rows {
  const found = new Map<string, Row[]>();
  const endsOf = (sides: readonly Side[]) => {
    const groups = new Map(sides.map((s) => [s.group.id, s.ends]));
    return (id: string, name: string) => groups.get(id)?.find((end) => nameOf(end) === name);
  };
  const [callers, called] = [endsOf(question.from), endsOf(question.to)];
  for (const sample of samples) {
    const [caller, target] = [callers(sample.ends.from, sample.caller), called(sample.ends.to, sample.called)];
    if (caller === undefined || target === undefined) continue;
    const rows = follow(network, sample, caller, target);
    found.set(keyOf(sample.ends), [...(found.get(keyOf(sample.ends)) ?? []), ...rows]);
  }
  return found;
}

function follow(network: Network, { ends, ports, port }: Sample, caller: End, called: End): readonly Row[] {
  const { cluster } = network;
  const { family, protocol } = ends;
  const source = sourceOf(cluster, caller, family);
  const [target] = callsTo(cluster, { ports: [{ protocol, port }], protocol: null }, called, family, caller.kind === 'outside');
  if (source === null || target === undefined) return [];
  const traced = trace(network, questionOf(cluster, source, called, target, family));
  const route = routeOf(cluster, traced);
  return toldOfPaths(traced.paths).map((told) => ({ ...ends, ports, ...told, route }));
}
