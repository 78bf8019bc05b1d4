import type { PolicyDirection } from '../datapath/policy-point.ts';
import { sharedBy } from '../k8s/address-index.ts';
import { type Cluster, cniOn } from '../k8s/cluster.ts';
import { nicAddresses, podIp, prefixesIn } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { foreignPoliciesOn } from '../k8s/policy/foreign.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily } from '../net/address.ts';
import { type Blocks, blockWith } from './blocks.ts';
import type { AskedPolicies, End } from './end.ts';
import { type Asked, labelTraits, numberOf, portTraits } from './traits.ts';

/** Who is asked about together: a workload, a pod without one, a node. */
export interface Group {
  readonly id: string;
  readonly kind: string;
  /** Null: it is in none. */
  readonly namespace: string | null;
  readonly name: string;
}

interface Member {
  readonly group: Group;
  /** A pod's name, or an address of a node. */
  readonly name: string;
}

/** Peers that no policy tells apart; one stands for all. */
export interface PeerClass {
  readonly end: End;
  /** The pods that may have the address. */
  readonly pods: readonly Pod[];
  /** Peers with the same ones are alike to the policies about the pod that is asked about. */
  readonly traits: string;
  readonly members: readonly Member[];
}

/** What is asked about, and what of its policies tells peers apart. */
export interface Asking {
  readonly pod: Pod;
  readonly direction: PolicyDirection;
  readonly family: IpFamily;
  readonly asked: Asked;
  readonly blocks: Blocks;
}

/** The pods with an address and a network of their own, without the one that is asked about. */
export function podClasses(cluster: Cluster, policing: AskedPolicies, asking: Asking): readonly PeerClass[] {
  const classes = new Classes();
  const other = asking.direction === 'ingress' ? 'egress' : 'ingress';
  for (const pod of [...cluster.podsByNode.values()].flat()) {
    const address = pod === asking.pod ? null : podIp(pod, asking.family);
    if (address === null) continue;
    const sharing = sharedBy(cluster, address);
    const traits = [
      pod.namespace,
      labelTraits(pod.labels, asking.asked.ofPods),
      asking.direction === 'egress' ? portTraits(pod) : '',
      blockTraits(asking, address),
      cluster.standIns.pods > 0 && pod.owner !== null,
      sharing.length > 0 ? formatAddress(address) : '',
      // What a node sends to its own pods always passes.
      asking.pod.hostNetwork && pod.node === asking.pod.node,
    ].join(' ');
    const about = [policing.concerning(pod, other), policing.selecting(pod, other), foreignPoliciesOn(cluster, pod, other)].map(
      (policies) => policies.map(numberOf).join(),
    );
    const pick = () => ({ end: { pod, address, node: null }, pods: sharing.length > 0 ? sharing : [pod], traits });
    classes.add([traits, ...about].join(' '), pick, { group: groupOf(pod), name: pod.name });
  }
  return classes.all();
}

/** Each address of each node; pods on their node's network are their node. */
export function nodeClasses(cluster: Cluster, asking: Asking): readonly PeerClass[] {
  const classes = new Classes();
  for (const node of cluster.nodes.values()) {
    const listed = node.addresses.flatMap((a) => (a.type === 'Hostname' ? [] : [a.address]));
    const group: Group = { id: `Node/${node.name}`, kind: 'Node', namespace: null, name: node.name };
    for (const address of addressesOf(cluster, node, asking.family)) {
      const traits = [
        'node',
        node.name === asking.pod.node,
        listed.includes(address),
        labelTraits(node.labels, asking.asked.ofNodes),
        blockTraits(asking, address),
      ].join(' ');
      const pick = () => ({ end: { pod: null, address, node: node.name }, pods: [], traits });
      classes.add(traits, pick, { group, name: formatAddress(address) });
    }
  }
  return classes.all();
}

function blockTraits({ blocks }: Asking, address: IpAddress): number | null {
  const block = blockWith(blocks, address);
  return block === undefined ? null : numberOf(block);
}

/** Those of its status and its NICs, and those that a plugin gives to its bridge or its tunnel. */
export function addressesOf(cluster: Cluster, node: Node, family: IpFamily): readonly IpAddress[] {
  const cni = cniOn(cluster, node.name);
  const all = [
    ...node.addresses.flatMap((a) => (a.type === 'Hostname' ? [] : [a.address])),
    ...nicAddresses(node),
    ...node.overrides.addresses.map((a) => a.address),
    ...prefixesIn(node.podCidrs, family).flatMap((range) => cni.reserved(range, node.podCidrs).map((r) => r.address)),
  ];
  return [...new Set(all)].filter((a) => familyOf(a) === family);
}

export function groupOf(pod: Pod): Group {
  const { kind, name } = pod.owner ?? { kind: 'Pod', name: pod.name };
  return { id: `${kind}/${key({ namespace: pod.namespace, name })}`, kind, namespace: pod.namespace, name };
}

class Classes {
  private readonly found = new Map<string, Omit<PeerClass, 'members'> & { readonly members: Member[] }>();

  add(alike: string, first: () => Omit<PeerClass, 'members'>, member: Member): void {
    const known = this.found.get(alike);
    if (known === undefined) this.found.set(alike, { ...first(), members: [member] });
    else known.members.push(member);
  }

  all(): readonly PeerClass[] {
    return [...this.found.values()];
  }
}
