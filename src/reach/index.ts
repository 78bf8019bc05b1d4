import type { PolicyDirection, PolicyRef } from '../datapath/policy-point.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp, podIp } from '../k8s/families.ts';
import type { Pod } from '../k8s/pod.ts';
import { foreignPoliciesOn } from '../k8s/policy/foreign.ts';
import type { ForeignPolicy } from '../k8s/policy/foreign-policy.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import { familyOf, type IpFamily } from '../net/address.ts';
import { formatPrefix, type Prefix } from '../net/prefix.ts';
import { answering } from './answer.ts';
import { type Blocks, blocksOf, partsOf } from './blocks.ts';
import type { AskedPolicies, End } from './end.ts';
import { outsideAddress } from './outside.ts';
import { type Asking, type Group, nodeClasses, type PeerClass, podClasses } from './peers.ts';
import type { PortsVerdict } from './ports.ts';
import { askedBy } from './traits.ts';
import { keyOf } from './verdict.ts';

/** What policies let reach a pod, and what they let it reach. Whether packets find their way is not asked. */
export interface PodReach {
  readonly pod: Pod;
  readonly cluster: Cluster;
  readonly ingress: DirectionReach;
  readonly egress: DirectionReach;
}

export interface DirectionReach {
  /** The policies that are about the pod, in the order of evaluation. */
  readonly selected: readonly PolicyRef[];
  /** Those that are about it, of kinds that the enforcer's version does not know. */
  readonly ignored: readonly PolicyRef[];
  /** Those that may be about it, of kinds that are not evaluated. */
  readonly unread: readonly ForeignPolicy[];
  readonly peers: readonly PeerReach[];
}

/** What is said between the pod and one peer, by ports. */
export type PeerReach = { readonly family: IpFamily; readonly rows: readonly PortsVerdict[] } & (
  | { readonly group: Group; readonly members: readonly string[] }
  /** Of these, the addresses that are outside of the cluster. */
  | { readonly cidrs: readonly Prefix[] }
);

const NOBODY: AskedPolicies = {
  enforcer: null,
  selecting: () => [],
  concerning: () => [],
  ignored: () => [],
  decide: () => {
    throw new Error('without policies there is nobody to ask');
  },
};

/** Of a pod that has an address. */
export function podReach(cluster: Cluster, pod: Pod): PodReach {
  const policing = policingOf(cluster) ?? NOBODY;
  const families = pod.ips.map(({ address }) => familyOf(address));
  const towards = (direction: PolicyDirection): DirectionReach => ({
    selected: policing.selecting(pod, direction),
    ignored: policing.ignored(pod, direction).flatMap((skip) => skip.policies),
    unread: foreignPoliciesOn(cluster, pod, direction),
    peers: families.flatMap((family) => peersIn(cluster, policing, pod, direction, family)),
  });
  return { pod, cluster, ingress: towards('ingress'), egress: towards('egress') };
}

function peersIn(cluster: Cluster, policing: AskedPolicies, pod: Pod, direction: PolicyDirection, family: IpFamily): readonly PeerReach[] {
  const own = ownEnd(cluster, pod, family);
  if (own === null) return [];
  const about = policing.enforcer === null ? [] : policing.concerning(pod, direction);
  const blocks = blocksOf(about, [direction], family);
  const asking: Asking = { pod, direction, family, asked: askedBy(about, direction), blocks };
  const ask = answering(cluster, policing, direction, own);
  const classes = [...podClasses(cluster, policing, asking), ...nodeClasses(cluster, asking)];
  return [...grouped(classes, family, ask), ...outside(cluster, blocks, family, ask)];
}

/** A pod on its node's network is its node. */
function ownEnd({ nodes }: Cluster, pod: Pod, family: IpFamily): End | null {
  const node = pod.hostNetwork && pod.node !== null ? nodes.get(pod.node) : undefined;
  const address = node === undefined ? podIp(pod, family) : nodeIp(node, family);
  return address === null ? null : { pod: pod.hostNetwork ? null : pod, address, node: pod.hostNetwork ? pod.node : null };
}

type Ask = (peer: PeerClass) => readonly PortsVerdict[];

/** Members of a group of which different things are said are told apart. */
function grouped(classes: readonly PeerClass[], family: IpFamily, ask: Ask): readonly PeerReach[] {
  const saidBefore = new Map<string, readonly PortsVerdict[]>();
  const groups = new Map<string, Map<readonly PortsVerdict[], { readonly group: Group; readonly members: string[] }>>();
  for (const peer of classes) {
    const asked = ask(peer);
    const text = asked.map(rowText).join('\n');
    const said = saidBefore.get(text) ?? asked;
    saidBefore.set(text, said);
    for (const { group, name } of peer.members) {
      const parts = groups.get(group.id) ?? new Map();
      groups.set(group.id, parts);
      const known = parts.get(said);
      if (known === undefined) parts.set(said, { group, members: [name] });
      else known.members.push(name);
    }
  }
  const inOrder = [...groups.values()]
    .flatMap((parts) =>
      [...parts].map(([said, { group, members }]) => ({ said, group, members: members.sort(compare), order: orderOf(group) })),
    )
    .sort((a, b) => compare(a.order, b.order));
  return inOrder.map(({ group, said, members }) => ({ family, group, members, rows: said }));
}

/** Pods before nodes, by namespace, kind and name. */
const orderOf = ({ kind, namespace, name }: Group): string => [namespace === null ? '1' : `0${namespace}`, kind, name].join('\n');

/** Not localeCompare: an order that no machine's language changes. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const rowText = (row: PortsVerdict): string => `${row.protocol} ${row.ports.map((p) => `${p.first}-${p.last}`).join()} ${keyOf(row)}`;

function outside(cluster: Cluster, blocks: Blocks, family: IpFamily, ask: Ask): readonly PeerReach[] {
  const byText = new Map<string, readonly PortsVerdict[]>();
  const byBlock = new Map<Prefix, string>();
  const parts = partsOf(blocks, (prefix, block) => {
    const address = outsideAddress(cluster, prefix);
    if (address === null) return null;
    const known = byBlock.get(block);
    if (known !== undefined) return known;
    const said = ask({ end: { pod: null, address, node: null }, pods: [], traits: `outside ${formatPrefix(block)}`, members: [] });
    const text = said.map(rowText).join('\n');
    byText.set(text, said);
    byBlock.set(block, text);
    return text;
  });
  return parts.map(({ said, prefixes }) => ({ family, cidrs: prefixes, rows: byText.get(said) ?? [] }));
}
