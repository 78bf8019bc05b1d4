import type { WhatIf } from '../../k8s/what-if.ts';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { Collector } from '../kubernetes/collect.ts';
import { type KubeObject, type Objects, objectsOf } from '../kubernetes/objects.ts';
import type { Supposed } from '../load-options.ts';
import { type FilesRead, readInto } from '../read-files.ts';
import type { InputFile, ParsedDocument } from '../syntax/document.ts';
import { type Changed, withFreshEndpoints } from './endpoints.ts';
import { type Outcome, PatchedObjects } from './patched-objects.ts';
import { addedItem, changesNothing, mergedTopology, needsTopology, patchedItem, withoutItsItem } from './patched-topology.ts';
import { type ObjectPatch, type Patches, readPatches } from './patches.ts';
import { namesOf, withoutObject } from './removed-objects.ts';
import { nameOfTarget, notThere, readTargets, type Target } from './targets.ts';
import { namesIn, withoutItem } from './topology-lists.ts';
import { parsedDocument, type Traced, written } from './traced.ts';

/** What files have once some changes are made, and which these are. */
export interface SupposedRead extends FilesRead {
  readonly whatIf: readonly WhatIf[];
  /** Nodes that have no power. Whether they are there is seen once the nodes are known. */
  readonly down: readonly Target[];
}

/** The input while changes are made to it: a document that is a Topology, or none. */
interface State {
  topology: Traced | null;
  objects: Objects | null;
  readonly changes: WhatIf[];
  readonly found: Diagnostic[];
}

/**
 * Reads files as they would be with patches merged into them, and without some things; in this order. Throws a FlagError where something
 * that is to be gone is not there.
 */
export function readSupposed(
  files: readonly InputFile[],
  { patches: patchFiles = [], without = [], namespace = 'default' }: Supposed,
): SupposedRead {
  const targets = readTargets(without, namespace);
  const found: Diagnostic[] = [];
  const patches = readPatches(patchFiles, found);
  const collector = new Collector(found);
  const sink = new PatchedObjects(collector, patches.objects);
  const documents = readInto(sink, files, found);
  const own = documents.find(isTopology) ?? null;
  const state: State = { topology: own === null ? null : written(own.data, own.source), objects: null, changes: [], found };
  const added = withTopologies(state, patches);
  withObjectPatches(state, patches.objects, sink, collector.isEmpty && own !== null, () => collector.objects());
  state.objects = collector.isEmpty ? null : collector.objects();
  if (state.objects !== null)
    for (const patch of patches.objects) found.push(...notRolledOut(state.objects, patch, sink.outcomes.get(patch)));
  const changed: Changed[] = [...sink.changed];
  const down = targets.filter((t) => t.kind === 'Node');
  if (!found.some((d) => d.severity === 'error'))
    for (const target of targets) if (target.kind !== 'Node') changed.push(...remove(state, target));
  if (state.objects !== null) state.objects = withFreshEndpoints(state.objects, changed);
  return {
    documents: [
      ...documents.map((d) => (d === own && state.topology !== null ? parsedDocument(state.topology, d.size) : d)),
      ...added,
      ...patches.others,
    ],
    objects: state.objects,
    found,
    whatIf: [...state.changes, ...down.map((t): WhatIf => ({ change: 'down', object: nameOfTarget(t), locus: null, along: [] }))],
    down,
  };
}

const isTopology = ({ data }: ParsedDocument): boolean =>
  typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'Topology';

/** Topologies that are merged; where the input has none, the first one stands beside its objects. */
function withTopologies(state: State, { topologies }: Patches): readonly ParsedDocument[] {
  const [first, ...others] = topologies;
  if (state.topology !== null || first === undefined) {
    for (const document of topologies)
      if (state.topology !== null) state.topology = mergedTopology(state.topology, document, state.changes, state.found);
    return [];
  }
  const locus = { document: first.source, path: [], object: 'Topology' };
  state.changes.push({ change: 'added', object: 'Topology', locus, along: [] });
  const whole = others.reduce((into, d) => mergedTopology(into, d, state.changes, state.found), written(first.data, first.source));
  return [parsedDocument(whole, first.size)];
}

