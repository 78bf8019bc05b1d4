import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type HopDocument,
  loadNetwork,
  type Network,
  type PathDocument,
  type ReasonDocument,
  traceRequest,
  type WalkDocument,
} from '../../src/index.ts';

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
export const answers = (network: Network, source: string, destination: string, enters?: string): readonly string[] =>
  ways(network, { source, destination, enters }, ({ outcome }) => outcome);

/** The same, and of what does not get through also what decides: `dropped by iptables-save:142`. */
export const decisions = (network: Network, source: string, destination: string, enters?: string): readonly string[] =>
  ways(network, { source, destination, enters }, ({ outcome, reason }) => {
    const { file, line } = reason?.source ?? {};
    return file == null ? outcome : `${outcome} by ${basename(file)}:${line}`;
  });

interface Question {
  readonly source: string;
  readonly destination: string;
  readonly enters: string | undefined;
}

function ways(network: Network, { source, destination, enters }: Question, lost: (path: PathDocument) => string): readonly string[] {
  const asked = traceRequest(network, { source, destination, ...(enters === undefined ? {} : { in: `node/${enters}` }) });
  if (!asked.ok) throw new Error(asked.message);
  const all = asked.trace.paths.map((path) => {
    if (path.outcome !== 'delivered' && path.outcome !== 'exits') return lost(path);
    const crossings = path.forward.hops.filter((h) => h.kind === 'interface');
    const out = crossings.findLast((h) => h.direction === 'out' && h.netns === 'node' && h.device !== 'lo');
    if (out === undefined) return 'here';
    const { source: from, destination: to, destinationPort: port } = out.packet;
    return `${out.device}: ${from} > ${to}${port === null ? '' : `:${port}`}`;
  });
  return [...new Set(all)].toSorted();
}

/** A packet of which it is known where it comes out of the machine, and as what; or what becomes of it; and the same of its answer. */
export interface MachineAnswer {
  readonly there: string;
  readonly back: string | null;
}

export function machineAnswers(
  network: Network,
  source: string,
  destination: string,
  enters: string | null,
  size: number | null = null,
): readonly MachineAnswer[] {
  const where = enters === null ? {} : { in: `node/${enters}` };
  const asked = traceRequest(network, { source, destination, ...where, ...(size === null ? {} : { size }) });
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
