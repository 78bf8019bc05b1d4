import { CODES, type Code } from '../../src/index.ts';
import { FAULT_KINDS } from './faults.ts';
import { TARGETS, TRAITS } from './generate.ts';
import { policiesMet } from './policy-tally.ts';
import type { Outcome } from './run.ts';

/** Codes that no topology file leads a packet to today, and why. All others have to be met. */
const NOT_MET: Readonly<Partial<Record<Code, string>>> = {
  SOURCE_CHECK: 'no network that is drawn looks at sources; rows of test/kernel do',
  POLICY_DEFAULT_DENY: 'no policy is drawn here: policies.kernel.ts draws them',
  POLICY_EXPLICIT_DENY: 'as POLICY_DEFAULT_DENY',
  TUNNEL_PEER_UNKNOWN: 'no tunnel is drawn here: datapaths.kernel.ts draws them, with their faults',
  TUNNEL_MISMATCH: 'as TUNNEL_PEER_UNKNOWN',
  TUNNEL_FILTERED: 'as TUNNEL_PEER_UNKNOWN',
  TTL_EXPIRED: 'every packet starts with TTL 64: it runs out only in a loop, which is ROUTING_LOOP',
  FILTER_DROP: 'a firewall of a node is drawn by datapaths.kernel.ts',
  FILTER_REJECT: 'as FILTER_DROP',
  RETURN_PATH_BROKEN: 'needs one address on two machines, which the loader refuses',
  LOAD_BALANCER_PENDING: 'there is no address, so nothing is sent',
  FACT_MISSING: 'of names, URLs and volumes, of which no packet of the lab asks, and of datagrams to a whole link, which are few',
  POD_NOT_RUNNING: 'pods of a topology run: only objects tell of others',
  NODE_NOT_READY: 'nothing on the machine sends: there is no packet',
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
  /** Connections to a service with session affinity, each made again. */
  askedTwice: number;
  readonly outcomes: Map<string, number>;
  readonly codes: Map<string, number>;
  readonly clients: Map<string, number>;
  readonly faults: Map<string, number>;
  readonly flowKinds: Map<string, number>;
  readonly traits: Map<string, number>;
  /** What of policies connections met. */
  readonly policies: Map<string, number>;
}

export const newTally = (): Tally => ({
  flows: 0,
  askedTwice: 0,
  outcomes: new Map(),
  codes: new Map(),
  clients: new Map(),
  faults: new Map(),
  flowKinds: new Map(),
  traits: new Map(),
  policies: new Map(),
});

const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

export function add(tally: Tally, { scenario, cluster, verdicts, askedTwice }: Outcome): void {
  tally.askedTwice += askedTwice;
  for (const fault of scenario.faults.length === 0 ? ['(none)'] : scenario.faults) count(tally.faults, fault);
  for (const { kind } of scenario.flows) count(tally.flowKinds, kind);
  for (const trait of scenario.traits) count(tally.traits, trait);
  for (const { trace, comparison } of verdicts) {
    const path = trace.paths[comparison.path];
    tally.flows++;
    count(tally.outcomes, path?.outcome ?? '-');
    count(tally.clients, comparison.client.kernel);
    if (path === undefined) continue;
    if (path.reason !== null) count(tally.codes, path.reason.code);
    for (const met of policiesMet(cluster, path)) count(tally.policies, met);
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

/** What the generator is said to draw, and hardly ever did. */
export const hardlyDrawn = ({ askedTwice, faults, flowKinds, traits }: Tally, least: number): readonly string[] => [
  ...FAULT_KINDS.filter((kind) => (faults.get(kind) ?? 0) < least),
  ...TARGETS.filter((kind) => (flowKinds.get(kind) ?? 0) < least),
  ...TRAITS.filter((trait) => (traits.get(trait) ?? 0) < least),
  ...(askedTwice < least ? ['the second connection of one client'] : []),
];

export function tallyText({ flows, askedTwice, outcomes, codes, clients, faults, flowKinds, traits, policies }: Tally): string {
  const list = (map: ReadonlyMap<string, number>) =>
    [...map]
      .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
      .map(([key, n]) => `${key} ${n}`)
      .join(', ');
  return [
    `${flows} flows, ${askedTwice} asked again of a service with affinity`,
    `outcomes: ${list(outcomes)}`,
    `reasons: ${list(codes)}`,
    `what the client saw: ${list(clients)}`,
    `clusters with each fault: ${list(faults)}`,
    `clusters with: ${list(traits)}`,
    `packets of each kind: ${list(flowKinds)}`,
    ...(policies.size === 0 ? [] : [`of policies: ${list(policies)}`]),
  ].join('\n');
}
