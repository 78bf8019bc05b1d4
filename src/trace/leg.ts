import type { Assumption } from '../diagnose/assumptions.ts';
import type { Context } from '../diagnose/context.ts';
import type { ExplainedPath, Reason } from '../diagnose/reason.ts';
import type { Redirect } from '../k8s/http/http.ts';
import type { IpAddress } from '../net/address.ts';

/** A connection by itself, and the question that it answers: failures and fixes are read against that. */
export interface Leg {
  readonly context: Context;
  readonly path: ExplainedPath;
}

/** The socket that a request came to, or the pod that it was for. */
export interface Receiver {
  readonly ip: IpAddress;
  /** Null: ICMP. */
  readonly port: number | null;
  readonly netns: string;
  readonly node: string;
}

/** One way of a request: to the controller, and from there as far as it comes. */
export interface ProxiedPath extends ExplainedPath {
  readonly endpoint: Receiver | null;
  /** The answer, where that sends the client elsewhere and is not followed yet. */
  readonly redirect: Redirect | null;
  /** The connections that it is made of, in order. */
  readonly legs: readonly Leg[];
}

/** All ways of a request. */
export interface ProxiedTrace {
  readonly paths: readonly ProxiedPath[];
  readonly alsoBlockedBy: readonly Reason[];
  readonly assumptions: readonly Assumption[];
}
