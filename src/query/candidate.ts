/** What could stand where somebody is typing, and what that is. One that ends with `/`, `:` or `@` is only a beginning. */
export interface Candidate {
  readonly text: string;
  readonly about: string;
}
