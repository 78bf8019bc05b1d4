/** A part of a matrix that is computed alone: the `index`th of `of`, from 1 on. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** The rows of a part: as many as of every other, give or take one, and one behind the other, so that parts in order are the whole. */
export const rowsOfShard = <T>(rows: readonly T[], { index, of }: Shard): readonly T[] =>
  rows.slice(Math.floor((rows.length * (index - 1)) / of), Math.floor((rows.length * index) / of));
