/** A text that could complete the word at the cursor, with a few words about it. One that ends with `/`, `:` or `@` is only a beginning. */
export interface Candidate {
  readonly text: string;
  readonly about: string;
}
