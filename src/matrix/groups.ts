import { key } from '../k8s/pod.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Group } from './matrix.ts';
import type { OutsidePart } from './outside.ts';
import type { End, MatrixQuestion, Side } from './question.ts';

/** What a word of the command line stands for: ends inside, and parts of what is outside. */
export type Chosen = Exclude<End, { kind: 'outside' }> | { readonly kind: 'outside'; readonly part: OutsidePart };

/** An end with the group that it is in. */
interface Member {
  readonly end: End;
  readonly group: Omit<Group, 'members'>;
  /** Of an address outside none. */
  readonly name: string | null;
}

/** Ends into rows and columns, each end once. `pods`: each pod and each node is a group of its own. */
export function gather(from: readonly Chosen[], to: readonly Chosen[], pods: boolean): Pick<MatrixQuestion, 'groups' | 'from' | 'to'> {
  const callers = from.map((one) => memberOf(one, pods));
  const called = to.map((one) => memberOf(one, pods));
  const all = grouped([...callers, ...called]).map(({ group }) => group);
  const whole = new Map(all.map((group) => [group.id, group]));
  const side = (members: readonly Member[]) => grouped(members).map(({ group, ends }) => ({ group: whole.get(group.id) ?? group, ends }));
  return { groups: all, from: side(callers), to: side(called) };
}

function memberOf(chosen: Chosen, pods: boolean): Member {
  switch (chosen.kind) {
    case 'pod': {
      const { pod } = chosen;
      // Pods that kubelet makes from its own files have their node as owner, and nothing else in common.
      const owner = pods || pod.owner?.kind === 'Node' ? null : pod.owner;
      const { kind, name } = owner ?? { kind: 'Pod', name: pod.name };
      return { end: chosen, group: named(kind, pod.namespace, name), name: pod.name };
    }
    case 'node':
      return { end: chosen, group: named('Node', null, pods ? chosen.node.name : 'nodes'), name: chosen.node.name };
    case 'service':
      return { end: chosen, group: named('Service', chosen.service.namespace, chosen.service.name), name: chosen.service.name };
    case 'outside': {
      const { address, cidrs, isInternet } = chosen.part;
      const name = isInternet ? 'internet' : (cidrs.map(formatPrefix)[0] ?? '');
      return { end: { kind: 'outside', address }, group: { ...named('Network', null, name), cidrs }, name: null };
    }
  }
}

const named = (kind: string, namespace: string | null, name: string): Omit<Group, 'members'> => ({
  id: `${kind}/${namespace === null ? name : key({ namespace, name })}`,
  kind,
  namespace,
  name,
});

function grouped(members: readonly Member[]): readonly Side[] {
  const byGroup = new Map<string, Map<string, Member>>();
  for (const member of members) {
    const { group, name, end } = member;
    const own = byGroup.get(group.id) ?? new Map<string, Member>();
    byGroup.set(group.id, own.set(name ?? (end.kind === 'outside' ? String(end.address) : ''), member));
  }
  return [...byGroup.values()].map((own) => sideOf([...own.values()])).sort((a, b) => compare(orderOf(a.group), orderOf(b.group)));
}

function sideOf(members: readonly Member[]): Side {
  const inOrder = [...members].sort((a, b) => compare(a.name ?? '', b.name ?? ''));
  const [first] = inOrder;
  if (first === undefined) throw new Error('a group has members');
  const cidrs = inOrder.flatMap((m) => m.group.cidrs ?? []);
  const group = { ...first.group, members: inOrder.flatMap((m) => m.name ?? []), ...(cidrs.length === 0 ? {} : { cidrs }) };
  return { group, ends: inOrder.map((m) => m.end) };
}

/** Workloads by namespace and name, then services, nodes, the internet, and what is cut out of it. */
function orderOf({ kind, namespace, name }: Group): string {
  const rank = kind === 'Service' ? 1 : kind === 'Node' ? 2 : kind !== 'Network' ? 0 : name === 'internet' ? 3 : 4;
  return [rank, namespace ?? '', name, kind].join('\n');
}

/** Not localeCompare: an order that no machine's language changes. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
