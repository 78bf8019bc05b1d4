import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { LintCode } from '../source/findings.ts';
import type { Locus } from '../source/origin.ts';

/** Says what is wrong, at a place of the input. The code decides how bad it is. */
export type ReportFinding = (locus: Locus, code: LintCode, message: string, hint?: string | null) => void;

/**
 * Looks at a cluster for one kind of trouble. What it tells is true whatever the traffic: what hangs on who calls whom is the trace's
 * to say, and a false alarm teaches people to look away. A namespace costs its node's compilation, so it is asked for only where
 * something is stated that makes it necessary.
 */
export type Lint = (cluster: Cluster, datapath: Datapath, tell: ReportFinding) => void;

/** `node-1, node-2 and 3 more` */
export function some(names: readonly string[]): string {
  if (names.length <= 4) return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
