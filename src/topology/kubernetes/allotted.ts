import type { IpAddress } from '../../net/address.ts';

/**
 * What manifests were given that nothing states, by object. Those that are read later with the same are given the same again, whatever is there beside them: otherwise
 * one more Deployment moves the pods of all that stand behind it.
 */
export interface Allotted {
  /** The number of the node that runs the first pod of a workload, or a pod of none. */
  readonly nodes: Map<string, number>;
  readonly clusterIps: Map<string, IpAddress>;
  readonly nodePorts: Map<string, number>;
  readonly balancers: Map<string, IpAddress>;
}

export const nothingAllotted = (): Allotted => ({ nodes: new Map(), clusterIps: new Map(), nodePorts: new Map(), balancers: new Map() });

/** What an object had before, where nothing else states it; or else the next value that is free. */
export function allotment<T>(
  first: T,
  next: (value: T) => T,
  stated: ReadonlySet<T | null | undefined>,
  before: Map<string, T>,
): (object: string) => T {
  const taken = new Set([...stated, ...before.values()]);
  let value = first;
  return (object) => {
    const old = before.get(object);
    if (old !== undefined && !stated.has(old)) return old;
    while (taken.has(value)) value = next(value);
    taken.add(value);
    if (old === undefined) before.set(object, value);
    return value;
  };
}
