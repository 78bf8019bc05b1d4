import { expect, it } from 'vitest';
import type { Request } from '../../src/index.ts';
import { ask, crossings, matchedRules } from '../tracing.ts';

/** One packet: what a capture on every device of a real kernel shows for it, and what the client sees. */
export interface Row {
  readonly name: string;
  readonly fixture: string;
  readonly ask: readonly [string, string];
  readonly more?: Partial<Request>;
  readonly outcome: string;
  readonly code?: string;
  readonly client: string;
  /** Which path, by the endpoint that got the request; the first one when left out. */
  readonly endpoint?: string;
  /** The request; of a connection with a data packet, that packet. */
  readonly forward: readonly string[];
  /** The answer to the request (of a connection, to its first packet), or its refusal, on its way back; left out, there is none. */
  readonly reply?: readonly string[];
}

/** How most rows end. */
export const delivered = { outcome: 'delivered', client: 'answer' } as const;

export const A = '10.244.1.10';
export const B = '10.244.1.11';
export const C = '10.244.2.10';
export const D = '10.244.2.11';

/** The crossings of a way with the same header all along. */
export const all = (header: string, ...places: readonly string[]) => places.map((p) => `${p} ${header}`);
/** From pod-a into its node's IP stack, and back. */
export const UP = ['pod-a eth0 out', 'node-1 veth0 in', 'node-1 cni0 in'];
export const DOWN = ['node-1 cni0 out', 'node-1 veth0 out', 'pod-a eth0 in'];
/** From node-1 to pod-d, and back. */
export const TO_D = ['node-1 eth0 out', 'node-2 eth0 in', 'node-2 cni0 out', 'node-2 veth1 out', 'pod-d eth0 in'];
export const FROM_D = ['pod-d eth0 out', 'node-2 veth1 in', 'node-2 cni0 in', 'node-2 eth0 out', 'node-1 eth0 in'];

export function runRows(rows: readonly Row[]): void {
  for (const row of rows)
    it(row.name, () => {
      const trace = ask(row.fixture, row.ask[0], row.ask[1], row.more);
      const path = trace.paths.find((p) => row.endpoint === undefined || p.endpoint?.ip === row.endpoint);
      const last = path?.data ?? path?.forward ?? null;
      const seen = {
        outcome: path?.outcome,
        code: path?.reason?.code,
        client: path?.client,
        forward: crossings(last),
        reply: crossings(path?.reply ?? null),
      };
      expect(seen, `rules that matched:\n${matchedRules(last)}`).toEqual({
        outcome: row.outcome,
        code: row.code,
        client: row.client,
        forward: row.forward,
        reply: row.reply ?? [],
      });
    });
}
