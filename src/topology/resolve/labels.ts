const NONE: ReadonlyMap<string, string> = new Map();

/** Labels as a map. */
export const labelsOf = (input: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> =>
  input === undefined ? NONE : new Map(Object.entries(input));

/** The same, with one map for all objects that have the same labels: the pods of a workload do. */
export function labelInterner(): typeof labelsOf {
  const known = new Map<string, ReadonlyMap<string, string>>();
  return (input) => {
    if (input === undefined) return NONE;
    const text = JSON.stringify(input);
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = labelsOf(input);
    known.set(text, made);
    return made;
  };
}
