import { type Container, key, type Pod } from '../pod.ts';
import { below, isWritable, joined, type VolumeMount, type VolumeSource } from './volume.ts';

/** One side of a question about what containers share. */
export interface Party {
  readonly pod: Pod;
  /** The container that is meant; of several without a name, all. */
  readonly containers: readonly Container[];
}

export function partyOf(pod: Pod, container: string | null): Party {
  return { pod, containers: container === null ? pod.containers : pod.containers.filter((c) => c.name === container) };
}

/** `app@pod-a`, or the pod when none of several containers is meant. */
export function partyName({ pod, containers: [only, more] }: Party): string {
  return only === undefined || more !== undefined ? pod.name : `${only.name}@${pod.name}`;
}

/** A container is not asked what it shares with itself, unless that is the question. */
function pairs(a: Party, b: Party): readonly (readonly [Container, Container])[] {
  const self = a.containers.length === 1 && b.containers.length === 1;
  return a.containers.flatMap((from) => b.containers.flatMap((to) => (from === to && !self ? [] : [[from, to] as const])));
}

/** The memory and messages that two parties share, beside the network and files. */
export interface SharedIpc {
  /** The namespace is that of this pod, as `default/pod-a`, or of this node; null: theirs are two, but /dev/shm is one. */
  readonly namespace: string | null;
  /** Null: each has a /dev/shm of its own, and with it POSIX shared memory and named semaphores. */
  readonly shm: Shm | null;
  /** Do they see the processes of each other? */
  readonly processes: boolean;
}

export type Shm =
  /** The container runtime's tmpfs in every container of the pod, or with hostIPC the node's own. */
  { readonly kind: 'pod' | 'node' } | { readonly kind: 'volume'; readonly mount: VolumeMount };

/**
 * Null when there is nothing. A pod has one IPC namespace and one /dev/shm, its sandbox's; with hostIPC both are the node's. A volume that
 * is mounted at /dev/shm is there instead. Source: containerd, containerMounts in internal/cri/server.
 */
export function sharedIpc(a: Party, b: Party): SharedIpc | null {
  const same = ipcNamespaceOf(a.pod) === ipcNamespaceOf(b.pod);
  const shm = sharedShm(a, b);
  if (!same && shm === null) return null;
  const processes = processNamespaceOf(a.pod) !== null && processNamespaceOf(a.pod) === processNamespaceOf(b.pod);
  return { namespace: same ? ipcNamespaceOf(a.pod) : null, shm, processes };
}

const ipcNamespaceOf = (pod: Pod) => (pod.hostIpc ? pod.node : key(pod));

/** Null: each container has one of its own. */
function processNamespaceOf(pod: Pod): string | null {
  if (pod.hostPid) return pod.node;
  return pod.shareProcessNamespace ? key(pod) : null;
}

function sharedShm(a: Party, b: Party): Shm | null {
  // A file server's files, mapped into memory on two machines, are two copies.
  if (a.pod.node !== b.pod.node) return null;
  const every = (p: Party) => (p.containers.length === 0 ? [null] : p.containers);
  const mine = every(a).map((c) => shmOf(a.pod, c));
  const theirs = every(b).map((c) => shmOf(b.pod, c));
  const [first] = mine;
  if (first === undefined || [...mine, ...theirs].some((s) => s.store !== first.store || s.path !== first.path)) return null;
  const mount = first.mount ?? theirs[0]?.mount ?? null;
  return mount === null ? { kind: a.pod.hostIpc ? 'node' : 'pod' } : { kind: 'volume', mount };
}

/** The file system at /dev/shm. */
function shmOf(pod: Pod, container: Container | null): Backing & { readonly mount: VolumeMount | null } {
  const mount = container?.mounts.find((m) => m.mountPath === '/dev/shm') ?? null;
  if (mount !== null) return { ...backing(pod, mount), mount };
  if (pod.hostIpc) return { store: `node ${pod.node}`, path: 'dev/shm', mount };
  return { store: `sandbox ${key(pod)}`, path: '', mount };
}

/** Files that two containers both have. */
export interface SharedVolume {
  readonly from: Mounted;
  readonly to: Mounted;
}

/** Where a container sees files that it shares. */
export interface Mounted {
  readonly pod: Pod;
  readonly container: Container;
  readonly mount: VolumeMount;
  readonly path: string;
  readonly writable: boolean;
}

export function sharedVolumes(a: Party, b: Party): readonly SharedVolume[] {
  return pairs(a, b).flatMap(([from, to]) =>
    from.mounts.flatMap((mine) =>
      to.mounts.flatMap((theirs) => {
        const common = overlap(a.pod, mine, b.pod, theirs);
        if (common === null) return [];
        const left = mounted(a.pod, from, mine, common.from);
        const right = mounted(b.pod, to, theirs, common.to);
        return isSeen(left) && isSeen(right) ? [{ from: left, to: right }] : [];
      }),
    ),
  );
}

function mounted(pod: Pod, container: Container, mount: VolumeMount, rest: string): Mounted {
  return { pod, container, mount, path: joined(mount.mountPath, rest), writable: isWritable(mount) };
}

/** Of several mounts above a path, the deepest one is what a process sees there. */
function isSeen({ container, mount, path }: Mounted): boolean {
  const over = container.mounts.filter((m) => below(m.mountPath, path) !== null);
  return over.every((m) => m.mountPath.length <= mount.mountPath.length);
}

/** The part of a volume that both mounts show, as the rest of the path within each; null when they have nothing in common. */
function overlap(a: Pod, mine: VolumeMount, b: Pod, theirs: VolumeMount): { readonly from: string; readonly to: string } | null {
  const [x, y] = [backing(a, mine), backing(b, theirs)];
  if (x.store !== y.store) return null;
  const inMine = below(x.path, y.path);
  if (inMine !== null) return { from: inMine, to: '' };
  const inTheirs = below(y.path, x.path);
  return inTheirs === null ? null : { from: '', to: inTheirs };
}

/** Where files really are: two mounts of one place show the same ones, whichever pods they are of. */
interface Backing {
  readonly store: string;
  readonly path: string;
}

function backing(pod: Pod, { volume, subPath }: VolumeMount): Backing {
  return { store: storeOf(pod, volume.name, volume.source), path: joined(rootOf(volume.source), subPath).replace(/^\//, '') };
}

function storeOf(pod: Pod, name: string, source: VolumeSource): string {
  switch (source.type) {
    case 'hostPath':
      return `node ${pod.node}`;
    case 'persistentVolumeClaim':
      return `claim ${pod.namespace}/${source.claimName}`;
    case 'nfs':
      return `server ${source.server}`;
    default:
      return `pod ${key(pod)} ${name}`;
  }
}

const rootOf = (source: VolumeSource) => (source.type === 'hostPath' || source.type === 'nfs' ? source.path : '');

/** A claim that pods on two nodes mount: whether it allows that is in its access modes, and only there. */
export const isAcrossNodes = ({ from, to }: SharedVolume): boolean =>
  from.mount.volume.source.type === 'persistentVolumeClaim' && from.pod.node !== to.pod.node;
