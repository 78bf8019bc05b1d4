import type { VolumeInput } from '../../schema/volumes.ts';
import type { PodObject } from '../schema/pod.ts';

type VolumeObject = NonNullable<NonNullable<PodObject['spec']>['volumes']>[number];

const CONTENT = ['configMap', 'secret', 'projected', 'downwardAPI', 'image'] as const;

/** A pod's volume. A type that no reader tells apart is a driver's: it is the pod's own, and may be written to. */
export function volumeIn(volume: VolumeObject): VolumeInput {
  const { name } = volume;
  const { emptyDir, hostPath, persistentVolumeClaim: claim, nfs, csi, ephemeral } = volume;
  if (isObject(emptyDir)) return { name, emptyDir: { medium: text(emptyDir['medium']), sizeLimit: text(emptyDir['sizeLimit']) } };
  if (isObject(hostPath)) return { name, hostPath: { path: text(hostPath['path']) ?? '/' } };
  if (isObject(claim))
    return { name, persistentVolumeClaim: { claimName: text(claim['claimName']) ?? '', readOnly: flag(claim['readOnly']) } };
  if (isObject(nfs))
    return { name, nfs: { server: text(nfs['server']) ?? '', path: text(nfs['path']) ?? '/', readOnly: flag(nfs['readOnly']) } };
  if (isObject(ephemeral)) return { name, ephemeral: {} };
  const content = CONTENT.find((t) => isObject(volume[t]));
  if (content !== undefined) return { name, [content]: {} };
  return {
    name,
    csi: { driver: isObject(csi) ? (text(csi['driver']) ?? '') : '', readOnly: isObject(csi) ? flag(csi['readOnly']) : undefined },
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
