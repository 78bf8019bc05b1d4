/** Makes what is asked for once a key. */
export function once<A, K, V>(keyOf: (asked: A) => K, make: (asked: A) => V): (asked: A) => V {
  const known = new Map<K, V>();
  return (asked) => {
    const key = keyOf(asked);
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = make(asked);
    known.set(key, made);
    return made;
  };
}
