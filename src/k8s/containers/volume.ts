import type { Locus } from '../../source/origin.ts';

/** A volume of a pod, and where a container mounts it. */
export interface Volume {
  readonly name: string;
  readonly source: VolumeSource;
  readonly locus: Locus;
}

export type VolumeSource =
  | { readonly type: 'emptyDir'; readonly medium: string; readonly sizeLimit: string | null }
  /** A directory or file of the node; the path is absolute and without a slash at its end. */
  | { readonly type: 'hostPath'; readonly path: string }
  | { readonly type: 'persistentVolumeClaim'; readonly claimName: string; readonly readOnly: boolean }
  | { readonly type: 'nfs'; readonly server: string; readonly path: string; readonly readOnly: boolean }
  /** Made for the pod by a driver, and gone with it. */
  | { readonly type: 'ephemeral' | 'csi'; readonly readOnly: boolean }
  | { readonly type: ContentType };

/** The content is an object of the API server or an image: the kubelet writes it, and containers only read. */
export type ContentType = 'configMap' | 'secret' | 'projected' | 'downwardAPI' | 'image';

export interface VolumeMount {
  readonly volume: Volume;
  /** Absolute, and without a slash at its end. */
  readonly mountPath: string;
  readonly readOnly: boolean;
  /** The directory of the volume that is mounted; empty: all of it. */
  readonly subPath: string;
  readonly locus: Locus;
}

/** May a container write to what it mounts? */
export function isWritable({ readOnly, volume: { source } }: VolumeMount): boolean {
  if (readOnly) return false;
  switch (source.type) {
    case 'emptyDir':
    case 'hostPath':
      return true;
    case 'persistentVolumeClaim':
    case 'nfs':
    case 'ephemeral':
    case 'csi':
      return !source.readOnly;
    case 'configMap':
    case 'secret':
    case 'projected':
    case 'downwardAPI':
    case 'image':
      return false;
  }
}

/** The rest of `path` below `base`: empty when the two are the same, null when it is not below it. */
export function below(base: string, path: string): string | null {
  if (path === base) return '';
  const start = base === '' ? '' : `${base}/`;
  return path.startsWith(start) ? path.slice(start.length) : null;
}

export const joined = (base: string, rest: string): string => (rest === '' ? base : `${base}/${rest}`);
