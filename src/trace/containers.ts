import type { Netns } from '../datapath/netns.ts';
import type { Failure } from '../hop/failure.ts';
import type { Hop } from '../hop/hop.ts';
import type { Place } from '../hop/hop-base.ts';
import type { IpcHop, MountEnd, VolumeHop } from '../hop/sharing-hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import {
  isAcrossNodes,
  type Mounted,
  partyName,
  type SharedIpc,
  type SharedVolume,
  sharedIpc,
  sharedVolumes,
} from '../k8s/containers/shared.ts';
import { bothOfDrivers, ipcApart, nearlyWritable, readOnlyOf, volumesApart } from '../k8s/containers/why-apart.ts';
import { podIp } from '../k8s/families.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Packet } from '../net/packet.ts';
import { type Ends, endsOf } from '../query/container-ends.ts';
import type { Question } from '../query/question.ts';
import { assumed, at, declared, inferred, type Origin } from '../source/origin.ts';
import { named } from '../source/sentence.ts';
import type { End } from '../stage/next.ts';
import { type Doubt, NOTHING_KNOWN } from '../stage/skb.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { placeAt } from './place.ts';

/** IPC namespaces and volumes that containers share: as hops before a packet's, and as a question of its own. */

/** The hops of two containers of one pod begin with the IPC namespace and volumes that they share, which no packet passes. */
export function withSharing(cluster: Cluster, question: Question, path: FlowPath): FlowPath {
  if (question.destinationContainer === null || question.destinationContainer === question.source.container) return path;
  const ends = endsOf(cluster, question);
  const { forward } = path;
  const [sent] = forward.hops;
  if (ends === null || sent === undefined || key(ends.from.pod) !== key(ends.to.pod)) return path;
  const ipc = sharedIpc(ends.from, ends.to);
  const place = { ...sent, changes: [] };
  const shared = [
    ...(ipc === null ? [] : [ipcHop(ipc, ends, place)]),
    ...sharedVolumes(ends.from, ends.to).map((v) => volumeHop(v, place)),
  ];
  return { ...path, forward: { ...forward, hops: [...shared, ...forward.hops] } };
}

/** The answer to a question about shared memory or volumes: a path that no packet takes. */
export function sharingPath(cluster: Cluster, question: Question, netns: Netns): FlowPath {
  const ends = endsOf(cluster, question);
  if (ends === null) throw new Error('shared memory and volumes are asked of pods only');
  const place = placeOf(question, netns);
  return question.over === 'ipc' ? ipcPath(ends, place, netns) : volumePath(ends, place, netns);
}

function placeOf({ source, destination, family }: Question, netns: Netns): Place {
  const called = destination.kind === 'address' ? destination.owner : destination;
  const packet: Packet = {
    protocol: 'icmp',
    source: source.ip,
    sourcePort: 0,
    destination: (called?.kind === 'pod' ? podIp(called.pod, family) : null) ?? source.ip,
    destinationPort: 0,
    tcpFlags: null,
    ttl: 0,
    size: 0,
    icmp: null,
  };
  return placeAt(netns, packet);
}

function ipcPath(ends: Ends, place: Place, netns: Netns): FlowPath {
  const shared = sharedIpc(ends.from, ends.to);
  if (shared !== null) return ended([ipcHop(shared, ends, place)], { kind: 'delivered', socket: null }, place, netns);
  const failure: Failure = {
    code: 'NO_SHARED_NAMESPACE',
    facts: { words: ipcApart(ends.from, ends.to) },
    origin: declared(ends.from.pod.locus),
  };
  return refused([], failure, 'name-not-found', place, netns);
}

function volumePath(ends: Ends, place: Place, netns: Netns): FlowPath {
  const unknown = [ends.from.pod, ends.to.pod].find((p) => p.socketsUnknown);
  if (unknown !== undefined) return notSaid(unknown, place, netns);
  const shared = sharedVolumes(ends.from, ends.to);
  const hops = shared.map((v) => volumeHop(v, place));
  const [first] = shared;
  if (first === undefined) {
    const drivers = bothOfDrivers(ends.from, ends.to);
    if (drivers !== null)
      return undetermined([], { code: 'FACT_MISSING', facts: { words: drivers.words }, origin: drivers.origin }, place, netns);
    const { words, locus } = volumesApart(ends.from, ends.to);
    return refused([], { code: 'NO_SHARED_VOLUME', facts: { words }, origin: declared(locus) }, 'name-not-found', place, netns);
  }
  const writable = shared.filter((v) => v.from.writable);
  if (writable.length === 0) {
    const { words, locus } = readOnlyOf(nearlyWritable(shared) ?? first.from);
    return refused(hops, { code: 'VOLUME_READ_ONLY', facts: { words }, origin: declared(locus) }, 'not-permitted', place, netns);
  }
  const certain = writable.filter((v) => !isAcrossNodes(v));
  const best = certain.find((v) => !isClaimOfTwo(v)) ?? certain[0];
  if (best === undefined) return maybeMounted(writable, hops, place, netns);
  const others = shared.filter((v) => v !== best);
  const sorted = [best, ...others].map((v) => volumeHop(v, place));
  return ended(sorted, { kind: 'delivered', socket: null }, place, netns, isClaimOfTwo(best) ? [bothMount(best)] : []);
}

const isClaimOfTwo = ({ from, to }: SharedVolume) => from.pod !== to.pod && from.mount.volume.source.type === 'persistentVolumeClaim';

