import { assumed, type Locus, type Origin } from '../../source/origin.ts';
import { named, type Wording } from '../../source/sentence.ts';
import { key, type Pod } from '../pod.ts';
import { type Mounted, type Party, partyName, type SharedVolume } from './shared.ts';
import { isWritable, type VolumeMount, type VolumeSource } from './volume.ts';

/** Why two containers share no memory or no files, in words. */

/** The program's view: shmget(2), shm_open(3) and mq_open(3) all say ENOENT. */
export function ipcApart(a: Party, b: Party): Wording {
  return named(
    `${whyIpcApart(a.pod, b.pod)}: what ${partyName(a)} makes with shmget, shm_open or mq_open is not there for ${partyName(b)} (ENOENT)`,
  );
}

function whyIpcApart(a: Pod, b: Pod): string {
  if (a.node !== b.node) return `${a.name} and ${b.name} are on two machines, ${a.node} and ${b.node}, which share no memory`;
  const [host] = [a, b].filter((p) => p.hostIpc);
  if (host === undefined) return `${a.name} and ${b.name} are two pods, and each has an IPC namespace of its own`;
  const other = host === a ? b : a;
  return `${host.name} uses the IPC namespace of ${host.node} (hostIPC), and ${other.name} has one of its own`;
}

export interface Why {
  readonly words: Wording;
  readonly locus: Locus;
}

/** The nearest thing to a shared volume that there is, and what it lacks. */
export function volumesApart(a: Party, b: Party): Why {
  const without = [a, b].find((p) => p.containers.every((c) => c.mounts.length === 0));
  if (without !== undefined)
    return { words: named(`${partyName(without)} mounts no volume`), locus: without.containers[0]?.locus ?? without.pod.locus };
  const [mine, theirs] = [a, b].map((p) => p.containers.flatMap((c) => c.mounts));
  for (const m of mine ?? [])
    for (const t of theirs ?? []) {
      const words = nearly(a, m, b, t);
      if (words !== null) return { words, locus: m.locus };
    }
  const names = (mounts: readonly VolumeMount[] | undefined) => [...new Set((mounts ?? []).map((m) => m.volume.name))].join(', ');
  const words = named(`${partyName(a)} mounts ${names(mine)}, and ${partyName(b)} ${names(theirs)}: no files are in both`);
  return { words, locus: a.containers[0]?.locus ?? a.pod.locus };
}

function nearly(a: Party, mine: VolumeMount, b: Party, theirs: VolumeMount): Wording | null {
  const [x, y] = [mine.volume.source, theirs.volume.source];
  const samePod = key(a.pod) === key(b.pod);
  if (samePod && mine.volume === theirs.volume) {
    if (mine.subPath !== theirs.subPath)
      return `both mount ${mine.volume.name}, but not the same of it: ${partyName(a)} ${part(mine)}, ${partyName(b)} ${part(theirs)}`;
    return `both mount ${mine.volume.name}, but in one of them another volume is mounted over it`;
  }
  if (samePod || x.type !== y.type) return null;
  if (x.type === 'hostPath' && y.type === 'hostPath' && x.path === y.path && a.pod.node !== b.pod.node)
    return named(`${x.path || '/'} is a directory of the node, and ${a.pod.node} and ${b.pod.node} have one each`);
  if (
    x.type === 'persistentVolumeClaim' &&
    y.type === 'persistentVolumeClaim' &&
    x.claimName === y.claimName &&
    a.pod.namespace !== b.pod.namespace
  )
    return named(`${x.claimName} is a claim of a namespace, and ${a.pod.namespace} and ${b.pod.namespace} have one each`);
  return theirOwn(x.type, a.pod, b.pod);
}

/** A volume of the same type that each pod has for itself. */
function theirOwn(type: VolumeSource['type'], a: Pod, b: Pod): Wording | null {
  switch (type) {
    case 'emptyDir':
    case 'ephemeral':
      return named(`${type} volumes belong to their pods: ${a.name} and ${b.name} have one each`);
    case 'configMap':
    case 'secret':
    case 'projected':
    case 'downwardAPI':
    case 'image':
      return `the kubelet makes a ${type} volume for each pod, and ${a.name} and ${b.name} only read theirs`;
    case 'hostPath':
    case 'persistentVolumeClaim':
    case 'nfs':
    case 'csi':
      return null;
  }
}

const part = ({ subPath }: VolumeMount) => (subPath === '' ? 'all' : `only ${subPath}`);

/** Inline csi volumes in two pods: drivers for file servers (smb, nfs) may show both the same files, others make a volume for each pod. */
export function bothOfDrivers(a: Party, b: Party): { readonly words: Wording; readonly origin: Origin } | null {
  const [mine, theirs] = [a, b].map((p) => p.containers.flatMap((c) => c.mounts).find((m) => m.volume.source.type === 'csi'));
  if (mine === undefined || theirs === undefined || a.pod === b.pod) return null;
  const words = named(
    `${partyName(a)} mounts ${mine.volume.name} and ${partyName(b)} ${theirs.volume.name}, both of a csi driver, and whether these show the same files is not in the input`,
  );
  return { words, origin: assumed(mine.volume.locus) };
}

/** Of several read-only ones, that which a word in the input makes writable, not one that the kubelet writes. */
export function nearlyWritable(shared: readonly SharedVolume[]): Mounted | null {
  const found = shared.find(({ from: { mount } }) => mount.readOnly && isWritable({ ...mount, readOnly: false })) ?? shared[0];
  return found?.from ?? null;
}

/** Nothing that both have can be written by the first of them: open(2) and write(2) say EROFS. */
export function readOnlyOf({ mount, container, pod, path }: Mounted): Why {
  const { volume } = mount;
  const who = `${container.name}@${pod.name}`;
  if (mount.readOnly)
    return { words: named(`${who} mounts ${volume.name} read-only, so it cannot write at ${path} (EROFS)`), locus: mount.locus };
  const kind = 'readOnly' in volume.source ? 'is read-only' : `is a ${volume.source.type} volume, which containers only read`;
  return { words: `volume ${volume.name} ${kind}, so ${who} cannot write at ${path} (EROFS)`, locus: volume.locus };
}
