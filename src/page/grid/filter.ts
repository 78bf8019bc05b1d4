import { type Fact, type GridData, type Group, type Mark, markOf } from './data.ts';
import { rangeOf } from './port-text.ts';

/** What the reader wants to see; an empty text is everything. */
export interface Filter {
  readonly from: string;
  readonly to: string;
  /** `5432`, `8000-8080`, `53/udp`, `udp`, `icmp`. */
  readonly port: string;
  readonly code: string;
  /** Empty: all. */
  readonly marks: ReadonlySet<Mark>;
}

export const EVERYTHING: Filter = { from: '', to: '', port: '', code: '', marks: new Set() };

/** Each word has to be somewhere in the group's names, as `shop/web` is in `Deployment/shop/web`. */
export function fits(group: Group, text: string): boolean {
  const { kind, namespace, name, members, cidrs = [] } = group;
  const names = [`${kind}/${namespace === null ? '' : `${namespace}/`}${name}`, ...members, ...cidrs].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => names.includes(word));
}

/** An answer at the ports that are looked at. */
export interface Shown {
  readonly mark: Mark;
  readonly facts: readonly Fact[];
}

/** By the number of an answer; null: it is not looked at. */
export function lookedAt(data: GridData, { port, code, marks }: Filter): readonly (Shown | null)[] {
  const asked = portsOf(port);
  return data.answers.map((answer) => {
    const facts = answer.flatMap((i) => data.facts[i] ?? []).filter((fact) => asked.every((one) => one(fact)));
    if (code !== '' && !facts.some((fact) => reasonsOf(fact).includes(code))) return null;
    const mark = markOf(facts);
    return mark === null || (marks.size > 0 && !marks.has(mark)) ? null : { mark, facts };
  });
}

/** What a fact is filtered by: its outcome, its codes, what causes it. */
export const reasonsOf = ({ mark, says, codes, causes = [] }: Fact): readonly string[] => {
  const isChange = mark === 'gained' || mark === 'lost' || mark === 'changed';
  return [...(isChange ? [] : [says]), ...codes, ...causes.map(({ object }) => object)];
};

type Test = (fact: Fact) => boolean;

function portsOf(text: string): readonly Test[] {
  return text
    .toLowerCase()
    .split(/[\s/]+/)
    .filter((word) => word !== '')
    .map((word) => {
      const [first, last] = /^\d+(-\d+)?$/.test(word) ? rangeOf(word) : [];
      if (first === undefined || last === undefined) return ({ protocol }) => protocol.startsWith(word);
      return ({ ports }) => ports.map(rangeOf).some(([from, to]) => from <= last && first <= to);
    });
}
