import type { IpcHop, MountEnd, VolumeHop } from './sharing-hop.ts';

/** Shared memory and files of two processes, in words. */

export function ipc({ namespace, ends, shm, processes }: IpcHop): string {
  const [a, b] = ends;
  const who = a === b ? a : `${a} and ${b}`;
  const pids = processes ? '; and the process namespace: signals, /proc/PID/root' : '';
  if (namespace === null)
    return `${who} have no IPC namespace in common, but ${shmText(shm)}: POSIX shared memory and named semaphores${pids}`;
  const whose = namespace.includes('/') ? namespace.replace(/^default\//, '') : `the node ${namespace}`;
  const both = `${who} ${a === b ? 'has' : 'share'} the IPC namespace of ${whose}`;
  if (shm !== null) return `${both} and ${shmText(shm)}: shared memory, semaphores and message queues, System V and POSIX${pids}`;
  const apart = 'but not /dev/shm, where one of them has a volume';
  return `${both}, ${apart}: System V shared memory, semaphores and message queues, POSIX message queues, no POSIX shared memory${pids}`;
}

function shmText(shm: IpcHop['shm']): string {
  const size = shm?.size == null ? '' : ` (${shm.size})`;
  return shm?.kind === 'volume' ? `the volume ${shm.volume} at /dev/shm${size}` : `its /dev/shm${size}`;
}

const LIFETIMES: Readonly<Record<VolumeHop['lifetime'], string>> = {
  pod: 'gone with the pod, and only then',
  node: 'it stays on the node when the pod is gone',
  claim: 'it stays as long as the claim does',
  server: 'it stays on the server when the pod is gone',
  content: 'read-only: what is in it is written by the kubelet',
};

export function volume({ volume: name, type, what, from, to, lifetime }: VolumeHop): string {
  const kind = what === null ? type : `${type} ${what}`;
  const seen = from.process === to.process ? mounted(from) : `${mounted(from)}, ${mounted(to)}`;
  return `${name} (${kind}): ${seen}; ${LIFETIMES[lifetime]}`;
}

const mounted = ({ process, path, writable }: MountEnd) => `${process} ${writable ? 'writes' : 'reads'} at ${path}`;
