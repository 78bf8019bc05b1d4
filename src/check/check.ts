import type { Datapath } from '../datapath/netns.ts';
import { type Diagnostic, diagnosticAt, inOrder, type Result } from '../diagnostic.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Expectation } from '../k8s/expectation.ts';
import type { IpAddress } from '../net/address.ts';
import { at } from '../origin.ts';
import { type Found, find } from '../query/find.ts';
import { type Parsed, parsePlace } from '../query/place.ts';
import { type Trace, trace } from '../trace.ts';
import { type Conditions, type Judgement, judge, type Named } from './judge.ts';
import { type Pair, pairsOf } from './pairs.ts';
import { passesBy } from './passes.ts';

/** One connection that somebody expects something of, and whether it is so. The trace is kept when it is not. */
export interface Checked {
  readonly pair: Pair;
  readonly judgement: Judgement;
  readonly trace: Trace | null;
  /** What it came to. */
  readonly outcome: Trace['outcome'];
  readonly code: string | null;
}

interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** Asks all that is expected; or says what is wrong with the expectations. */
export function check({ cluster, datapath }: Network, namespace: string): Result<readonly Checked[]> {
  const { expectations } = cluster;
  const conditions = expectations.map((e) => conditionsOf(cluster, datapath, e, namespace));
  const pairs = pairsOf(cluster, expectations, namespace);
  const diagnostics = [...conditions.flatMap((c) => (Array.isArray(c) ? c : [])), ...(pairs.ok ? [] : pairs.diagnostics)];
  if (diagnostics.length > 0 || !pairs.ok) return { ok: false, diagnostics: inOrder(diagnostics) };
  const byExpectation = new Map(conditions.flatMap((c): [Expectation, Conditions][] => ('expectation' in c ? [[c.expectation, c]] : [])));
  const value = pairs.value.flatMap((pair): readonly Checked[] => {
    const wanted = byExpectation.get(pair.expectation);
    return wanted === undefined ? [] : [checkOne(cluster, datapath, pair, wanted)];
  });
  return { ok: true, value, warnings: [] };
}

function checkOne(cluster: Cluster, datapath: Datapath, pair: Pair, conditions: Conditions): Checked {
  const traced = trace(cluster, datapath, pair.question);
  const judgement = judge(conditions, traced);
  return {
    pair,
    judgement,
    trace: judgement.status === 'holds' ? null : traced,
    outcome: traced.outcome,
    code: traced.reason?.code ?? null,
  };
}

/** The names of an expectation's conditions, looked up once. */
function conditionsOf(
  cluster: Cluster,
  datapath: Datapath,
  expectation: Expectation,
  namespace: string,
): Conditions | readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const look = <T>(
    field: 'via' | 'notVia' | 'at' | 'source',
    names: readonly string[],
    by: (name: string) => Parsed<T>,
  ): readonly Named<T>[] =>
    names.flatMap((name, i) => {
      const found = by(name);
      if (found.ok) return [{ name, value: found.value }];
      const { message, hint } = found;
      const { document, path } = at(expectation.locus, field, ...(names.length > 1 ? [i] : []));
      diagnostics.push(diagnosticAt(document, path, { code: 'bad-expectation', message, hint }));
      return [];
    });
  const passes = (name: string) => passesBy(cluster, datapath, name, namespace);
  const thing = (name: string) => named(cluster, name, namespace);
  const { via, notVia, source } = expectation;
  const made: Conditions = {
    expectation,
    via: look('via', via, passes),
    notVia: look('notVia', notVia, passes),
    at: look('at', expectation.at, thing),
    source: look('source', source === null ? [] : [source], (name) => addressOf(cluster, name, namespace))[0]?.value ?? null,
  };
  return diagnostics.length > 0 ? diagnostics : made;
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
    case 'service':
      return {
        ok: false,
        message: `${name} is a service, and no packet comes from its address`,
        hint: 'write an address, a pod or a node',
      };
  }
}
