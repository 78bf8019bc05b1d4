import type { Datapath } from '../datapath/netns.ts';
import { toDocument } from '../document/trace.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Expectation, NameAt } from '../k8s/expectation.ts';
import { familiesOf } from '../k8s/families.ts';
import type { IpAddress } from '../net/address.ts';
import { type Found, find } from '../query/find.ts';
import { parsePlace } from '../query/place.ts';
import type { Parsed } from '../query/result.ts';
import { type Diagnostic, diagnosticAt, inOrder, type Result } from '../source/diagnostic.ts';
import type { Locus } from '../source/origin.ts';
import { type Trace, type TracePath, trace } from '../trace/trace.ts';
import { type Conditions, type Judgement, judge, type Named } from './judge.ts';
import { type Pair, pairsOf } from './pairs.ts';
import { waypointTest } from './waypoint.ts';

/** One connection that somebody expects something of, and whether it is so. */
export interface Checked {
  readonly pair: Pair;
  readonly judgement: Judgement;
  /** Kept when it is not as expected; of thousands, the first ones only. */
  readonly trace: ReturnType<typeof toDocument> | null;
  /** What it came to. */
  readonly outcome: Trace['outcome'];
  readonly code: string | null;
  /** Of the path that was decisive, when that is not as expected. */
  readonly reason: TracePath['reason'];
  /** Where the rule or field stands that decided otherwise. */
  readonly decided: Locus | null;
}

/** A trace may be a hundred kilobytes, and nobody reads that many. */
const MOST_TRACES = 1000;

interface CheckNetwork {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** Asks all that is expected; or says what is wrong with the expectations. */
export function check({ cluster, datapath }: CheckNetwork, namespace: string): Result<readonly Checked[]> {
  const { expectations } = cluster;
  const conditions = expectations.map((e) => conditionsOf(cluster, datapath, e, namespace));
  const pairs = pairsOf({ cluster, datapath }, expectations, namespace);
  const diagnostics = [...conditions.flatMap((c) => (Array.isArray(c) ? c : [])), ...(pairs.ok ? [] : pairs.diagnostics)];
  if (diagnostics.length > 0 || !pairs.ok) return { ok: false, diagnostics: inOrder(diagnostics) };
  const byExpectation = new Map(conditions.flatMap((c): [Expectation, Conditions][] => ('expectation' in c ? [[c.expectation, c]] : [])));
  let kept = 0;
  const value = pairs.value.flatMap((pair): readonly Checked[] => {
    const wanted = byExpectation.get(pair.expectation);
    if (wanted === undefined) return [];
    const { network, question } = pair;
    const traced = trace(network.cluster, network.datapath, question);
    const judgement = judge(wanted, traced);
    const keep = judgement.status !== 'holds' && kept++ < MOST_TRACES;
    return [{ ...result(pair, judgement, traced), trace: keep ? toDocument(traced) : null }];
  });
  return { ok: true, value, warnings: [] };
}

function result(pair: Pair, judgement: Judgement, { outcome, reason, paths }: Trace): Omit<Checked, 'trace'> {
  const plain = { pair, judgement, outcome, code: reason?.code ?? null, reason: null, decided: null };
  const path = paths[judgement.path];
  if (judgement.status === 'holds' || path === undefined) return plain;
  return { ...plain, reason: path.reason, decided: path.reason === null ? letThrough(path) : path.reason.locus };
}

/** What went through and should not have: a rule that let it is what somebody will want to see. */
function letThrough({ forward: { hops } }: TracePath): Locus | null {
  const rule = hops.findLast((h) => h.kind === 'proxy' || (h.kind === 'firewall' && h.decisions.some((d) => d.rule !== null)));
  return rule?.origin.locus ?? null;
}

/** The names of an expectation's conditions, looked up once. */
function conditionsOf(
  cluster: Cluster,
  datapath: Datapath,
  expectation: Expectation,
  namespace: string,
): Conditions | readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const look = <T>(names: readonly NameAt[], by: (name: string) => Parsed<readonly T[]>): readonly Named<T>[] =>
    names.flatMap(({ text, locus }) => {
      const found = by(text);
      if (found.ok) return [{ name: text, value: found.value }];
      const { message, hint } = found;
      diagnostics.push(diagnosticAt(locus.document, locus.path, { code: 'bad-expectation', message, hint }));
      return [];
    });
  const passes = (name: string) => inFamilies(cluster, (c) => waypointTest(c, datapath, name, namespace));
  const thing = (name: string) => inFamilies(cluster, (c) => named(c, name, namespace));
  const addresses = (name: string) => inFamilies(cluster, (c) => addressOf(c, name, namespace));
  const { via, notVia, source } = expectation;
  const made: Conditions = {
    expectation,
    via: look(via, passes),
    notVia: look(notVia, passes),
    at: look(expectation.at, thing),
    source: look(source === null ? [] : [source], addresses)[0]?.value ?? null,
  };
  return diagnostics.length > 0 ? diagnostics : made;
}

/** What a name stands for in each of the cluster's families that knows it: a packet is of one of them. */
function inFamilies<T>(cluster: Cluster, by: (cluster: Cluster) => Parsed<T>): Parsed<readonly T[]> {
  const found = familiesOf(cluster).map(by);
  const [first] = found;
  const values = found.flatMap((f) => (f.ok ? [f.value] : []));
  return first !== undefined && !first.ok && values.length === 0 ? first : { ok: true, value: values };
}

function named(cluster: Cluster, name: string, namespace: string): Parsed<Found> {
  const place = parsePlace(name);
  return place.ok ? find(cluster, place.value, namespace) : place;
}

/** The address that a thing sends from, before anybody translates it. */
function addressOf(cluster: Cluster, name: string, namespace: string): Parsed<IpAddress> {
  const found = named(cluster, name, namespace);
  if (!found.ok) return found;
  const { value } = found;
  switch (value.kind) {
    case 'pod':
      return { ok: true, value: value.pod.ip };
    case 'node':
      return { ok: true, value: value.node.ip };
    case 'host':
      return { ok: true, value: value.host.ip };
    case 'address':
      return { ok: true, value: value.address };
    case 'name':
    case 'url':
      return { ok: false, message: `${name} has no address here`, hint: 'write an address, a pod or a node' };
    case 'service':
      return {
        ok: false,
        message: `${name} is a service, and no packet comes from its address`,
        hint: 'write an address, a pod or a node',
      };
  }
}
