import { type Locus, type Origin, placeOf } from '../source/origin.ts';
import type { StateFault, StateText } from './text.ts';

/** Two texts say different things of one table; the first is taken. */
export interface Conflict extends StateFault {
  readonly other: Locus;
}

/** A table, a list or a setting that two texts have: `before` is taken, and not `after`, which `text` has. */
export function conflict(what: string | Many, before: Origin, after: Origin, text: StateText): Conflict {
  const [name, is] = typeof what === 'string' ? [what, 'is'] : [what.many, 'are'];
  return contradiction((place) => `${name} of node ${text.node} ${is} in ${place}, too, and ${is} not the same there`, before, after, text);
}

/** A name in the plural, as `the routing rules`. */
interface Many {
  readonly many: string;
}

/** `saying`: the message about `after`, made with the place of `before` in words. */
export function contradiction(saying: (place: string) => string, before: Origin, after: Origin, text: StateText): Conflict {
  const own = { document: text.document, path: [0], object: `Node/${text.node}` };
  const [first, second] = [before.locus ?? own, after.locus ?? own];
  return {
    locus: { ...second, object: `Node/${text.node}` },
    other: first,
    message: saying(placeOf(first)),
    hint: 'is one of them older, or of another node? Leave it out, or say whose it is: --node-state NODE=PATH',
  };
}
