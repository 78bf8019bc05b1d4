import type { Volume, VolumeMount, VolumeSource } from '../../k8s/containers/volume.ts';
import { didYouMean } from '../../source/suggest.ts';
import { type VolumeInput, type VolumeMountInput, volumeTypes } from '../schema/volumes.ts';
import { type Cursor, uniqueNames } from './cursor.ts';

/** A pod's volumes. One that is not exactly one thing is reported and left out. */
export function readVolumes(list: Cursor, inputs: readonly VolumeInput[]): readonly Volume[] {
  if (inputs.length === 0) return NONE;
  uniqueNames(
    inputs,
    'volume',
    (v) => v.name,
    (i) => list.at(i, 'name'),
  );
  return inputs.flatMap((input, i) => {
    const here = list.at(i);
    const [type, another] = volumeTypes().filter((t) => input[t] !== undefined);
    if (type === undefined)
      here.error('missing-field', `volume ${input.name} does not say what it is`, `add one of ${volumeTypes().join(', ')}`);
    else if (another !== undefined)
      here.at(another).error('bad-value', `volume ${input.name} is of type ${type} already, and it has only one`);
    const source = sourceOf(input);
    return source === null ? [] : [{ name: input.name, source, locus: here.locus }];
  });
}

const NONE: readonly Volume[] = [];

function sourceOf({ emptyDir, hostPath, persistentVolumeClaim, nfs, csi, ...rest }: VolumeInput): VolumeSource | null {
  if (emptyDir !== undefined)
    return {
      type: 'emptyDir',
      medium: emptyDir.medium ?? '',
      sizeLimit: emptyDir.sizeLimit === undefined ? null : String(emptyDir.sizeLimit),
    };
  if (hostPath !== undefined) return { type: 'hostPath', path: normal(hostPath.path) };
  if (persistentVolumeClaim !== undefined)
    return { type: 'persistentVolumeClaim', claimName: persistentVolumeClaim.claimName, readOnly: persistentVolumeClaim.readOnly ?? false };
  if (nfs !== undefined) return { type: 'nfs', server: nfs.server, path: normal(nfs.path), readOnly: nfs.readOnly ?? false };
  if (csi !== undefined) return { type: 'csi', readOnly: csi.readOnly ?? false };
  if (rest.ephemeral !== undefined) return { type: 'ephemeral', readOnly: false };
  const content = (['configMap', 'secret', 'projected', 'downwardAPI', 'image'] as const).find((t) => rest[t] !== undefined);
  return content === undefined ? null : { type: content };
}

/** `/data//logs/` is `/data/logs`; the root is the empty path, below which all others are. */
const normal = (path: string): string => {
  const parts = path.split('/').filter((p) => p !== '' && p !== '.');
  return path.startsWith('/') ? parts.map((p) => `/${p}`).join('') : parts.join('/');
};

/** A container's mounts; two at one path are one too many for the API server. */
export function readMounts(list: Cursor, inputs: readonly VolumeMountInput[], volumes: readonly Volume[]): readonly VolumeMount[] {
  uniqueNames(
    inputs,
    'mount at',
    (m) => normal(m.mountPath) || '/',
    (i) => list.at(i, 'mountPath'),
  );
  return inputs.flatMap((input, i) => {
    const here = list.at(i);
    const volume = volumes.find((v) => v.name === input.name);
    if (volume === undefined) {
      const names = volumes.map((v) => v.name);
      const none = names.length === 0 ? 'add it to the volumes of the pod' : `volumes: ${names.join(', ')}`;
      here.at('name').error('unknown-volume', `the pod has no volume ${input.name}`, didYouMean(input.name, names) ?? none);
      return [];
    }
    const { readOnly = false, subPath = '' } = input;
    return [{ volume, mountPath: normal(input.mountPath), readOnly, subPath: normal(subPath), locus: here.locus }];
  });
}
