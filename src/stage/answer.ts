/** The result of a match, 1 or 0. */
export const yes = (matched: boolean, negated: boolean) => (matched !== negated ? 1 : 0);
