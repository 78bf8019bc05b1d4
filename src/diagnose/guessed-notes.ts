import { podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';
import { guessesOn } from './doubt.ts';

/** Notes on guesses for unmodelled parts of the cluster, and on the source of a packet that comes out of them. */
export function guessedNotes(context: Context, path: FlowPath): readonly Assumption[] {
  const { cluster } = context;
  const guesses = guessesOn(context, path);
  const notes = guesses.map(({ what }) => ({
    message: what,
    locus: cluster.cni.guess?.what === what ? cluster.cni.origin.locus : cluster.kubeProxy.origin.locus,
  }));
  const { guess, origin } = cluster.cni;
  const source = guess !== null && guesses.includes(guess) ? unmasqueraded(cluster, path) : null;
  if (guess === null || source === null) return notes;
  const message = `${formatAddress(source)} is taken to stay the packet's source: whether ${guess.name} masquerades it on its way there is not known`;
  return [...notes, { message, locus: origin.locus }];
}

/** The address of a pod that its packet still has where no pod is: on a node, or outside of the cluster. */
function unmasqueraded(cluster: Cluster, { forward }: FlowPath): IpAddress | null {
  const there = forward.hops.find(({ kind, role }) => role === 'gateway' || role === 'outside' || (role === 'node' && kind === 'socket'));
  return there !== undefined && podAt(cluster, there.packet.source) !== null ? there.packet.source : null;
}
