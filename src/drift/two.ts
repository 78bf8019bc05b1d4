import type { FoundState } from '../datapath/found-state.ts';
import type { Netns } from '../datapath/netns.ts';
import type { Trace } from '../trace/trace.ts';

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
