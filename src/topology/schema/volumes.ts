import * as z from 'zod';
import { label, oneOf } from '../../source/fields.ts';
import { field, later, loose, strict } from '../../source/objects.ts';

/** A pod's volumes and its containers' mounts, in Kubernetes' own words. */

const absolute = () => z.string().regex(/^\/(?!(.*\/)?\.\.(\/|$))[^:]*$/, { error: 'expected an absolute path without .., as /data' });
const relative = () => z.string().regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$)).+$/, { error: 'expected a path within the volume, as logs/app' });
const quantity = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?(m|k|Ki|[MGTPE]i?|[eE][+-]?\d+)?$/, { error: 'expected a quantity, as 64Mi' })
    .or(z.number().nonnegative({ error: 'expected a quantity, as 64Mi' }));
const readOnly = () => z.boolean().optional();

/** The content of such a volume makes no difference to how it is shared, so it is not looked at. */
const unread = () => z.record(z.string(), z.unknown()).optional();

/** The types of a volume, which is of one of them. */
const types = () => ({
  emptyDir: field(
    strict(() => ({
      medium: field(
        z
          .string()
          .regex(/^(|Memory|HugePages(-\w+)?)$/, { error: 'expected Memory, HugePages, or nothing' })
          .optional(),
        "Memory: in the node's memory (tmpfs) instead of on its disk.",
      ),
      sizeLimit: field(quantity().optional(), 'The most that it may hold.'),
    })).optional(),
    'A directory that is made for the pod, and gone with it.',
  ),
  hostPath: field(
    strict(() => ({
      path: field(absolute(), 'A path of the node.'),
      type: field(
        oneOf(['DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice']).optional(),
        'What has to be there.',
      ),
    })).optional(),
    'A directory or file of the node.',
  ),
  persistentVolumeClaim: field(
    strict(() => ({
      claimName: field(z.string().min(1, { error: 'expected the name of a claim' }), "The claim's name, in the pod's namespace."),
      readOnly: field(readOnly(), 'May nobody write to it here?'),
    })).optional(),
    'What a claim is bound to.',
  ),
  nfs: field(
    strict(() => ({
      server: field(z.string().min(1, { error: 'expected the name or address of a server' }), 'The server.'),
      path: field(absolute(), 'The path that it exports.'),
      readOnly: field(readOnly(), 'May nobody write to it here?'),
    })).optional(),
    'A directory of a server.',
  ),
  csi: field(
    loose(() => ({ driver: field(z.string(), 'The driver.'), readOnly: field(readOnly(), 'May nobody write to it here?') })).optional(),
    'Made for the pod by a driver (an inline volume).',
  ),
  ephemeral: field(unread(), 'A claim that is made for the pod, and gone with it.'),
  configMap: field(unread(), 'The content of a ConfigMap, read-only.'),
  secret: field(unread(), 'The content of a Secret, read-only.'),
  projected: field(unread(), 'Several of these in one directory, read-only.'),
  downwardAPI: field(unread(), 'Fields of the pod, read-only.'),
  image: field(unread(), 'The files of an image, read-only.'),
});

export const volume = strict(() => ({ name: field(label, "The volume's name; its other field says what it is."), ...types() }));

export const volumeTypes = () => Object.keys(volume.shape).filter((k) => k !== 'name') as readonly (keyof ReturnType<typeof types>)[];

export const volumeMount = strict(() => ({
  name: field(label, 'The volume.'),
  mountPath: field(absolute(), 'Where the container has it.'),
  readOnly: field(readOnly(), 'May the container not write to it?'),
  subPath: field(relative().optional(), 'The directory of the volume that is mounted; left out, all of it.'),
  subPathExpr: later('subPathExpr'),
  mountPropagation: later('mountPropagation'),
}));

export type VolumeInput = z.output<typeof volume>;
export type VolumeMountInput = z.output<typeof volumeMount>;
