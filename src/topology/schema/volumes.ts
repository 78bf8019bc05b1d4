import * as z from 'zod';
import { label, later, loose, oneOf, strict } from './fields.ts';

/** A pod's volumes and its containers' mounts, in Kubernetes' own words. */

const absolute = z.string().regex(/^\/(?!(.*\/)?\.\.(\/|$))[^:]*$/, { error: 'expected an absolute path without .., as /data' });
const relative = z.string().regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$)).+$/, { error: 'expected a path within the volume, as logs/app' });
const quantity = z
  .string()
  .regex(/^\d+(\.\d+)?(m|k|Ki|[MGTPE]i?|[eE][+-]?\d+)?$/, { error: 'expected a quantity, as 64Mi' })
  .or(z.number().nonnegative({ error: 'expected a quantity, as 64Mi' }));
const readOnly = z.boolean().default(false);

/** What such a volume holds makes no difference to who shares it, so it is not looked at. */
const unread = z.record(z.string(), z.unknown());

/** What a volume may be: it is one of these. */
const types = {
  emptyDir: strict(
    {
      medium: z
        .string()
        .regex(/^(|Memory|HugePages(-\w+)?)$/, { error: 'expected Memory, HugePages, or nothing' })
        .default(''),
      sizeLimit: quantity.optional(),
    },
    { medium: "Memory: in the node's memory (tmpfs) instead of on its disk.", sizeLimit: 'The most that it may hold.' },
  ).optional(),
  hostPath: strict(
    {
      path: absolute,
      type: oneOf(['DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice']).optional(),
    },
    { path: 'A path of the node.', type: 'What has to be there.' },
  ).optional(),
  persistentVolumeClaim: strict(
    { claimName: z.string().min(1, { error: 'expected the name of a claim' }), readOnly },
    { claimName: "The claim's name, in the pod's namespace.", readOnly: 'May nobody write to it here?' },
  ).optional(),
  nfs: strict(
    { server: z.string().min(1, { error: 'expected the name or address of a server' }), path: absolute, readOnly },
    { server: 'The server.', path: 'The path that it exports.', readOnly: 'May nobody write to it here?' },
  ).optional(),
  csi: loose({ driver: z.string(), readOnly }, { driver: 'The driver.', readOnly: 'May nobody write to it here?' }).optional(),
  ephemeral: unread.optional(),
  configMap: unread.optional(),
  secret: unread.optional(),
  projected: unread.optional(),
  downwardAPI: unread.optional(),
  image: unread.optional(),
};

export const VOLUME_TYPES = Object.keys(types) as readonly (keyof typeof types)[];

export const volume = strict(
  { name: label, ...types },
  {
    name: "The volume's name; its other field says what it is.",
    emptyDir: 'A directory that is made for the pod, and gone with it.',
    hostPath: 'A directory or file of the node.',
    persistentVolumeClaim: 'What a claim is bound to.',
    nfs: 'A directory of a server.',
    csi: 'Made for the pod by a driver (an inline volume).',
    ephemeral: 'A claim that is made for the pod, and gone with it.',
    configMap: 'The content of a ConfigMap, read-only.',
    secret: 'The content of a Secret, read-only.',
    projected: 'Several of these in one directory, read-only.',
    downwardAPI: 'Fields of the pod, read-only.',
    image: 'The files of an image, read-only.',
  },
);

export const volumeMount = strict(
  {
    name: label,
    mountPath: absolute,
    readOnly,
    subPath: relative.optional(),
    subPathExpr: later('subPathExpr'),
    mountPropagation: later('mountPropagation'),
  },
  {
    name: 'The volume.',
    mountPath: 'Where the container has it.',
    readOnly: 'May the container not write to it?',
    subPath: 'The directory of the volume that is mounted; left out, all of it.',
  },
);

export type VolumeInput = z.output<typeof volume>;
export type VolumeMountInput = z.output<typeof volumeMount>;
