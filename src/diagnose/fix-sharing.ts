import { type Party, partyName, sharedVolumes } from '../k8s/containers/shared.ts';
import type { VolumeMount } from '../k8s/containers/volume.ts';
import { nearlyWritable } from '../k8s/containers/why-apart.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { type Ends, endsOf } from '../query/container-ends.ts';
import { append, remove, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The changes that help when two containers share no memory or no files. */

const withEnds =
  (fix: (ends: Ends, scene: Scene) => readonly Fix[]): Fixer =>
  (scene) => {
    const ends = endsOf(scene.context.cluster, scene.context.question);
    return ends === null ? [] : fix(ends, scene);
  };

const podsAt = (...pods: readonly Pod[]) => pods.map((p) => `${p.name}, ${place(p.locus)}`).join('; ');

export const noNamespace: Fixer = withEnds(({ from, to }) => {
  const [a, b] = [from.pod, to.pod];
  const together = `run both in one pod, whose containers share an IPC namespace and /dev/shm (${podsAt(a, b)})`;
  const inOne = advised('elsewhere', together);
  if (a.node !== b.node)
    return [inOne, advised('elsewhere', 'or let them talk over the network: there is no shared memory between machines')];
  const without = [a, b].filter((p) => !p.hostIpc);
  return [
    inOne,
    edited(
      `or set hostIPC: true (${podsAt(...without)}), if both may share memory with everything on ${a.node}`,
      ...without.map((p) => set(at(p.locus, 'hostIPC'), true)),
    ),
  ];
});

export const noVolume: Fixer = withEnds(({ from, to }) => (key(from.pod) === key(to.pod) ? inOnePod(from, to) : inTwoPods(from, to)));

function inOnePod(from: Party, to: Party): readonly Fix[] {
  const mine = from.containers.flatMap((c) => c.mounts);
  const theirs = to.containers.flatMap((c) => c.mounts);
  const both = mine.find((m) => theirs.some((t) => t.volume === m.volume));
  const other = theirs.find((t) => t.volume === both?.volume);
  if (both !== undefined && other !== undefined)
    return [
      advised(
        'choice',
        `mount the same of ${both.volume.name} in both, and nothing over it (${place(both.locus)} and ${place(other.locus)})`,
      ),
    ];
  const [first] = mine;
  if (first !== undefined) return [mounting(first, to)];
  const [theirFirst] = theirs;
  if (theirFirst !== undefined) return [mounting(theirFirst, from)];
  return [
    advised(
      'value',
      `give the pod a volume, volumes: [{ name: shared, emptyDir: {} }] (${place(from.pod.locus)}), and mount it in both containers`,
    ),
  ];
}

/** At the same path, unless something is mounted there. */
function mounting({ volume: { name }, mountPath, locus }: VolumeMount, party: Party): Fix {
  const [container] = party.containers;
  const words = `mount ${name} in ${whereTo(party)} too: volumeMounts: [{ name: ${name}, mountPath: ${mountPath} }]`;
  const isTaken = container?.mounts.some((m) => m.mountPath === mountPath) ?? true;
  if (container === undefined || isTaken) return advised('value', `${words} (as ${place(locus)})`);
  return edited(words, append(at(container.locus, 'volumeMounts'), { name, mountPath }));
}

const whereTo = (party: Party) => `${partyName(party)} (${place(party.containers[0]?.locus ?? party.pod.locus)})`;

function inTwoPods({ pod: a }: Party, { pod: b }: Party): readonly Fix[] {
  const apart = a.node !== b.node;
  const access = apart ? ', with the access mode ReadWriteMany since they are on two nodes' : '';
  const claim =
    a.namespace === b.namespace
      ? `mount one persistentVolumeClaim in both (${podsAt(a, b)})${access}`
      : `mount one nfs directory in both (${podsAt(a, b)}): a claim is for pods of its own namespace`;
  const together = 'or run both in one pod, with an emptyDir';
  return [advised('value', claim), advised('value', apart ? together : `${together}; or mount one hostPath of ${a.node}`)];
}

export const readOnly: Fixer = withEnds(({ from, to }) => {
  const nearest = nearlyWritable(sharedVolumes(from, to));
  if (nearest === null) return [];
  const { mount } = nearest;
  if (mount.readOnly)
    return [
      edited(`take readOnly away from the mount of ${mount.volume.name} (${place(mount.locus)})`, remove(at(mount.locus, 'readOnly'))),
    ];
  const { source, name, locus } = mount.volume;
  if ('readOnly' in source)
    return [edited(`take readOnly away from volume ${name} (${place(locus)})`, remove(at(locus, source.type, 'readOnly')))];
  return [advised('value', `share an emptyDir instead: what ${name} holds (${place(locus)}) is changed where it comes from`)];
});

/** Which fact, and the command that would supply it. */
export const missingFact: Fixer = withEnds(({ from, to }, { context: { question } }) => {
  if (question.over === 'network') return [];
  const unsaid = [from.pod, to.pod].find((p) => p.socketsUnknown);
  if (unsaid !== undefined)
    return [
      advised(
        'value',
        `state its containers and their volumeMounts (${place(unsaid.locus)}); in a cluster: kubectl -n ${unsaid.namespace} get pod ${unsaid.name} -o yaml`,
      ),
    ];
  const claims = sharedVolumes(from, to).flatMap(({ from: { mount } }) =>
    mount.volume.source.type === 'persistentVolumeClaim' ? [mount.volume.source.claimName] : [],
  );
  const [claim] = claims;
  if (claim === undefined)
    return [
      advised(
        'elsewhere',
        `ask what the driver gives each pod; in a claim that both mount (${podsAt(from.pod, to.pod)}) they share the files`,
      ),
    ];
  return [
    advised(
      'elsewhere',
      `look at its access modes: kubectl -n ${from.pod.namespace} get pvc ${claim} -o jsonpath='{.spec.accessModes}'; with ReadWriteMany both have the files, with ReadWriteOnce the second pod does not start on another node`,
    ),
  ];
});
