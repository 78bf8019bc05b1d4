import { readFileSync } from 'node:fs';
import { loadNetwork, type Network, type Request, type TraceDocument, traceRequest, type WalkDocument } from '../src/index.ts';

/** What most tests do: load a fixture, ask, and look at the crossings. */

const networks = new Map<string, Network>();

function network(fixture: string): Network {
  const known = networks.get(fixture);
  if (known !== undefined) return known;
  const read = networkOf(readFileSync(new URL(`../fixtures/${fixture}`, import.meta.url)), fixture);
  networks.set(fixture, read);
  return read;
}

/** The network that a text states: a test's own, for which a fixture would be too far away. */
export function networkOf(text: string | Uint8Array, name = 'x.yaml'): Network {
  const loaded = loadNetwork([{ name, bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text }]);
  if (!loaded.ok) throw new Error(`${name}: ${JSON.stringify(loaded.diagnostics, null, 1)}`);
  return loaded.value;
}

export function ask(fixture: string, source: string, destination: string, more: Partial<Request> = {}): TraceDocument {
  return askIn(network(fixture), source, destination, more);
}

export function askIn(network: Network, source: string, destination: string, more: Partial<Request> = {}): TraceDocument {
  const result = traceRequest(network, { source, destination, ...more });
  if (!result.ok) throw new Error(`${result.message}; ${result.hint}`);
  return result.trace;
}

/** Who is called how, as a capture shows it, in a tunnel the tunnel's own packet: `pod-a eth0 out 10.244.1.10 > 10.244.2.11`, namespaces of pods without `default/`. */
export function crossings(walk: WalkDocument | null): readonly string[] {
  const hops = walk?.hops ?? [];
  return hops.flatMap((h) => {
    if (h.kind !== 'interface') return [];
    const { source, destination } = h.packet.outer ?? h.packet;
    return [`${h.netns.replace('default/', '')} ${h.device} ${h.direction} ${source} > ${destination}`];
  });
}

/** Every rule that matched on a walk: printed by a failing row. */
export function matchedRules(walk: WalkDocument | null): string {
  const hops = walk?.hops ?? [];
  return hops
    .flatMap((h) =>
      h.kind === 'nat' || h.kind === 'filter' || h.kind === 'skip' ? h.rules.map((r) => `${h.netns} ${r.chain}: ${r.rule}`) : [],
    )
    .join('\n');
}
