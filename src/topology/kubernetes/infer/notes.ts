import { FACTS, type Fact, type FactName, type FactSource, type FactValue } from '../../../k8s/fact.ts';
import type { Note } from './clues.ts';
import { REDACTED } from './saying.ts';

/** What a person should know about the facts, each once, however many nodes it is about. */
export function notesOn(facts: readonly Fact[], placeOf: (node: string) => FactSource | null): readonly Note[] {
  return [
    ...redaction(facts),
    ...FACTS.flatMap((name) => disagreement(name, facts)),
    ...FACTS.flatMap((name) => difference(name, facts, placeOf)),
  ];
}

function redaction(facts: readonly Fact[]): readonly Note[] {
  const first = facts.find(({ text }) => text === REDACTED);
  if (first === undefined) return [];
  return [
    { kind: 'redacted', text: 'addresses are redacted: only what needs none of them can be answered, by name', source: first.source },
  ];
}

/** Two sources that are equally sure, and differ. */
function disagreement(name: FactName, facts: readonly Fact[]): readonly Note[] {
  const found = facts.flatMap((fact) => {
    const other = fact.fact === name ? fact.others.find((o) => o.confidence === fact.confidence) : undefined;
    return other === undefined ? [] : [{ fact, other }];
  });
  const [first] = found;
  if (first === undefined) return [];
  const { fact, other } = first;
  const of = fact.node === null ? name : `${name} of ${fact.node}`;
  const more = found.length === 1 ? '' : `; so it is with ${found.length - 1} more`;
  const text = `${of}: ${fact.text} (${wordsOf(fact.value)}), but ${other.text} (${wordsOf(other.value)}); the first is used${more}`;
  return [{ kind: 'disagreement', text, source: other.source }];
}

/** Of these one answer for all nodes is wanted; the encapsulation follows the plugin. */
const ALIKE: ReadonlySet<FactName> = new Set(['cni.plugin', 'kubeProxy.mode', 'distribution']);

/** Nodes that are not as most are. */
function difference(name: FactName, facts: readonly Fact[], placeOf: (node: string) => FactSource | null): readonly Note[] {
  const own = ALIKE.has(name) ? facts.filter((f) => f.fact === name) : [];
  const usual = own.find((f) => f.node === null);
  const [first, ...rest] = own.filter((f) => f.node !== null);
  if (usual === undefined || first === undefined) return [];
  const byValue = new Map<string, string[]>();
  for (const { value, node } of [first, ...rest]) byValue.set(wordsOf(value), [...(byValue.get(wordsOf(value)) ?? []), node ?? '']);
  const others = [...byValue].map(([value, nodes]) => `${value} on ${someOf(nodes)}`);
  const text = `${name} is ${wordsOf(usual.value)} on most nodes, but ${others.join(', ')}`;
  return [{ kind: 'nodes-differ', text, source: first.source ?? placeOf(first.node ?? '') }];
}

const MOST_NAMES = 3;

const someOf = (nodes: readonly string[]): string =>
  nodes.length <= MOST_NAMES ? nodes.join(' and ') : `${nodes.slice(0, MOST_NAMES).join(', ')} and ${nodes.length - MOST_NAMES} more`;

const wordsOf = (value: FactValue): string =>
  Array.isArray(value) ? (value.length === 0 ? 'none' : value.join(', ')) : String(value ?? 'not known');
