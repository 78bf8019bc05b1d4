import type { Volume, VolumeMount, VolumeSource } from '../../k8s/containers/volume.ts';
import type { Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import { VOLUME_TYPES, type VolumeInput, type VolumeMountInput } from '../schema/volumes.ts';
import { type Report, uniqueNames } from './report.ts';

/** A pod's volumes. One that is not exactly one thing is reported and left out. */
export function readVolumes(report: Report, forms: readonly VolumeInput[], pod: Path, object: string): readonly Volume[] {
  const list = [...pod, 'volumes'];
  uniqueNames(
    report,
    forms,
    'volume',
    (v) => v.name,
    (i) => [...list, i, 'name'],
  );
  return forms.flatMap((form, i) => {
    const path = [...list, i];
    const [type, another] = VOLUME_TYPES.filter((t) => form[t] !== undefined);
    if (type === undefined)
      report.error(path, 'missing-field', `volume ${form.name} does not say what it is`, `add one of ${VOLUME_TYPES.join(', ')}`);
    else if (another !== undefined)
      report.error([...path, another], 'bad-value', `volume ${form.name} is of type ${type} already, and it has only one`);
    const source = sourceOf(form);
    return source === null ? [] : [{ name: form.name, source, locus: report.locus(path, object) }];
  });
}

function sourceOf({ emptyDir, hostPath, persistentVolumeClaim, nfs, csi, ...rest }: VolumeInput): VolumeSource | null {
  if (emptyDir !== undefined)
    return { type: 'emptyDir', medium: emptyDir.medium, sizeLimit: emptyDir.sizeLimit === undefined ? null : String(emptyDir.sizeLimit) };
  if (hostPath !== undefined) return { type: 'hostPath', path: normal(hostPath.path) };
  if (persistentVolumeClaim !== undefined) return { type: 'persistentVolumeClaim', ...persistentVolumeClaim };
  if (nfs !== undefined) return { type: 'nfs', ...nfs, path: normal(nfs.path) };
  if (csi !== undefined) return { type: 'csi', readOnly: csi.readOnly };
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
export function readMounts(
  report: Report,
  forms: readonly VolumeMountInput[],
  volumes: readonly Volume[],
  container: Path,
  object: string,
): readonly VolumeMount[] {
  const list = [...container, 'volumeMounts'];
  uniqueNames(
    report,
    forms,
    'mount at',
    (m) => normal(m.mountPath) || '/',
    (i) => [...list, i, 'mountPath'],
  );
  return forms.flatMap((form, i) => {
    const path = [...list, i];
    const volume = volumes.find((v) => v.name === form.name);
    if (volume === undefined) {
      const names = volumes.map((v) => v.name);
      const hint =
        didYouMean(form.name, names) ?? (names.length === 0 ? 'add it to the volumes of the pod' : `volumes: ${names.join(', ')}`);
      report.error([...path, 'name'], 'unknown-volume', `the pod has no volume ${form.name}`, hint);
      return [];
    }
    const { readOnly, subPath = '' } = form;
    return [{ volume, mountPath: normal(form.mountPath), readOnly, subPath: normal(subPath), locus: report.locus(path, object) }];
  });
}
