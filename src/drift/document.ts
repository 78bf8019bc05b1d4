import type { DriftCauseDocument, DriftDocument, DriftFlowDocument, DriftSourceDocument } from '../document/drift-schema.ts';
import { whatIfOf } from '../document/what-if.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { type Locus, writtenAt } from '../source/origin.ts';
import type { Cause, Restore } from './cause.ts';
import type { Drift, Drifting, Ended } from './drift.ts';

/** A drift as the JSON has it: all formats are made of this. */
export function driftDocument(
  { flows, same, causesLeft, withoutEffect }: Drift,
  asked: {
    readonly nodes: readonly string[];
    readonly by: 'expectations' | 'pairs';
    readonly notAsked: number;
    readonly size: number | null;
  },
  node: string | null,
  cluster: Cluster,
): DriftDocument {
  const isDifferent = flows.some(({ kind }) => kind === 'different');
  return {
    schemaVersion: 1,
    ...whatIfOf(cluster),
    node,
    asked: { ...asked, nodes: [...asked.nodes], flows: same + flows.length },
    outcome: isDifferent ? 'different' : flows.length > 0 ? 'undetermined' : 'same',
    flows: flows.map(flowDocument),
    causesLeft,
    withoutEffect: withoutEffect.map(({ place, ...odd }) => ({ ...odd, source: sourceOf(place, true) })),
  };
}

const flowDocument = ({ flow, kind, should, has, cause }: Drifting): DriftFlowDocument => ({
  kind,
  source: flow.ends.from,
  destination: flow.ends.to,
  family: flow.ends.family,
  protocol: flow.ends.protocol,
  port: flow.port,
  should: endedDocument(should),
  has: endedDocument(has),
  cause: cause === null ? null : causeDocument(cause),
});

const endedDocument = ({ outcome, code, endpoints, message, place }: Ended): DriftFlowDocument['should'] => ({
  outcome,
  code,
  endpoints: [...endpoints],
  message,
  source: sourceOf(place, true),
});

const causeDocument = ({
  kind,
  node,
  part,
  text,
  place,
  isThere,
  isPolicyDrift,
  together,
  instead,
  others,
  restore,
}: Cause): DriftCauseDocument => ({
  kind,
  node,
  part,
  text,
  source: sourceOf(place, isThere),
  policyDrift: isPolicyDrift === true,
  together: [...together],
  instead: [...instead],
  others: others.map((other) => ({
    kind: other.kind,
    node: other.node,
    part: other.part,
    text: other.text,
    source: sourceOf(other.place, other.isThere),
    restore: restoreDocument(other.restore),
  })),
  restore: restoreDocument(restore),
});

const restoreDocument = ({ commands, ...restore }: Restore): DriftCauseDocument['restore'] => ({ ...restore, commands: [...commands] });

/** JSON may be one line of megabytes. */
const MOST_COLUMNS = 240;

function sourceOf(locus: Locus | null, isThere: boolean): DriftSourceDocument | null {
  if (locus === null) return null;
  const { document, path } = writtenAt(locus);
  if (!isThere) return { file: document.file, line: null, object: locus.object, text: null };
  const { line, column } = document.position(path);
  const text = document.line(line).trim();
  return {
    file: document.file,
    line,
    object: locus.object,
    text: text.length <= MOST_COLUMNS ? text : `${text.slice(Math.max(0, column - 1), column - 1 + MOST_COLUMNS)}…`,
  };
}
