import type { DriftCauseDocument } from '../document/drift-schema.ts';
import type { Locus } from '../source/origin.ts';
import { type Part, whatText } from './parts.ts';

/** What of the found state makes a flow end otherwise than it should. */
export interface Cause {
  readonly kind: DriftCauseDocument['kind'];
  readonly node: string;
  /** As the command that shows it: `iptables nat`. */
  readonly part: string;
  /** What is odd about it, in words. */
  readonly text: string;
  /** Where it stands; of what is missing, the text that does not have it. Null: no text is known. */
  readonly place: Locus | null;
  /** The line at the place is what the words are about. */
  readonly isThere: boolean;
  /** The rules do otherwise than the policies say that they are to enforce. */
  readonly isPolicyDrift: boolean;
  /** Other parts, by node and name, that have to be put back as well before the flow ends as it should. */
  readonly together: readonly string[];
}

export type Detail = Pick<Cause, 'kind' | 'text' | 'place' | 'isThere'> & { readonly isPolicyDrift?: boolean };

export function causeOf(parts: readonly Part[], detailOf: (part: Part) => Detail): Cause | null {
  const [first, ...others] = parts;
  if (first === undefined) return null;
  const detail = detailOf(first);
  return {
    node: first.node,
    part: whatText(first.what),
    isPolicyDrift: false,
    ...detail,
    together: others.map((part) => `${part.node}: ${whatText(part.what)}`),
  };
}
