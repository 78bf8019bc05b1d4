import { CODES, type Code } from '../../src/index.ts';
import type { Outcome } from './run.ts';

/** Codes that no topology file leads a packet to today, and why. All others have to be met. */
const NOT_MET: Readonly<Partial<Record<Code, string>>> = {
  TTL_EXPIRED: 'every packet starts with TTL 64: it runs out only in a loop, which is ROUTING_LOOP',
  FILTER_DROP: 'no field of a topology writes such a rule',
  FILTER_REJECT: 'no field of a topology writes such a rule',
  RETURN_PATH_BROKEN: 'needs one address on two machines, which the loader refuses',
  LOAD_BALANCER_PENDING: 'there is no address, so nothing is sent',
  FACT_MISSING: 'only of names, URLs and volumes, and no packet of the lab asks for those',
  NO_SUCH_NAME: 'there is no address, so nothing is sent',
  NO_INGRESS_RULE: 'a controller answers: no packet tells one HTTP answer from another',
  NO_INGRESS_CLASS: 'as NO_INGRESS_RULE',
  ROUTE_NOT_ACCEPTED: 'as NO_INGRESS_RULE',
  BACKEND_SERVICE_MISSING: 'as NO_INGRESS_RULE',
  REFERENCE_NOT_PERMITTED: 'as NO_INGRESS_RULE',
  REDIRECT_LOOP: 'as NO_INGRESS_RULE',
  IP_FAMILY_MISMATCH: 'only in clusters with both families, which an IPv4 or IPv6 run has none of',
  NO_SHARED_NAMESPACE: 'no packet asks for shared memory',
  NO_SHARED_VOLUME: 'no packet asks for files',
  VOLUME_READ_ONLY: 'no packet asks for files',
};

/** How often each outcome, reason and fault was met. */
export interface Tally {
  flows: number;
  readonly outcomes: Map<string, number>;
  readonly codes: Map<string, number>;
  readonly clients: Map<string, number>;
  readonly faults: Map<string, number>;
}

export const newTally = (): Tally => ({ flows: 0, outcomes: new Map(), codes: new Map(), clients: new Map(), faults: new Map() });

const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

export function add(tally: Tally, { scenario, verdicts }: Outcome): void {
  for (const fault of scenario.faults.length === 0 ? ['(none)'] : scenario.faults) count(tally.faults, fault);
  for (const { trace, comparison } of verdicts) {
    const path = trace.paths[comparison.path];
    tally.flows++;
    count(tally.outcomes, path?.outcome ?? '-');
    count(tally.clients, comparison.client.kernel);
    if (path !== undefined && path.reason !== null) count(tally.codes, path.reason.code);
  }
}

const REQUIRED = CODES.filter((code) => NOT_MET[code] === undefined);

/** IPv6 looks at no source, and ::1 is never sent. */
const IPV4_ONLY: readonly Code[] = ['REVERSE_PATH_FILTER', 'MARTIAN_ADDRESS'];

/** Codes that were met too rarely for a run of this size to prove anything about them. */
export const tooRare = ({ codes }: Tally, least: number, onlyIpv6: boolean): readonly string[] =>
  REQUIRED.filter((code) => (codes.get(code) ?? 0) < least && !(onlyIpv6 && IPV4_ONLY.includes(code))).map(
    (code) => `${code} ${codes.get(code) ?? 0}`,
  );

export function tallyText({ flows, outcomes, codes, clients, faults }: Tally): string {
  const list = (map: ReadonlyMap<string, number>) =>
    [...map]
      .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
      .map(([key, n]) => `${key} ${n}`)
      .join(', ');
  return [
    `${flows} flows`,
    `outcomes: ${list(outcomes)}`,
    `reasons: ${list(codes)}`,
    `what the client saw: ${list(clients)}`,
    `clusters with each fault: ${list(faults)}`,
  ].join('\n');
}
