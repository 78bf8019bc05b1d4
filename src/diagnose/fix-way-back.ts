import { podAt } from '../k8s/address-index.ts';
import { key } from '../k8s/pod.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import { withCommands } from '../source/sentence.ts';
import type { Context } from './context.ts';
import { advised, type Fix } from './remedy.ts';
import type { Scene } from './scene.ts';

/** The route to a pod of its own that a node was found without: each has one, by its device. Null: it is no such pod's address. */
export function routeToOwnPod({ cluster, datapath }: Context, node: string, address: IpAddress): Fix | null {
  const pod = cluster.nodes.get(node)?.found == null ? null : podAt(cluster, address);
  if (pod === null || pod.node !== node) return null;
  for (const device of datapath.netns(node)?.devices.values() ?? []) {
    if (device.kind !== 'veth' || device.master !== null || device.peer?.netns.name !== key(pod)) continue;
    const command = `ip route add ${formatPrefix(hostPrefix(address))} dev ${device.name}`;
    return advised(
      'elsewhere',
      withCommands(`on ${node}: ${command}: the route to ${key(pod)}, which the CNI plugin writes for each pod, is not there`, command),
    );
  }
  return null;
}

/** A rule that asks whether the way back is the device that the packet came in by: that way is to be mended, and not the rule. Null: it is none. */
export function wayBackAsked({ context, facts, hops }: Scene<'FILTER_DROP' | 'FILTER_REJECT'>): readonly Fix[] | null {
  const hop = hops.findLast((h) => h.kind === 'filter');
  const step = hop?.kind === 'filter' ? hop.steps.at(-1) : undefined;
  if (hop === undefined || step?.rule.matches.some((m) => m.kind === 'rpfilter' && m.negated) !== true) return null;
  const { source } = hop.packet;
  const words = `the rule asks for a way back to ${formatAddress(source)} by the device that the packet came in by; on ${facts.netns}: ip route get ${formatAddress(source)} shows the one that there is`;
  return [routeToOwnPod(context, facts.netns, source) ?? advised('choice', words)];
}
