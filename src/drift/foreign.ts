import { type Part, whatText } from './parts.ts';

/** A table of nft that nothing of the cluster makes. */
export interface Foreign {
  readonly node: string;
  readonly part: string;
}

export const foreignTables = (parts: readonly Part[]): readonly Foreign[] =>
  parts.flatMap(({ node, what }) => (what.kind === 'nft' && !what.isCompiled && what.isFound ? [{ node, part: whatText(what) }] : []));
