import { key } from '../k8s/pod.ts';
import type { End, MatrixQuestion, Side } from '../matrix/question.ts';
import type { Cell } from './compare.ts';

/** A matrix question in which each pod and each node is a group of its own, with the groups that they are of. */
export interface MembersQuestion {
  readonly question: MatrixQuestion;
  /** By ids of members, those of their groups. */
  readonly groupOf: ReadonlyMap<string, string>;
}

export function membersApart(question: MatrixQuestion): MembersQuestion {
  const groupOf = new Map<string, string>();
  const apart = (side: Side): readonly Side[] =>
    side.ends.map((end) => {
      const id = idOf(end) ?? side.group.id;
      groupOf.set(id, side.group.id);
      return { group: { ...side.group, id }, ends: [end] };
    });
  // Parts of what is outside are several ends of one group, and nobody tells those apart.
  const sides = (all: readonly Side[]) => all.flatMap((side) => (side.ends.some((e) => idOf(e) === null) ? whole(side) : apart(side)));
  const whole = (side: Side): readonly Side[] => {
    groupOf.set(side.group.id, side.group.id);
    return [side];
  };
  return { question: { ...question, from: sides(question.from), to: sides(question.to) }, groupOf };
}

function idOf(end: End): string | null {
  switch (end.kind) {
    case 'pod':
      return `Pod/${key(end.pod)}`;
    case 'node':
      return `Node/${end.node.name}`;
    case 'service':
    case 'outside':
      return null;
  }
}

/** Calls of groups by those that call the same: what is asked at once has nobody in it whom nobody asks for. */
export function byCalled(cells: readonly Cell[]): readonly { readonly from: ReadonlySet<string>; readonly to: ReadonlySet<string> }[] {
  const called = new Map<string, Set<string>>();
  for (const { from, to } of cells.map((c) => c.ends)) called.set(from, (called.get(from) ?? new Set()).add(to));
  const found = new Map<string, { from: Set<string>; to: ReadonlySet<string> }>();
  for (const [from, to] of called) {
    const list = [...to].toSorted().join(' ');
    const known = found.get(list) ?? { from: new Set<string>(), to };
    known.from.add(from);
    found.set(list, known);
  }
  return [...found.values()];
}
