/** An element that a rule added to a set, or deleted from it, for the walked packet. */
export interface Written {
  readonly set: string;
  /** The fields that were put, with their values; null: something else was done to the set. */
  readonly fields: string | null;
}
