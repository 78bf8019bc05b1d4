/** What a rule has put into a set, or taken out of it, for the packet that is walked. */
export interface Written {
  readonly set: string;
  /** The fields that were put, with their values; null: something else was done to the set. */
  readonly fields: string | null;
}
