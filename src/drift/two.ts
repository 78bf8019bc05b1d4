import type { FoundState } from '../datapath/found-state.ts';
import type { Netns } from '../datapath/netns.ts';
import { describeFailure } from '../hop/failure.ts';
import type { Trace } from '../trace/trace.ts';
import type { Detail } from './cause.ts';

/** One flow, walked through the network as it should be, and as it is. */
export interface TwoTraces {
  readonly should: Trace;
  readonly has: Trace;
}

/** The node of a part in both networks, and what was found on it. */
export interface TwoNodes {
  readonly compiled: Netns;
  readonly is: Netns;
  readonly found: FoundState;
}

/** By what the walk says of it. */
export function otherwise(part: string, { has }: TwoTraces): Detail {
  const failed = has.paths.find((path) => path.failure !== null)?.failure ?? null;
  const words = failed === null ? 'it sends the packet another way' : describeFailure(failed);
  const place = failed?.origin.locus ?? null;
  return { kind: 'other', text: `${part} is not as it should be: ${words}`, place, isThere: place !== null };
}
