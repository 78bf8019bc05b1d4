import { FACTS, type Fact, type FactValue } from '../../../k8s/fact.ts';
import type { Note } from './clues.ts';
import { REDACTED } from './saying.ts';

const NODE_FACTS: ReadonlySet<string> = new Set(FACTS.filter((name) => name.startsWith('node.')));

/** What a person should know about the facts: two equally sure sources that differ, and nodes that do. */
export function notesOn(facts: readonly Fact[]): readonly Note[] {
  return [...redaction(facts), ...differences(facts)];
}

/** Once, however many addresses are gone. */
function redaction(facts: readonly Fact[]): readonly Note[] {
  const first = facts.find(({ text }) => text === REDACTED);
  if (first === undefined) return [];
  return [
    { kind: 'redacted', text: 'addresses are redacted: only what needs none of them can be answered, by name', source: first.source },
  ];
}

function differences(facts: readonly Fact[]): readonly Note[] {
  return facts.flatMap((fact) => {
    const other = fact.others.find((o) => o.confidence === fact.confidence);
    const differs = fact.node !== null && !NODE_FACTS.has(fact.fact);
    const of = fact.node === null ? fact.fact : `${fact.fact} of ${fact.node}`;
    return [
      ...(other === undefined
        ? []
        : [
            {
              kind: 'disagreement' as const,
              text: `${of}: ${fact.text} (${wordsOf(fact.value)}), but ${other.text} (${wordsOf(other.value)}); the first is used`,
              source: other.source,
            },
          ]),
      ...(differs ? [{ kind: 'nodes-differ' as const, text: `${of} is ${wordsOf(fact.value)}: ${fact.text}`, source: fact.source }] : []),
    ];
  });
}

const wordsOf = (value: FactValue): string =>
  Array.isArray(value) ? (value.length === 0 ? 'none' : value.join(', ')) : String(value ?? 'not known');
