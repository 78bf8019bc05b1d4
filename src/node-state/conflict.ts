import { type Locus, type Origin, placeOf } from '../source/origin.ts';
import type { StateFault, StateText } from './text.ts';

/** Two texts say different things of one table; the first is taken. */
export interface Conflict extends StateFault {
  readonly other: Locus;
}

/** `before` is taken, and not `after`, which `text` has. */
export function conflict(what: string, before: Origin, after: Origin, text: StateText): Conflict {
  const own = { document: text.document, path: [0], object: `Node/${text.node}` };
  const [first, second] = [before.locus ?? own, after.locus ?? own];
  return {
    locus: { ...second, object: `Node/${text.node}` },
    other: first,
    message: `${what} of node ${text.node} is in ${placeOf(first)}, too, and is not the same there`,
    hint: 'is one of them older, or of another node? Leave it out, or say whose it is: --node-state NODE=PATH',
  };
}
