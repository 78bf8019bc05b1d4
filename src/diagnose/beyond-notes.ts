import { describeFailure } from '../hop/failure.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, isPrivate } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { Question } from '../query/question.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { walksOf } from './walks.ts';

/** Assumptions about a source beyond a machine, and about a machine of which only state is known. */
export function beyondNotes({ oneMachine, pods }: Cluster, { source }: Question, paths: readonly FlowPath[]): readonly string[] {
  const first = paths[0]?.forward.hops[0];
  const way = first?.kind === 'interface' ? first.device : null;
  const entry =
    source.enters === null && way !== null
      ? [`what ${source.name} sends is taken to come in by ${way} of ${source.node}, the way back to it: --in NODE/DEVICE says otherwise`]
      : [];
  if (oneMachine === null) return entry;
  const passed = new Set(paths.flatMap((p) => walksOf(p).flatMap(({ walk }) => walk.hops.map((h) => h.netns))));
  const stood = [...pods.values()].filter((p) => passed.has(`${p.namespace}/${p.name}`));
  const inside = stood.map((p) => `${p.name} stands for whatever is behind its device: that it takes and answers packets is not known`);
  return [...oneMachine.assumed, ...entry, ...inside, ...new Set(paths.flatMap((path) => [...untranslated(path), ...answerOf(path)]))];
}

/** A private source for a public destination, which the link that the packet leaves by does not have: nothing there leads back to it. */
function untranslated({ forward: { end, hops, netns, packet } }: FlowPath): readonly string[] {
  const { source, destination } = packet;
  if (end.kind !== 'exits' || !isPrivate(source) || isPrivate(destination)) return [];
  const out = hops.findLast((h) => h.kind === 'interface');
  const device = netns.devices.get(out?.device ?? '');
  if (device === undefined || device.addresses.some(({ prefix }) => contains(prefix, source))) return [];
  const from = formatAddress(source);
  return [
    `it leaves by ${device.name} with the private source ${from}, which ${netns.name} does not translate: no answer comes back unless a machine beyond translates it or has a route to it`,
  ];
}

/**
 * Assumption about the answer to a packet that leaves: it is walked from the device by which it should come in, and it is not known that it
 * does.
 */
function answerOf({ forward, reply }: FlowPath): readonly string[] {
  const [first] = reply?.hops ?? [];
  if (forward.end.kind !== 'exits' || reply === null || first?.kind !== 'interface' || first.direction !== 'in') return [];
  const taken = `the answer, if there is one, is taken to come in by ${first.device} of ${first.netns}`;
  const { end } = reply;
  return end.kind === 'undetermined' ? [`${taken}, and what becomes of it there is not known: ${describeFailure(end.failure)}`] : [taken];
}
