/**
 * The fields of a Job and a PersistentVolumeClaim that docs/scale.md uses, as the API reference has them (kubernetes.io/docs/reference/kubernetes-api:
 * job-v1, pod-v1, persistent-volume-claim-v1). A field that is not here is a misspelt one.
 */

const text = { type: 'string', minLength: 1 } as const;
const texts = { type: 'array', items: text, minItems: 1 } as const;
const flag = { type: 'boolean' } as const;
const count = { type: 'integer', minimum: 1 } as const;
const quantity = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(m|Ki|Mi|Gi|Ti)?$' } as const;
const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', maxLength: 253 } as const;

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const quantities = object({ cpu: quantity, memory: quantity, storage: quantity });
const metadata = object({ name, namespace: name }, ['name']);

const container = object(
  {
    name,
    image: text,
    command: texts,
    args: texts,
    resources: object({ requests: quantities, limits: quantities }),
    securityContext: object({
      allowPrivilegeEscalation: flag,
      readOnlyRootFilesystem: flag,
      capabilities: object({ drop: texts, add: texts }),
    }),
    volumeMounts: { type: 'array', items: object({ name, mountPath: text, readOnly: flag }, ['name', 'mountPath']) },
  },
  ['name', 'image'],
);

const volume = {
  ...object(
    {
      name,
      configMap: object({ name }, ['name']),
      persistentVolumeClaim: object({ claimName: name }, ['claimName']),
      emptyDir: object({}),
    },
    ['name'],
  ),
  // A volume has one source.
  minProperties: 2,
  maxProperties: 2,
};

const podSpec = object(
  {
    // Of a Job: Always is refused.
    restartPolicy: { enum: ['Never', 'OnFailure'] },
    automountServiceAccountToken: flag,
    securityContext: object({
      runAsNonRoot: flag,
      runAsUser: count,
      fsGroup: count,
      seccompProfile: object({ type: { enum: ['RuntimeDefault', 'Localhost', 'Unconfined'] } }, ['type']),
    }),
    containers: { type: 'array', items: container, minItems: 1 },
    volumes: { type: 'array', items: volume },
  },
  ['containers', 'restartPolicy'],
);

export const SCHEMAS = {
  'batch/v1 Job': object(
    {
      apiVersion: { const: 'batch/v1' },
      kind: { const: 'Job' },
      metadata,
      spec: object(
        {
          completionMode: { enum: ['NonIndexed', 'Indexed'] },
          completions: count,
          parallelism: count,
          backoffLimit: { type: 'integer', minimum: 0 },
          template: object({ spec: podSpec }, ['spec']),
        },
        ['template'],
      ),
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
  'v1 PersistentVolumeClaim': object(
    {
      apiVersion: { const: 'v1' },
      kind: { const: 'PersistentVolumeClaim' },
      metadata,
      spec: object(
        {
          accessModes: {
            type: 'array',
            items: { enum: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'] },
            minItems: 1,
          },
          resources: object({ requests: quantities }, ['requests']),
        },
        ['accessModes', 'resources'],
      ),
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
} as const;
