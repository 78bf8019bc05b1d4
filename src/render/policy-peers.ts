import { addressesText } from '../document/addresses-text.ts';
import type { PolicyDirectionDocument, PolicyPeerDocument } from '../document/policy-schema.ts';

/** Who reaches a pod or is reached: a workload or some pods of it, a node, or addresses outside. */
export interface Peer {
  /** The same in all rows about it. */
  readonly id: string;
  readonly text: string;
  readonly kind: 'pods' | 'node' | 'outside';
  readonly namespace: string | null;
}

/** Kinds as kubectl shortens them. */
const SHORT: Readonly<Record<string, string>> = {
  Deployment: 'deploy',
  StatefulSet: 'sts',
  DaemonSet: 'ds',
  ReplicaSet: 'rs',
  Job: 'job',
  CronJob: 'cj',
};

type Group = NonNullable<PolicyPeerDocument['group']>;

/** Where not the same is said of all members of a group, they are named. */
export function peerReader({ peers }: PolicyDirectionDocument, ownNode: string | null): (peer: PolicyPeerDocument) => Peer {
  const parts = new Map<string, Set<string>>();
  for (const { group } of peers)
    if (group !== undefined) parts.set(group.id, (parts.get(group.id) ?? new Set()).add(group.members.join(' ')));
  return ({ group, cidrs = [] }) => {
    if (group === undefined) return { id: cidrs.join(' '), text: `outside ${addressesText(cidrs)}`, kind: 'outside', namespace: null };
    const isSplit = (parts.get(group.id)?.size ?? 0) > 1;
    return {
      id: `${group.id} ${group.members.join(' ')}`,
      text: `${nameOf(group)}${group.kind === 'Node' && group.name === ownNode ? ' (its own)' : ''}${isSplit ? membersOf(group) : countOf(group)}`,
      kind: group.kind === 'Node' ? 'node' : 'pods',
      namespace: group.namespace,
    };
  };
}

function nameOf({ kind, namespace, name }: Group): string {
  if (kind === 'Node') return `node/${name}`;
  return `${namespace}/${kind === 'Pod' ? '' : `${SHORT[kind] ?? kind}/`}${name}`;
}

const countOf = ({ kind, members }: Group): string => (kind === 'Node' || members.length === 1 ? '' : ` (${members.length} pods)`);

const NAMED = 4;

function membersOf({ members }: Group): string {
  const more = members.length - NAMED;
  return ` (${(more > 1 ? [...members.slice(0, NAMED), `${more} more`] : members).join(', ')})`;
}

/** Many peers in few words; `all`: every one that there is. */
export function peersText(some: readonly Peer[], all: ReadonlySet<string>, inFull: boolean): string {
  const unique = [...new Map(some.map((p) => [p.id, p])).values()];
  if (unique.length > 1 && unique.length === all.size) return 'everything, in the cluster and outside';
  if (inFull || unique.length <= NAMED) return unique.map((p) => p.text).join(', ');
  const of = (kind: Peer['kind']) => unique.filter((p) => p.kind === kind);
  return [workloads(of('pods')), counted(of('node'), 'nodes'), of('outside').map((p) => p.text)].flat().join(', ');
}

const counted = (some: readonly Peer[], what: string): readonly string[] =>
  some.length < NAMED ? some.map((p) => p.text) : [`${some.length} ${what}`];

function workloads(some: readonly Peer[]): readonly string[] {
  const namespaces = [...new Set(some.map((p) => p.namespace))];
  const where = namespaces.length > 2 ? `${namespaces.length} namespaces` : namespaces.join(' and ');
  return counted(some, `workloads in ${where}`);
}