function notSaid(pod: Pod, place: Place, netns: Netns): FlowPath {
  const words = `the input does not say what the containers of ${pod.name} mount`;
  return undetermined([], { code: 'FACT_MISSING', facts: { words }, origin: assumed(pod.locus) }, place, netns);
}

function maybeMounted([first]: readonly SharedVolume[], hops: readonly Hop[], place: Place, netns: Netns): FlowPath {
  const { from, to } = first ?? {};
  const claim = from === undefined ? '' : claimOf(from);
  const words = named(
    `${from?.pod.name} and ${to?.pod.name} mount the claim ${claim} on two nodes, which only some access modes allow (ReadWriteMany), and the input does not say which ones it has`,
  );
  return undetermined(hops, { code: 'FACT_MISSING', facts: { words }, origin: assumed(from?.mount.volume.locus ?? null) }, place, netns);
}

const bothMount = ({ from }: SharedVolume): Doubt => ({
  text: `the claim ${claimOf(from)} is taken to let both pods write to it, as ReadWriteOnce does on one node, and ReadWriteMany: the input does not say its access modes`,
  origin: assumed(from.mount.volume.locus),
});

const claimOf = ({ mount }: Mounted) => (mount.volume.source.type === 'persistentVolumeClaim' ? mount.volume.source.claimName : '');

function refused(hops: readonly Hop[], failure: Failure, client: 'name-not-found' | 'not-permitted', place: Place, netns: Netns): FlowPath {
  return ended([...hops, dropHop(failure, place)], { kind: 'refused-at-source', failure, client }, place, netns);
}

const undetermined = (hops: readonly Hop[], failure: Failure, place: Place, netns: Netns) =>
  ended([...hops, dropHop(failure, place)], { kind: 'undetermined', failure }, place, netns);

const dropHop = (failure: Failure, place: Place): Hop => ({ kind: 'drop', ...place, failure, answer: null, origin: failure.origin });

type SharingEnd = Extract<End, { kind: 'delivered' | 'refused-at-source' | 'undetermined' }>;

const ENDED = {
  delivered: { outcome: 'delivered', client: 'answer' },
  undetermined: { outcome: 'undetermined', client: 'unknown' },
} as const;

function ended(hops: readonly Hop[], end: SharingEnd, { packet }: Place, netns: Netns, doubts: readonly Doubt[] = []): FlowPath {
  const { outcome, client } = end.kind === 'refused-at-source' ? ({ outcome: 'rejected', client: end.client } as const) : ENDED[end.kind];
  const failure = end.kind === 'delivered' ? null : ({ ...end.failure, walk: 'forward' } as const);
  const known = { ...NOTHING_KNOWN, input: null, tie: null, met: 0, asked: null };
  const forward = { hops, end, looped: false, packet, netns, ...known, doubts };
  return { probability: 1, outcome, client, failure, forward, reply: null, ack: null, data: null };
}

/** As containerd and CRI-O make it, unless they are told otherwise. */
const SHM_SIZE = 'tmpfs, 64 MiB';

function ipcHop({ namespace, shm, processes }: SharedIpc, { from, to }: Ends, place: Place): IpcHop {
  const origin: Origin = from.pod.hostIpc ? declared(at(from.pod.locus, 'hostIPC')) : inferred(from.pod.locus);
  return { ...place, kind: 'ipc', namespace, ends: [partyName(from), partyName(to)], shm: shmOf(shm), processes, origin };
}

function shmOf(shm: SharedIpc['shm']): IpcHop['shm'] {
  if (shm === null) return null;
  if (shm.kind !== 'volume') return { kind: shm.kind, volume: null, size: shm.kind === 'pod' ? SHM_SIZE : null };
  const { name, source } = shm.mount.volume;
  return { kind: 'volume', volume: name, size: source.type === 'emptyDir' ? source.sizeLimit : null };
}

function volumeHop({ from, to }: SharedVolume, place: Place): VolumeHop {
  const { volume } = from.mount;
  const { name, source } = volume;
  const common = { ...place, kind: 'volume', volume: name, type: source.type, from: endOf(from), to: endOf(to) } as const;
  // Whether two nodes may mount a claim is in its access modes, which no input has.
  const origin = isAcrossNodes({ from, to }) ? assumed(volume.locus) : declared(volume.locus);
  return { ...common, ...natureOf(from), origin };
}

const endOf = ({ pod, container, mount, path, writable }: Mounted): MountEnd => ({
  process: `${container.name}@${pod.name}`,
  path,
  subPath: mount.subPath,
  writable,
});

/** The medium of a volume, and the thing with whose end its files are gone. */
function natureOf({ pod, mount: { volume } }: Mounted): Pick<VolumeHop, 'what' | 'lifetime'> {
  const { source } = volume;
  switch (source.type) {
    case 'emptyDir':
      return { what: source.medium === 'Memory' ? 'in memory' : null, lifetime: 'pod' };
    case 'hostPath':
      return { what: `${source.path || '/'} of ${pod.node}`, lifetime: 'node' };
    case 'persistentVolumeClaim':
      return { what: source.claimName, lifetime: 'claim' };
    case 'nfs':
      return { what: `${source.server}:${source.path || '/'}`, lifetime: 'server' };
    case 'ephemeral':
    case 'csi':
      return { what: null, lifetime: 'pod' };
    case 'configMap':
    case 'secret':
    case 'projected':
    case 'downwardAPI':
    case 'image':
      return { what: null, lifetime: 'content' };
  }
}
