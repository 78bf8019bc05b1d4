/** A text for the facts of each code: without a full stop, and in lower case where it does not begin with a name. */
export type Words<Facts> = { readonly [Code in keyof Facts]: (facts: Facts[Code]) => string };