/** Each where its object is: among the objects, in the Topology, or nowhere yet. */
function withObjectPatches(
  state: State,
  patches: readonly ObjectPatch[],
  sink: PatchedObjects,
  isTopologyAlone: boolean,
  objects: () => Objects,
): void {
  for (const patch of patches) {
    const outcome = sink.outcomes.get(patch) ?? inTopology(state, patch) ?? addedAnywhere(state, patch, sink, isTopologyAlone);
    if (outcome === null) state.found.push(withoutItsItem(patch.object, patch.data, known(state, patch, objects())));
    else if (outcome === 'unchanged') state.found.push(changesNothing(patch.data, patch.object));
    else if (outcome !== 'refused') state.changes.push({ change: outcome, object: patch.object, locus: patch.locus, along: [] });
  }
}

const known = ({ topology }: State, { object }: ObjectPatch, objects: Objects): readonly string[] => {
  const kind = object.slice(0, object.indexOf('/'));
  return [...new Set([...namesOf(objects, kind), ...(topology === null ? [] : namesIn(topology, kind))])];
};

function inTopology(state: State, patch: ObjectPatch): Outcome | 'refused' | null {
  if (state.topology === null) return null;
  const patched = patchedItem(state.topology, patch);
  if (patched !== null) {
    state.topology = patched.topology;
    return patched.outcome;
  }
  const kind = patch.object.slice(0, patch.object.indexOf('/'));
  if (!namesIn(state.topology, kind).includes(patch.object)) return null;
  state.found.push(needsTopology(patch));
  return 'refused';
}

/** Where a Topology is all of the input, what it has words for becomes a part of it, so that nothing is inferred from an object. */
function addedAnywhere(state: State, patch: ObjectPatch, sink: PatchedObjects, isTopologyAlone: boolean): Outcome | 'refused' | null {
  if (isTopologyAlone && state.topology !== null) {
    const added = addedItem(state.topology, patch);
    if (added !== null) {
      state.topology = added.topology;
      return added.outcome;
    }
    if (['Pod', 'Node', 'Endpoints', 'EndpointSlice'].includes(patch.kind)) {
      state.found.push(needsTopology(patch));
      return 'refused';
    }
  }
  return sink.adds(patch) ? 'added' : null;
}

/** Takes a thing away, with what goes with it. */
function remove(state: State, target: Target): readonly Changed[] {
  const wanted = nameOfTarget(target);
  const there = [
    ...(state.objects === null ? [] : namesOf(state.objects, target.kind)),
    ...(state.topology === null ? [] : namesIn(state.topology, target.kind)),
  ];
  const inObjects = state.objects === null ? null : withoutObject(state.objects, target);
  const inOwn = state.topology === null ? null : withoutItem(state.topology, target);
  const gone = [...(inObjects?.gone.map((o) => o.locus.object) ?? []), ...(inOwn?.gone ?? [])];
  if (gone.length === 0) throw notThere(target, [...new Set(there)]);
  if (inObjects !== null) state.objects = inObjects.objects;
  if (inOwn !== null) state.topology = inOwn.topology;
  state.changes.push({ change: 'removed', object: wanted, locus: null, along: [...new Set(gone)].filter((name) => name !== wanted) });
  return (inObjects?.gone ?? []).map(({ locus, data }: KubeObject) => ({ object: locus.object, before: data, after: null }));
}

const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job', 'CronJob'];

/** A workload of a cluster that runs: its pods are in the input, and nobody knows what would become of them. */
function notRolledOut(objects: Objects, { kind, object, document }: ObjectPatch, outcome: Outcome | undefined): readonly Diagnostic[] {
  const runs =
    objectsOf(objects, 'Node').length > 0 ||
    objectsOf(objects, 'Pod').some((p) => p.data.metadata.uid != null || p.data.status?.podIP != null);
  if (!WORKLOADS.includes(kind) || !runs || outcome === undefined || outcome === 'unchanged' || outcome === 'removed') return [];
  return [
    diagnosticAt(document, ['kind'], {
      severity: 'warning',
      code: 'patch-changes-nothing',
      message: `the pods of ${object} stay as the input has them: where a cluster runs, a roll-out is not modelled`,
      hint: 'patch the pods themselves; or leave the workload out: --without',
    }),
  ];
}
