import { connectionDocument } from '../document/trace.ts';
import type { TraceDocument } from '../document/trace-schema.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Expectation, NameAt } from '../k8s/expectation.ts';
import { nodeIps } from '../k8s/families.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import { find } from '../query/find.ts';
import type { Found } from '../query/found.ts';
import { parsePlace } from '../query/place.ts';
import { fail, type Parsed } from '../query/result.ts';
import type { Locus } from '../source/origin.ts';
import { type Trace, type TracePath, trace } from '../trace/trace.ts';
import { tried } from '../trace/tried.ts';
import { verdict, verdictOnWay } from '../trace/verdict.ts';
import { type Conditions, type Judgement, judge, type Named, ofTrace, ofVerdict } from './judge.ts';
import { type Pair, pairsOf, type Unasked, unasked } from './pairs.ts';
import { waypointTest } from './waypoint.ts';

/** Something that is expected, and whether it is so; or that it cannot be asked. */
export type Checked = Answered | Unasked;

/** One connection that something is expected of. */
export interface Answered {
  readonly pair: Pair;
  readonly judgement: Judgement;
  /** Kept when it is not as expected; of thousands, the first ones only. */
  readonly trace: TraceDocument | null;
  /** The outcome of its whole trace. */
  readonly outcome: Trace['outcome'];
  readonly code: string | null;
  /** Of the path that was decisive, when that is not as expected. */
  readonly reason: TracePath['reason'];
  /** Where the rule or field stands that decided otherwise. */
  readonly decided: Locus | null;
}

/** A trace may be a hundred kilobytes, and more of them than these are not read. */
const MOST_TRACES = 1000;

/** Each takes a few walks more. */
const MOST_TRIED = 100;

/** Asks all that is expected. An expectation that cannot be asked fails alone. */
export function check(network: Network, namespace: string): readonly Checked[] {
  const { expectations } = network.cluster;
  let kept = 0;
  let left = MOST_TRIED;
  const answer = (pair: Pair, wanted: Conditions): Answered => {
    const known = holding(network, pair, wanted);
    if (known !== null) return known;
    const asked = trace(network, pair.question, wanted.expectation.redirects);
    const judgement = judge(wanted, ofTrace(asked));
    const isTried = judgement.status !== 'holds' && isAdvisedOnFound(asked) && left-- > 0;
    const traced = isTried ? (tried(network, pair.request, [asked])[0] ?? asked) : asked;
    const keep = judgement.status !== 'holds' && kept++ < MOST_TRACES;
    return { ...result(pair, judgement, traced), trace: keep ? connectionDocument(traced) : null };
  };
  return expectations.flatMap((expectation): readonly Checked[] => {
    const wanted = conditionsOf(network, expectation, namespace);
    const pairs = pairsOf(network, [expectation], namespace);
    if ('unasked' in wanted) return [...pairs.flatMap((pair) => ('question' in pair ? [] : [pair])), ...wanted.unasked];
    return pairs.map((pair) => ('question' in pair ? answer(pair, wanted) : pair));
  });
}

/** Is a command advised that may mend nothing there? */
const isAdvisedOnFound = ({ paths }: Trace): boolean => paths.some(({ reason }) => reason?.fix.some((fix) => fix.onFound !== undefined));

/** Of what is as expected no words are needed; null: it is not, or a request to a URL, whose redirects a trace follows. */
function holding(network: Network, pair: Pair, wanted: Conditions): Answered | null {
  const { question } = pair;
  if (question.http !== null) return null;
  const looksAtWay = wanted.via.length > 0 || wanted.notVia.length > 0;
  const found = looksAtWay ? verdictOnWay(network, question) : verdict(network, question);
  const judgement = judge(wanted, ofVerdict(found));
  if (judgement.status !== 'holds') return null;
  const code = found.paths.find((p) => p.code !== null)?.code ?? null;
  return { pair, judgement, outcome: found.outcome, code, reason: null, decided: null, trace: null };
}

function result(pair: Pair, judgement: Judgement, { outcome, reason, paths }: Trace): Omit<Answered, 'trace'> {
  const plain = { pair, judgement, outcome, code: reason?.code ?? null, reason: null, decided: null };
  const path = paths[judgement.path];
  if (judgement.status === 'holds' || path === undefined) return plain;
  return { ...plain, reason: path.reason, decided: path.reason === null ? letThrough(path) : path.reason.locus };
}

/** Of a packet that went through and should not have: the rule that let it. */
function letThrough({ forward: { hops } }: TracePath): Locus | null {
  const rule = hops.findLast((h) => h.kind === 'proxy' || (h.kind === 'firewall' && h.decisions.some((d) => d.number !== null)));
  return rule?.origin.locus ?? null;
}

/** The names of an expectation's conditions, looked up once. */
function conditionsOf(
  { cluster, datapath }: Network,
  expectation: Expectation,
  namespace: string,
): Conditions | { readonly unasked: readonly Unasked[] } {
  const wrong: Unasked[] = [];
  const named = <T>(names: readonly NameAt[], by: (name: string) => Parsed<T>): readonly Named<T>[] =>
    names.flatMap(({ text, locus }) => {
      const found = by(text);
      if (found.ok) return [{ name: text, value: found.value, family: familyIn(text) }];
      wrong.push(unasked(expectation, locus, found));
      return [];
    });
  const waypoint = (name: string) => waypointTest(cluster, datapath, name, namespace);
  const { via, notVia, at, source } = expectation;
  const made: Conditions = {
    expectation,
    via: named(via, waypoint),
    notVia: named(notVia, waypoint),
    at: named(at, (name) => endNamed(cluster, name, namespace)),
    source: named(source === null ? [] : [source], (name) => addressesOf(cluster, name, namespace))[0] ?? null,
  };
  return wrong.length > 0 ? { unasked: wrong } : made;
}

/** Of a name that is an address; null: it is none. */
function familyIn(name: string): Named<unknown>['family'] {
  const place = parsePlace(name);
  return place.ok && place.value.address !== null ? familyOf(place.value.address) : null;
}

/** What receives and sends: of a pod and a service of one name the pod. */
function endNamed(cluster: Cluster, name: string, namespace: string): Parsed<Found> {
  const place = parsePlace(name);
  return place.ok ? find(cluster, place.value, namespace, 'source') : place;
}

/** The addresses that a thing sends from, before they are translated. */
function addressesOf(cluster: Cluster, name: string, namespace: string): Parsed<readonly IpAddress[]> {
  const found = endNamed(cluster, name, namespace);
  if (!found.ok) return found;
  const { value } = found;
  switch (value.kind) {
    case 'pod':
      return { ok: true, value: value.pod.ips.map((i) => i.address) };
    case 'node':
      return { ok: true, value: nodeIps(value.node) };
    case 'workload':
      return { ok: true, value: value.workload.pods.flatMap((p) => p.ips.map((i) => i.address)) };
    case 'host':
      return { ok: true, value: value.host.ips };
    case 'address':
      return { ok: true, value: [value.address] };
    case 'name':
    case 'url':
      return fail(`${name} has no address here`, 'write an address, a pod or a node');
    case 'service':
      return fail(`${name} is a service, and no packet comes from its address`, 'write an address, a pod or a node');
  }
}
