import type { Cluster } from '../k8s/cluster.ts';
import type { Confidence, Fact, FactName, FactSource, FactValue, Saying } from '../k8s/fact.ts';
import { writtenAt } from '../source/origin.ts';

/** What is known about the cluster, and how. */
export interface FactView extends SayingView {
  readonly fact: FactName;
  /** A node's name where nodes differ or the fact is a node's; null: of all nodes. */
  readonly node: string | null;
  readonly text: string;
  /** The flag that states it; null: a Topology does. */
  readonly flag: string | null;
  /** What would tell, when it is assumed or unknown. */
  readonly command: string | null;
  /** Sources that say otherwise, best first. */
  readonly others: readonly SayingView[];
}

interface SayingView {
  readonly value: FactValue;
  readonly confidence: Confidence;
  /** Null: a flag, or a default. */
  readonly source: SourceView | null;
}

export interface SourceView {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly object: string;
  /** Null in a log. */
  readonly field: string | null;
}

/** In the order in which they are shown. */
export const factsOf = ({ facts }: Cluster): readonly FactView[] => facts.map(factView);

function factView({ fact, node, text, flag, command, others, ...saying }: Fact): FactView {
  const { value, confidence, source } = sayingView(saying);
  return { fact, node, value, confidence, source, text, flag, command, others: others.map(sayingView) };
}

const sayingView = ({ value, confidence, source }: Omit<Saying, 'text'>): SayingView => ({
  value,
  confidence,
  source: source === null ? null : sourceView(source),
});

function sourceView({ locus, field }: FactSource): SourceView {
  const { document, path } = writtenAt(locus);
  return { file: document.file, ...document.position(path), object: locus.object, field };
}
