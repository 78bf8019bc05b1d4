import type { Context } from '../diagnose/context.ts';
import type { ExplainedPath } from '../diagnose/reason.ts';
import type { Endpoint } from '../k8s/service.ts';

/** A connection by itself, and the question that it answers: failures and fixes are read against that. */
export interface Leg {
  readonly context: Context;
  readonly path: ExplainedPath;
}

/** One way of a request: to the controller, and from there as far as it comes. */
export interface ProxiedPath extends ExplainedPath {
  readonly endpoint: { readonly ip: Endpoint['ip']; readonly port: number | null; readonly netns: string; readonly node: string } | null;
  /** The connections that it is made of, in order. */
  readonly legs: readonly Leg[];
}
