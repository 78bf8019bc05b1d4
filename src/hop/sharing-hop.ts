import type { HopBase } from './hop-base.ts';

/** Facts from before any packet is sent. */
export type SharingHop = IpcHop | VolumeHop;

/** Two processes share memory, or messages. Like a volume, this is a fact of the place, and no step of the packet. */
export interface IpcHop extends HopBase {
  readonly kind: 'ipc';
  /** The IPC namespace that both are in: of this pod, as `default/pod-a`, or of this node; null: they only share /dev/shm. */
  readonly namespace: string | null;
  /** The two that share it. */
  readonly ends: readonly [string, string];
  /** The file system at /dev/shm of both: the pod's own tmpfs, the node's, or a volume; null: each has another one. */
  readonly shm: { readonly kind: 'pod' | 'node' | 'volume'; readonly volume: string | null; readonly size: string | null } | null;
  /** Do they see the processes of each other? */
  readonly processes: boolean;
}

/** Files that two processes both have. */
export interface VolumeHop extends HopBase {
  readonly kind: 'volume';
  readonly volume: string;
  readonly type: string;
  /** Its storage, where that is known: `in memory`, a path of a node, a claim, a server. */
  readonly what: string | null;
  readonly from: MountEnd;
  readonly to: MountEnd;
  readonly lifetime: 'pod' | 'node' | 'claim' | 'server' | 'content';
}

/** One side of a shared volume: the process, and where it sees the files. */
export interface MountEnd {
  readonly process: string;
  readonly path: string;
  readonly subPath: string;
  readonly writable: boolean;
}
