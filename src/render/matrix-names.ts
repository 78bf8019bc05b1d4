import type { MatrixGroupDocument } from '../document/matrix-schema.ts';

/** kubectl's short words for the kinds of workloads that have one. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'deploy'],
  ['StatefulSet', 'sts'],
  ['DaemonSet', 'ds'],
  ['ReplicaSet', 'rs'],
  ['CronJob', 'cj'],
  ['Service', 'svc'],
]);

/** As it is typed after --from or --to, without its namespace: `deploy/web`, `pod-a`, `nodes`, `internet`. */
export function shortName({ kind, name }: MatrixGroupDocument): string {
  if (kind === 'Pod' || kind === 'Network' || (kind === 'Node' && name === 'nodes')) return name;
  return `${SHORT.get(kind) ?? kind.toLowerCase()}/${name}`;
}

/** With the namespace where it is not the one that is spoken of. */
export const nameIn = (group: MatrixGroupDocument, namespace: string | null): string =>
  group.namespace === null || group.namespace === namespace ? shortName(group) : `${group.namespace}/${shortName(group)}`;

export const isWorkload = ({ kind, namespace }: MatrixGroupDocument): boolean => namespace !== null && kind !== 'Service';

/** May a member of the one call another of the other? Nobody is asked for itself, nor the internet for what is outside. */
export function mayCall(from: MatrixGroupDocument, to: MatrixGroupDocument): boolean {
  if (from.kind === 'Network') return to.kind !== 'Network';
  return from.id !== to.id || from.members.length > 1;
}
