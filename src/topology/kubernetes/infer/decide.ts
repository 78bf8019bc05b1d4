import { type Confidence, FACTS, type Fact, type FactName, type FactSource, type FactValue, type Saying } from '../../../k8s/fact.ts';
import { ASKING } from './asking.ts';
import { say } from './saying.ts';

/** What a Topology or a flag states already. Flags stand before the Topology, and have no source. */
export interface Statement {
  readonly fact: FactName;
  /** Null: for all nodes. */
  readonly node: string | null;
  readonly value: FactValue;
  readonly source: FactSource | null;
  readonly text: string;
}
export type Given = readonly Statement[];

/**
 * The first source that speaks wins. One that cannot be read is as good as none, but no default takes its place. Those that say otherwise
 * are kept. `otherwise`, and then what is only assumed, count when none of the sources speaks, so that a guess contradicts nobody.
 */
export function decide(
  given: Given,
  fact: FactName,
  node: string | null,
  sources: readonly (Saying | null)[],
  otherwise: () => readonly (Saying | null)[] = () => [],
): Fact {
  const stated = given
    .filter((g) => g.fact === fact && (g.node === null || g.node === node))
    .map((g) => say('stated', g.source, g.value, g.text));
  const spoken = [...stated, ...sources].filter((s) => s !== null);
  const readable = spoken.filter(isSure);
  const best = readable[0] ?? bestGuess(spoken, otherwise()) ?? say('unknown', null, null, 'nothing says it');
  return {
    fact,
    node,
    ...best,
    flag: ASKING[fact].flag,
    command: isSure(best) ? null : ASKING[fact].command,
    others: unlike(best, readable),
  };
}

/** What flags and a Topology state, where no object says anything: of all nodes, and of those that differ. The list of nodes has the rest. */
export const statedFacts = (given: Given): readonly Fact[] =>
  FACTS.filter((fact) => !fact.startsWith('node.') || fact === 'node.tunnel').flatMap((fact) => {
    const about = given.filter((g) => g.fact === fact);
    const nodes = [...new Set(about.map((g) => g.node))].sort((a, b) => Number(a !== null) - Number(b !== null));
    return nodes.map((node) =>
      decide(
        about.filter((g) => g.node === node),
        fact,
        node,
        [],
      ),
    );
  });

function bestGuess(spoken: readonly Saying[], otherwise: readonly (Saying | null)[]): Saying | null {
  const guesses = [...spoken, ...otherwise.filter((s) => s !== null)];
  const of = (...confidences: readonly Confidence[]) => guesses.find((s) => confidences.includes(s.confidence));
  return of('observed', 'declared', 'inferred') ?? of('unknown') ?? of('assumed') ?? null;
}

/** Of each other value the first source. */
function unlike(best: Saying, sayings: readonly Saying[]): readonly Saying[] {
  const values = new Set([keyOf(best.value)]);
  return sayings.filter(({ value }) => {
    const key = keyOf(value);
    return values.has(key) ? false : values.add(key);
  });
}

const isSure = ({ confidence }: Saying): boolean => confidence !== 'assumed' && confidence !== 'unknown';

const keyOf = (value: FactValue): string => JSON.stringify(value);

/**
 * A fact that is asked of every node: what most of them have is the cluster's, and each node that differs has a fact of its own. Nodes
 * that are alike in number are decided by the first. One about which nothing is known is as a node of its group; without a group, as any.
 */
export function ofNodes(all: readonly Fact[], groupOf: (fact: Fact) => FactValue = () => null): readonly Fact[] {
  const known = all.filter(isSure);
  const likeOthers = (fact: Fact): Fact => {
    const group = groupOf(fact);
    const other = isSure(fact) ? undefined : known.find((k) => group === null || groupOf(k) === group);
    return other === undefined ? fact : { ...other, node: fact.node };
  };
  const facts = all.map(likeOthers);
  const groups = new Map<string, Fact[]>();
  for (const fact of facts) {
    const alike = groups.get(keyOf(fact.value));
    if (alike === undefined) groups.set(keyOf(fact.value), [fact]);
    else alike.push(fact);
  }
  const [most] = [...groups.values()].sort((a, b) => b.length - a.length);
  const first = most?.[0];
  if (most === undefined || first === undefined) return [];
  const common = keyOf(first.value);
  return [{ ...first, node: null }, ...facts.filter((f) => keyOf(f.value) !== common)];
}
