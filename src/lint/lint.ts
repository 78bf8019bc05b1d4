import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Service } from '../k8s/service.ts';
import type { IpFamily } from '../net/address.ts';
import type { LintCode } from '../source/findings.ts';
import type { Locus } from '../source/origin.ts';

/** Says what is wrong, at a place of the input. The code decides how bad it is. */
export type ReportFinding = (locus: Locus, code: LintCode, message: string, hint?: string | null) => void;

/**
 * Looks at a cluster for one kind of trouble. A finding is true whatever the traffic: what depends on the sender is the trace's to say,
 * and a false alarm teaches people to look away. A namespace costs its node's compilation, so it is asked for only where the input has an
 * override that makes it necessary. A finding about absence counts when all IP families of its thing lack it.
 */
export type Lint = (cluster: Cluster, datapath: Datapath, report: ReportFinding) => void;

/** The IP families of a service, the cluster's primary one first. */
export const serviceFamilies = ({ families }: Cluster, { ipFamilies }: Service): readonly IpFamily[] =>
  families.filter((f) => ipFamilies.includes(f));

/** `node-1, node-2 and 3 more` */
export function some(names: readonly string[]): string {
  if (names.length <= 4) return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
