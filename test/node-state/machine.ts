import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HopDocument, loadNetwork, type Network, type ReasonDocument, traceRequest, type WalkDocument } from '../../src/index.ts';

/** The only machine that is known, of a folder of fixtures/node-state, or of these of its files. */
export function machine(name: string, only: readonly string[] | null = null): Network {
  const folder = join(import.meta.dirname, '../../fixtures/node-state', name);
  const given = only ?? readdirSync(folder);
  return machineOf(Object.fromEntries(given.map((file) => [file, readFileSync(join(folder, file))])), name);
}

/** The only machine that is known, of what these commands printed there. */
export function machineOf(printed: Readonly<Record<string, Uint8Array | string>>, name = 'node'): Network {
  const files = Object.entries(printed).map(([file, text]) => ({ name: `${name}/${file}`, bytes: Buffer.from(text) }));
  const loaded = loadNetwork([], { nodeState: [{ node: null, root: name, files }] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  return loaded.value;
}

/** Where the packet comes out of the machine, and as what; or what becomes of it there. Each way once, in order. */
export function answers(network: Network, source: string, destination: string, enters?: string): readonly string[] {
  const asked = traceRequest(network, { source, destination, ...(enters === undefined ? {} : { in: `node/${enters}` }) });
  if (!asked.ok) throw new Error(asked.message);
  const all = asked.trace.paths.map(({ outcome, forward }) => {
    const crossings = forward?.hops.filter((h) => h.kind === 'interface') ?? [];
    const out = crossings.findLast((h) => h.direction === 'out' && h.netns === 'node');
    if (outcome !== 'delivered' && outcome !== 'exits') return outcome;
    return out === undefined ? 'here' : `${out.device}: ${out.packet.source} > ${out.packet.destination}:${out.packet.destinationPort}`;
  });
  return [...new Set(all)].toSorted();
}

/** A packet of which it is known where it comes out of the machine, and as what; or what becomes of it; and the same of its answer. */
export interface MachineAnswer {
  readonly there: string;
  readonly back: string | null;
}

export function machineAnswers(network: Network, source: string, destination: string, enters: string | null): readonly MachineAnswer[] {
  const asked = traceRequest(network, { source, destination, ...(enters === null ? {} : { in: `node/${enters}` }) });
  if (!asked.ok) throw new Error(asked.message);
  return asked.trace.paths.map(({ forward, reply, reason }) => ({
    there: endOf(forward, reason, (p) => `${p.source} > ${p.destination}:${p.destinationPort}`),
    back: reply === null ? null : endOf(reply, reason, (p) => `${p.source}:${p.sourcePort} > ${p.destination}`),
  }));
}

function endOf({ outcome, hops }: WalkDocument, reason: ReasonDocument | null, header: (p: HopDocument['packet']) => string): string {
  const out = hops.findLast((h) => h.kind === 'interface' && h.direction === 'out' && h.netns === 'node');
  if (outcome !== 'delivered' && outcome !== 'exits') return `${outcome} ${reason?.code}`;
  return out === undefined ? 'here' : `${out.device}: ${header(out.packet)}`;
}
