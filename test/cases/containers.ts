import type { TracedCase } from './case.ts';

/** What containers share besides the network. */
export const CONTAINERS: Readonly<Record<string, TracedCase>> = {
  'read-only-mount': {
    troubles: [
      {
        from: 'collector@shop',
        to: 'nginx@shop',
        over: 'volume',
        outcome: 'rejected',
        code: 'VOLUME_READ_ONLY',
        client: 'not-permitted',
        cites: 'readOnly: true',
        fix: 'take readOnly away from the mount of logs',
      },
    ],
    works: [{ from: 'nginx@shop', to: 'collector@shop', over: 'volume' }],
    mended: [[', readOnly: true', '']],
  },
  'empty-dir-per-pod': {
    troubles: [
      {
        from: 'web',
        to: 'work',
        over: 'volume',
        outcome: 'rejected',
        code: 'NO_SHARED_VOLUME',
        client: 'name-not-found',
        cites: 'name: web, node: node-1',
        fix: 'mount one persistentVolumeClaim in both',
      },
    ],
    mended: [claim('web'), claim('work')],
  },
  'memory-of-two-pods': {
    troubles: [
      {
        from: 'statistics',
        to: 'database',
        over: 'ipc',
        outcome: 'rejected',
        code: 'NO_SHARED_NAMESPACE',
        client: 'name-not-found',
        cites: 'name: statistics',
        fix: 'set hostIPC: true',
      },
    ],
    mended: [hostIpc('database'), hostIpc('statistics')],
  },
};

function claim(pod: string): readonly [string, string] {
  const before = `name: ${pod}, node: node-1, volumes: [{ name: uploads, `;
  return [`${before}emptyDir: {}`, `${before}persistentVolumeClaim: { claimName: uploads }`];
}

function hostIpc(pod: string): readonly [string, string] {
  const before = `name: ${pod}, node: node-1, hostIPC: `;
  return [`${before}false`, `${before}true`];
}
