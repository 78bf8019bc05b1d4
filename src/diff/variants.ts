import { compile } from '../compile/index.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import type { Difference } from '../topology/differences/index.ts';
import { mixed, type Undone } from '../topology/differences/mixed.ts';
import type { Loader } from '../topology/load.ts';
import type { SupposedRead } from '../topology/what-if/index.ts';

/** An input: what its files say, and what was made of it. */
export interface Input {
  readonly read: SupposedRead;
  readonly network: Network;
}

/** The kinds of policies whose subjects are all that they are about. */
const POLICIES: ReadonlySet<string> = new Set([
  'NetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
]);

export const isPolicy = ({ kind }: Pick<Difference, 'kind'>): boolean => POLICIES.has(kind);

/** Networks are large, and are asked one after the other. */
const KEPT = 4;

/** The later input without some of its differences, as it is asked for; null: what is left makes no cluster. */
export function variantsOf(before: Input, after: Input, load: Loader): (undo: readonly Undone[]) => Network | null {
  const known = new Map<string, Network | null>();
  const numbers = new Map<unknown, number>();
  const numberOf = (thing: unknown) => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
  return (undo) => {
    const key = undo
      .map(({ difference, parts }) => `${numberOf(difference)}:${parts?.map(numberOf).join(',') ?? ''}`)
      .toSorted()
      .join(' ');
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = isOfPolicies(undo) ? withPolicies(before.network, after.network, undo) : assembled(before, after, undo, load);
    if (known.size >= KEPT) known.clear();
    known.set(key, made);
    return made;
  };
}

function assembled(before: Input, after: Input, undo: readonly Undone[], load: Loader): Network | null {
  const loaded = load(mixed(before.read, after.read, undo));
  return loaded.ok ? { cluster: loaded.value.cluster, datapath: compile(loaded.value.cluster) } : null;
}

/** Whole policies are put into the cluster as they were read: nothing else of it hangs on them. */
const isOfPolicies = (undo: readonly Undone[]): boolean => undo.every(({ difference, parts }) => isPolicy(difference) && parts === null);

export const policyName = ({ kind, namespace, name }: Policy): string => `${kind}/${namespace === null ? '' : `${namespace}/`}${name}`;

function withPolicies(before: Network, { cluster }: Network, undo: readonly Undone[]): Network {
  const names = new Set(undo.map(({ difference }) => difference.object));
  const isUndone = (policy: Policy) => names.has(policyName(policy));
  const policies = [...cluster.policies.filter((p) => !isUndone(p)), ...before.cluster.policies.filter(isUndone)];
  const changed = { ...cluster, policies };
  return { cluster: changed, datapath: compile(changed) };
}
